/**
 * Other engines for float networks, as packages publish them: onnxruntime-web for ONNX, LiteRT.js for TFLite. (@tensorflow/tfjs-tflite, LiteRT.js'
 * forerunner, was left at an alpha version of 2023 and runs in browsers alone.) One thread each, in this process.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import * as ort from 'onnxruntime-web';

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Runs an ONNX model on its inputs, by name; its outputs, integers as numbers. */
export async function onnxRuntime(
  model: Uint8Array,
  inputs: Readonly<Record<string, FloatTensor>>,
): Promise<Readonly<Record<string, FloatTensor>>> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const feeds = Object.entries(inputs).map(([name, { shape, data }]) => [
    name,
    new ort.Tensor('float32', data, [...shape]),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  const outputs = Object.entries(results).map(([name, { dims, data }]) => [
    name,
    { shape: dims, data: Float32Array.from(data as ArrayLike<number | bigint>, Number) },
  ]);
  await session.release();
  return Object.fromEntries(outputs);
}

interface LiteRtTensor {
  data(): Promise<Float32Array>;
  delete(): void;
}

/** Of @litertjs/core, as far as it is used. */
interface LiteRt {
  loadLiteRt(path: string): Promise<unknown>;
  loadAndCompile(
    model: Uint8Array,
    options: { readonly accelerator: 'wasm' },
  ): Promise<{ run(inputs: readonly LiteRtTensor[]): Promise<LiteRtTensor[]>; delete(): void }>;
  readonly Tensor: new (data: Float32Array, shape: readonly number[]) => LiteRtTensor;
}

let liteRt: Promise<LiteRt> | undefined;

/** LiteRT.js expects a browser's worker: what it asks for is put around it once. */
async function loadLiteRt(): Promise<LiteRt> {
  const require = createRequire(import.meta.url);
  const core = require.resolve('@litertjs/core');
  const wasm = join(dirname(core), '../wasm');
  const importScripts = (path: string) => vm.runInThisContext(readFileSync(path, 'utf8'), { filename: path });
  Object.assign(globalThis, { self: globalThis, require, __dirname: wasm, importScripts });
  const loaded: LiteRt = await import(core);
  await loaded.loadLiteRt(`${wasm}/`);
  return loaded;
}

/** The file with every open batch -1 closed to 1, as LiteRT.js wants it: shapes of these sizes, as vectors of int32. */
function withBatch(model: Uint8Array, shapes: readonly (readonly number[])[]): Uint8Array {
  const file = Buffer.from(model);
  for (const [batch, ...sizes] of shapes) {
    const open = Buffer.from(Int32Array.from([-1, ...sizes]).buffer);
    for (let at = file.indexOf(open); at >= 0; at = file.indexOf(open, at + 4)) file.writeInt32LE(batch!, at);
  }
  return Uint8Array.from(file);
}

/** Runs a TFLite model on its inputs in their order; its outputs in theirs. */
export async function liteRuntime(
  model: Uint8Array,
  inputs: readonly FloatTensor[],
): Promise<readonly Float32Array[]> {
  liteRt ??= loadLiteRt();
  const engine = await liteRt;
  const file = withBatch(
    model,
    inputs.map(({ shape }) => shape),
  );
  const compiled = await engine.loadAndCompile(file, { accelerator: 'wasm' });
  const tensors = inputs.map(({ shape, data }) => new engine.Tensor(data, shape));
  const results = await compiled.run(tensors);
  const outputs = await Promise.all(results.map((tensor) => tensor.data()));
  for (const tensor of [...tensors, ...results]) tensor.delete();
  compiled.delete();
  return outputs;
}
