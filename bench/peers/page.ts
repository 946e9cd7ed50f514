/** What the page in Chromium runs; see chromium.ts. Paths are those of its server. */
import type { Comparison } from './compare.js';
import { compareEngines, type LiteRt, type OnnxRuntime } from './engines.js';

/** A subject whose bytes are files. */
export interface Served {
  readonly folder: string;
  readonly module: string;
  readonly type: 'int8' | 'uint8';
  readonly shape: readonly number[];
  readonly onnxShape: readonly number[];
}

/** Outputs as lists, which JSON can carry. */
export interface Report {
  readonly times: Comparison['times'];
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

export async function measure({ folder, module, type, shape, onnxShape }: Served): Promise<Report> {
  const file = (name: string) => fetchBytes(`${folder}/${name}`);
  const onnxRuntime: OnnxRuntime = await import(`${'/peers/onnxruntime-web/dist/ort.wasm.min.mjs'}`);
  onnxRuntime.env.wasm.numThreads = 1;
  const liteRt = await loadLiteRt();
  const { times, outputs } = await compareEngines(
    { liteRt, onnxRuntime },
    {
      module: `${folder}/${module}`,
      type,
      shape,
      tflite: await file('model.tflite'),
      input: await file('input.bin'),
      onnx: { model: await file('model.onnx'), input: await file('onnx-input.bin'), shape: onnxShape },
    },
  );
  const lists = Object.entries(outputs).map(([name, bytes]) => [name, [...bytes]] as const);
  return { times, outputs: Object.fromEntries(lists) };
}

/** LiteRT.js, ready to compile models. */
export async function loadLiteRt(): Promise<LiteRt> {
  const liteRt: LiteRt = await import(`${'/peers/@litertjs/core/dist/index-int8.js'}`);
  await liteRt.loadLiteRt('/peers/@litertjs/core/wasm/');
  return liteRt;
}

export async function fetchBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}
