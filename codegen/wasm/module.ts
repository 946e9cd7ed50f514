import { checkModule, type VectorFeatures } from './check.js';
import { compileAssemblyScript } from './compile.js';
import { type LinkInput, link } from './link.js';
import { scalarEntry } from './scalar/entry.js';

/**
 * Compiles a program, adds its constants and checks the module.
 * @param input.end where asc's own data begin
 * @throws BitloomError BL402 where AssemblyScript refuses a kernel
 */
export async function buildModule(
  entry: string,
  input: LinkInput,
  vectors: VectorFeatures,
): Promise<Uint8Array> {
  const wasm = vectors === 'none' ? await scalar(entry, input) : await vectorized(entry, input, vectors);
  await checkModule(wasm, vectors);
  return wasm;
}

async function vectorized(entry: string, input: LinkInput, vectors: 'simd' | 'relaxed'): Promise<Uint8Array> {
  return link(await compileAssemblyScript(entry, input.end, vectors === 'relaxed'), input);
}

async function scalar(entry: string, input: LinkInput): Promise<Uint8Array> {
  const compiled = await compileAssemblyScript(scalarEntry(entry), input.end);
  // Binaryen takes a second to load, which only builds of such modules should take.
  const { lowered } = await import('./scalar/lower.js');
  const { wasm, end } = lowered(compiled, input.exports);
  return link(wasm, { ...input, end });
}
