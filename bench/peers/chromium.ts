/** Measures in headless Chromium what engines.ts does: serves the same code, transpiled, and the model's files to a page. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { runInChromium } from '../../test/support/chromium.js';
import type { Comparison } from './compare.js';
import type { Subject } from './engines.js';
import { int8LiteRt, PEER_MODULES } from './node.js';
import type { Report, Served } from './page.js';

const MODULES = ['compare', 'engines', 'page', 'cold-start'];
/** Bare names that the peers import. */
export const IMPORTS = {
  '@litertjs/wasm-utils': '/peers/@litertjs/wasm-utils/dist/index.js',
};

export const NOT_THERE = 'skipped: Chromium, which is not on PATH (Debian: apt install chromium)';

/**
 * @param folder of the generated module, to which the other files are added
 * @param module name of the ES module in it
 */
export async function compareInChromium(
  { tflite, input, type, shape, onnx }: Subject,
  folder: string,
  module: string,
): Promise<Comparison> {
  const files = {
    'model.tflite': tflite,
    'model.onnx': onnx.model,
    'input.bin': input,
    'onnx-input.bin': onnx.input,
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const mounts = mountsOf(folder);
  const served: Served = { folder: '/model', module, type, shape, onnxShape: onnx.shape };
  const script = `const { measure } = await import('/model/bench/page.js'); return measure(${JSON.stringify(served)});`;
  const report = await runInChromium<Report>(mounts, script, { seconds: 300, imports: IMPORTS });
  const outputs = Object.entries(report.outputs).map(
    ([name, codes]) => [name, Uint8Array.from(codes)] as const,
  );
  return { times: report.times, outputs: Object.fromEntries(outputs) };
}

/** What a page is served: the folder of the model as `model`, with the bench's own modules in `model/bench`, and the peers as `peers`. */
export function mountsOf(folder: string): Readonly<Record<string, string>> {
  const code = join(folder, 'bench');
  mkdirSync(code, { recursive: true });
  for (const name of MODULES) writeFileSync(join(code, `${name}.js`), transpiled(name));
  int8LiteRt();
  return { model: folder, peers: PEER_MODULES };
}

function transpiled(name: string): string {
  const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
