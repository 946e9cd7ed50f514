import type { Artifact } from '../../src/plan/artifact.js';
import type { Plan } from '../../src/plan/plan.js';
import type { EmitOptions } from '../options.js';
import { fileHeader } from '../text.js';
import { bindingsText } from './bindings.js';
import { checkModule } from './check.js';
import { constantSegments } from './compact.js';
import { compileAssemblyScript } from './compile.js';
import { interfaceOf } from './descriptors.js';
import { entryText } from './entry.js';
import { feedExportNames } from './feed.js';
import { layoutOf } from './layout.js';
import { link } from './link.js';
import { typingsText } from './typings.js';

export { wasmText } from './check.js';

/**
 * Compiles a plan to a WebAssembly module with SIMD128 and without imports, and writes the ES module around it:
 * `<prefix>.wasm`, `<prefix>.js`, `<prefix>.d.ts` and a `package.json`. Where a kernel is faster with relaxed SIMD there is a second
 * module, `<prefix>.relaxed.wasm`, with the same memory.
 *
 * @param options `trace` adds `run_step` to the module, `steps` and `runStep` to the bindings
 * @throws BitloomError BL402 where AssemblyScript refuses a kernel
 */
export async function emitWasm(plan: Plan, options: EmitOptions = {}): Promise<Artifact> {
  const { prefix } = plan;
  const layout = layoutOf(plan);
  const model = interfaceOf(plan, layout, options.trace === true);
  const entry = entryText(plan, layout, options);
  const exports = new Set([
    'memory',
    ...(model.feed ? feedExportNames(model.feed) : ['run']),
    ...(model.hasStates ? ['reset'] : []),
    ...(model.steps ? ['run_step'] : []),
  ]);
  const constants = constantSegments(plan, layout);
  const build = async (relaxed: boolean): Promise<Uint8Array> => {
    const compiled = await compileAssemblyScript(entry, layout.end, relaxed);
    const wasm = link(compiled, { constants, exports, end: layout.end });
    await checkModule(wasm, relaxed);
    return wasm;
  };
  const modules = new Map([[`${prefix}.wasm`, await build(false)]]);
  if (model.relaxed) modules.set(`${prefix}.relaxed.wasm`, await build(true));
  const header = fileHeader(plan, `Model '${prefix}'`, options);
  const encoder = new TextEncoder();
  return new Map([
    ...modules,
    [`${prefix}.js`, encoder.encode(`${header}\n${bindingsText(model)}`)],
    [`${prefix}.d.ts`, encoder.encode(`${header}\n${typingsText(model)}`)],
    ['package.json', encoder.encode(packageText(prefix, [...modules.keys()]))],
  ]);
}

function packageText(prefix: string, modules: readonly string[]): string {
  const files = [...modules, `${prefix}.js`, `${prefix}.d.ts`];
  const description = {
    name: prefix.toLowerCase(),
    version: '0.0.0',
    private: true,
    type: 'module',
    sideEffects: false,
    exports: {
      '.': { types: `./${prefix}.d.ts`, default: `./${prefix}.js` },
      ...Object.fromEntries(modules.map((file) => [`./${file}`, `./${file}`])),
    },
    files,
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
