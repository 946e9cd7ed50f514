import type { Artifact } from '../../src/plan/artifact.js';
import type { Plan } from '../../src/plan/plan.js';
import type { EmitOptions } from '../options.js';
import { fileHeader } from '../text.js';
import { bindingsText } from './bindings.js';
import { type Interface, interfaceOf } from './descriptors.js';
import { layoutOf } from './layout.js';
import { loaderText } from './loader.js';
import { buildModules, type Modules, moduleFile } from './modules.js';
import { typingsText } from './typings.js';

export { wasmText } from './check.js';

/** A compiled model: what it looks like from outside, its modules, and files of both that every build has. */
export interface WasmModel {
  readonly model: Interface;
  readonly modules: Modules;
  readonly files: Artifact;
}

/**
 * Compiles a plan to a WebAssembly module with SIMD128 and without imports, and writes the ES module around it:
 * `<prefix>.wasm`, `<prefix>.js`, `<prefix>.model.js`, `<prefix>.d.ts`. Where a kernel is faster with relaxed SIMD there is a second
 * module, `<prefix>.relaxed.wasm`, with the same memory.
 *
 * @param options `trace` adds `run_step` to the module, `steps` and `runStep` to the bindings
 * @throws BitloomError BL402 where AssemblyScript refuses a kernel
 */
export async function compileModel(plan: Plan, options: EmitOptions = {}): Promise<WasmModel> {
  const { prefix } = plan;
  const layout = layoutOf(plan);
  const model = interfaceOf(plan, layout, options.trace === true);
  const modules = await buildModules(plan, layout, model, options);
  const files = new Map([
    [moduleFile(prefix), modules.main],
    ...modules.others.map(({ form, bytes }) => [moduleFile(prefix, form), bytes] as const),
    [`${prefix}.js`, generated(plan, loaderText(model, modules), options)],
    [`${prefix}.model.js`, generated(plan, bindingsText(model, modules), options)],
    [`${prefix}.d.ts`, generated(plan, typingsText(model, modules), options)],
  ]);
  return { model, modules, files };
}

/** A source file below its header. */
export function generated(plan: Plan, text: string, options: EmitOptions = {}): Uint8Array {
  return encode(`${fileHeader(plan, `Model '${plan.prefix}'`, options)}\n${text}`);
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The model as an ES module in a folder: what `compileModel` makes, and that it is ES modules. */
export async function emitWasm(plan: Plan, options: EmitOptions = {}): Promise<Artifact> {
  const { files } = await compileModel(plan, options);
  return new Map([...files, ['package.json', encode('{ "type": "module" }\n')]]);
}
