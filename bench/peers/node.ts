/** Loads the peers in plain Node, which LiteRT.js does not support by itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { type Engines, type LiteRt, type OnnxRuntime, withInt8Tensors } from './engines.js';

/** Where the bench installs them. */
export const PEER_MODULES = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');

/** The copy of LiteRT.js that takes int8 tensors; beside the original, as it imports by relative paths. */
export function int8LiteRt(): string {
  const folder = join(PEER_MODULES, '@litertjs/core/dist');
  const path = join(folder, 'index-int8.js');
  writeFileSync(path, withInt8Tensors(readFileSync(join(folder, 'index.js'), 'utf8')));
  return path;
}

/** Loads both once. */
export async function loadEngines(): Promise<Engines> {
  const onnxRuntime: OnnxRuntime = await import(
    pathToFileURL(join(PEER_MODULES, 'onnxruntime-web/dist/ort.node.min.mjs')).href
  );
  onnxRuntime.env.wasm.numThreads = 1;
  const wasm = join(PEER_MODULES, '@litertjs/core/wasm');
  Object.assign(globalThis, {
    self: globalThis,
    require: createRequire(import.meta.url),
    __dirname: wasm,
    importScripts: (path: string) => vm.runInThisContext(readFileSync(path, 'utf8'), { filename: path }),
  });
  const liteRt: LiteRt = await import(pathToFileURL(int8LiteRt()).href);
  await liteRt.loadLiteRt(`${wasm}/`);
  return { liteRt, onnxRuntime };
}
