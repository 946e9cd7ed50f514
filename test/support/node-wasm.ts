import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { emitWasm } from '../../codegen/wasm/index.js';
import type { TypedArray } from '../../src/graph/tensor.js';
import type { Plan } from '../../src/plan/plan.js';
import type { Folders } from './artifacts.js';

/** A loaded model, whatever its shapes. */
export interface WasmModel {
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
  readonly input: TypedArray;
  readonly output: TypedArray;
  run(): unknown;
  reset(): void;
  /** Of models that are fed. */
  pushRows(rows: TypedArray): unknown;
  /** Of models on a stream. */
  pushFrames(frames: TypedArray): unknown;
  runStep(step: number): readonly TypedArray[];
  quantize(values: ArrayLike<number>, index?: number): void;
  dequantize(index?: number): Float32Array;
}

/** The ES module that is generated for a model. */
export interface WasmBindings {
  readonly steps: readonly { readonly name: string; readonly operator: string }[];
  load(source?: unknown): Promise<WasmModel>;
  /** Where there is a second module, with relaxed SIMD. */
  runsRelaxed?(): boolean;
}

/** Builds a model and imports its module from the disk, as a user does. */
export async function importWasm(plan: Plan, folders: Folders, trace = false): Promise<WasmBindings> {
  const folder = folders.write(await emitWasm(plan, { trace }));
  return import(pathToFileURL(join(folder, `${plan.prefix}.js`)).href);
}

/** Instances of each of a model's modules that this engine runs to the bit. */
export async function loadAll(plan: Plan, folders: Folders): Promise<WasmModel[]> {
  const folder = folders.write(await emitWasm(plan));
  const urlOf = (file: string) => pathToFileURL(join(folder, file));
  const { load, runsRelaxed }: WasmBindings = await import(urlOf(`${plan.prefix}.js`).href);
  const base = await load(urlOf(`${plan.prefix}.wasm`));
  return runsRelaxed?.() ? [base, await load()] : [base];
}

/** The bytes of all outputs of a run, one after the other. */
export function runWasm(model: WasmModel, inputs: readonly Uint8Array[]): Buffer {
  inputs.forEach((bytes, i) => {
    viewBytes(model.inputs[i]!).set(bytes);
  });
  model.run();
  return Buffer.concat(model.outputs.map(viewBytes));
}

function viewBytes(view: TypedArray): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
