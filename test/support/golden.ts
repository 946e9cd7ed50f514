import { createHash } from 'node:crypto';
import type { Graph } from '../../src/graph/graph.js';
import { tensorAt } from '../../src/graph/graph.js';
import { fromBytes, type TypedArray } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { readShared } from './shared.js';

/** One recorded run of TFLite Micro's reference kernels. */
export interface GoldenCase {
  readonly source: string;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

export interface GoldenModel {
  readonly name: string;
  readonly cases: readonly GoldenCase[];
}

interface Manifest {
  readonly models: Readonly<
    Record<
      string,
      {
        readonly cases: readonly {
          readonly source: string;
          readonly input: string;
          readonly input_sha256: string;
          readonly output: string;
          readonly output_sha256: string;
        }[];
      }
    >
  >;
}

/** Those of MLPerf Tiny, on which more than one compiler is tested. */
export const COMPILED_BY_ALL = ['kws', 'vww', 'ic', 'ad'];

/** The models of ../shared/models/golden with their cases; contents are checked against their hashes. */
export function goldenModels(): GoldenModel[] {
  const manifest = JSON.parse(Buffer.from(readShared('models/golden/manifest.json')).toString()) as Manifest;
  return Object.entries(manifest.models).map(([name, { cases }]) => ({
    name,
    cases: cases.map((entry) => ({
      source: entry.source,
      input: readChecked(entry.input, entry.input_sha256),
      output: readChecked(entry.output, entry.output_sha256),
    })),
  }));
}

function readChecked(file: string, sha256: string): Uint8Array {
  const bytes = readShared(`models/golden/${file}`);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) throw new Error(`${file} has SHA-256 ${actual}, not ${sha256}`);
  return bytes;
}

/** A model of ../shared/models/tflite by its name. */
export function sharedGraph(name: string): Graph {
  return importTflite(readShared(`models/tflite/${name}.tflite`), name);
}

/** The bytes of all inputs, one after the other, as one array an input. */
export function inputsFrom(graph: Graph, bytes: Uint8Array): TypedArray[] {
  let at = 0;
  return graph.inputs.map((id) => {
    const tensor = tensorAt(graph, id);
    const all = fromBytes(tensor.format.type, bytes.subarray(at));
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    const input = all.slice(0, count);
    at += input.byteLength;
    return input;
  });
}
