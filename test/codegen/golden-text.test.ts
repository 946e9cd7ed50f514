import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emitC } from '../../codegen/c/index.js';
import { bindingsText } from '../../codegen/wasm/bindings.js';
import { interfaceOf } from '../../codegen/wasm/descriptors.js';
import { entryText } from '../../codegen/wasm/entry.js';
import { layoutOf } from '../../codegen/wasm/layout.js';
import { inlineText, loaderText } from '../../codegen/wasm/loader.js';
import { inlineTypingsText, typingsText } from '../../codegen/wasm/typings.js';
import { VERSION } from '../../src/package/version.js';
import { planFor, text } from '../support/artifacts.js';
import { twoLayers } from '../support/small-models.js';

const FOLDER = new URL('../golden/two_layers/', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDEN === '1';

/** What is generated for two layers, except for the kernels, which are files of the project. */
function generated(): Map<string, string> {
  const artifact = emitC(planFor(twoLayers(), 'nucleo-f446re', 'two_layers'));
  const c = [...artifact.keys()].filter((path) => !path.startsWith('kernels/'));
  const plan = planFor(twoLayers(), 'web', 'two_layers');
  const layout = layoutOf(plan);
  const model = interfaceOf(plan, layout, false);
  const relaxed = { form: 'relaxed', bytes: Uint8Array.of(4, 5, 6, 7), isWhole: false } as const;
  const modules = { main: Uint8Array.of(1, 2, 3), dataAt: 2, others: [relaxed] };
  return new Map([
    ...c.map((path) => [path, text(artifact, path)] as const),
    ['assemblyscript.txt', entryText(plan, layout, {})],
    ['two_layers.js', loaderText(model, modules)],
    ['two_layers.model.js', bindingsText(model, modules)],
    ['two_layers.inline.js', inlineText(model, modules)],
    ['two_layers.inline.d.ts', inlineTypingsText(model)],
    ['two_layers.d.ts', typingsText(model, modules)],
  ]);
}

// Read the difference like code, then take it over with UPDATE_GOLDEN=1.
describe('the text generated for two layers', () => {
  for (const [name, content] of generated()) {
    it(`is ${name} as reviewed`, () => {
      const file = fileURLToPath(new URL(name, FOLDER));
      const actual = content.replaceAll(`Bitloom ${VERSION}`, 'Bitloom <version>');
      if (UPDATE) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, actual);
      }
      assert.equal(actual, readFileSync(file, 'utf8'));
    });
  }
});
