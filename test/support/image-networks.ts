import { writeTflite } from '../../src/export/tflite/writer.js';
import type { Graph } from '../../src/graph/graph.js';
import { type TypedArray, toBytes } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { randomImageModel, randomInputs } from './random-model.js';

const RUNS = [0, 4];

/** A random branching network on images, inputs, and the bytes of its outputs. */
export interface ImageNetwork {
  readonly seed: number;
  readonly graph: Graph;
  readonly inputs: readonly (readonly TypedArray[])[];
  readonly outputs: readonly Uint8Array[];
}

export function imageNetwork(seed: number): ImageNetwork {
  const model = randomImageModel(seed, 3 + (seed % 8));
  const graph = optimize(importTflite(writeTflite(model), `images_${seed}.tflite`), evaluate);
  const inputs = RUNS.map((run) => randomInputs(model, seed * 5 + run));
  return { seed, graph, inputs, outputs: inputs.map((input) => outputBytes(graph, input)) };
}

/** What the oracle says. */
export function outputBytes(graph: Graph, input: readonly TypedArray[]): Uint8Array {
  const tensors = evaluate(graph, input);
  return Buffer.concat(graph.outputs.map((id) => toBytes(tensors[id]!)));
}
