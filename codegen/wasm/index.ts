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
import { layoutOf } from './layout.js';
import { link } from './link.js';
import { typingsText } from './typings.js';

export { wasmText } from './check.js';

/**
 * Compiles a plan to a WebAssembly module with SIMD128 and without imports, and writes the ES module around it:
 * `<prefix>.wasm`, `<prefix>.js`, `<prefix>.d.ts` and a `package.json`.
 *
 * @param options `trace` adds `run_step` to the module, `steps` and `runStep` to the bindings
 * @throws BitloomError BL402 where AssemblyScript refuses a kernel
 */
export async function emitWasm(plan: Plan, options: EmitOptions = {}): Promise<Artifact> {
  const { prefix } = plan;
  const layout = layoutOf(plan);
  const model = interfaceOf(plan, layout, options.trace === true);
  const compiled = await compileAssemblyScript(entryText(plan, layout, options), layout.end);
  const exports = [
    'memory',
    'run',
    ...(model.hasStates ? ['reset'] : []),
    ...(model.steps ? ['run_step'] : []),
  ];
  const constants = constantSegments(plan, layout);
  const wasm = link(compiled, { constants, exports: new Set(exports), end: layout.end });
  await checkModule(wasm);
  const header = fileHeader(plan, `Model '${prefix}'`, options);
  const encoder = new TextEncoder();
  return new Map([
    [`${prefix}.wasm`, wasm],
    [`${prefix}.js`, encoder.encode(`${header}\n${bindingsText(model)}`)],
    [`${prefix}.d.ts`, encoder.encode(`${header}\n${typingsText(model)}`)],
    ['package.json', encoder.encode(packageText(prefix))],
  ]);
}

function packageText(prefix: string): string {
  const files = [`${prefix}.wasm`, `${prefix}.js`, `${prefix}.d.ts`];
  const description = {
    name: prefix.toLowerCase(),
    version: '0.0.0',
    private: true,
    type: 'module',
    sideEffects: false,
    exports: {
      '.': { types: `./${prefix}.d.ts`, default: `./${prefix}.js` },
      [`./${prefix}.wasm`]: `./${prefix}.wasm`,
    },
    files,
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
