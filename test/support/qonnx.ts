/** Small QONNX networks written by hand, and what tests ask of their import. */
import assert from 'node:assert/strict';
import { BitloomError, type DiagnosticCode } from '../../src/graph/diagnostics.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { readOnnx } from '../../src/import/onnx/file.js';
import { importOnnx } from '../../src/import/onnx/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { type ModelSketch, type NodeSketch, type TensorSketch, writeOnnx } from './onnx.js';
import { floatModel } from './onnx-float.js';

const BREVITAS = 'onnx.brevitas';
export const one = (value: number): TensorSketch => ({ type: 'float', shape: [], data: [value] });
export const list = (shape: readonly number[], data: readonly number[]): TensorSketch => ({
  type: 'float',
  shape,
  data,
});

/** Constants that the nodes below name. */
const CONSTANTS = {
  one: one(1),
  half: one(0.5),
  tenth: one(0.1),
  zero: one(0),
  two: one(2),
  four: one(4),
  eight: one(8),
  nine: one(9),
  w: list([3, 2], [1, -0.4, 0.3, 1, 1, 0.9]),
  each: list([1, 3], [0.7, -1.3, 0.2]),
  scales: list([3, 1], [0.5, 0.25, 1]),
} as const;

export type Quantizer = {
  readonly bits?: string;
  readonly attributes?: NodeSketch['attributes'];
  readonly scale?: string;
};

export const quant = (
  from: string,
  to: string,
  { bits = 'two', attributes = {}, scale = 'half' }: Quantizer = {},
): NodeSketch => ({
  op: 'Quant',
  domain: BREVITAS,
  inputs: [from, scale, 'zero', bits],
  outputs: [to],
  attributes: { signed: 1, narrow: 1, rounding_mode: 'ROUND', ...attributes },
});
export const node = (
  op: string,
  inputs: readonly string[],
  to: string,
  attributes: NodeSketch['attributes'] = {},
): NodeSketch => ({
  op,
  inputs,
  outputs: [to],
  attributes,
});

/** x [1, 2], quantized as `q`, times the weights `v` [2, 3] gives `sum`. */
export const LAYER: readonly NodeSketch[] = [
  quant('x', 'q'),
  { op: 'BipolarQuant', domain: BREVITAS, inputs: ['w', 'one'], outputs: ['signs'] },
  node('Transpose', ['signs'], 'v', { perm: [1, 0] }),
  node('MatMul', ['q', 'v'], 'sum'),
];

export function fileOf(
  nodes: readonly NodeSketch[],
  output = 'y',
  more: Readonly<Record<string, TensorSketch>> = {},
  inputs: ModelSketch['inputs'] = { x: { type: 'float', shape: [1, 2] } },
): Uint8Array {
  return writeOnnx({
    nodes,
    constants: { ...CONSTANTS, ...more },
    inputs,
    outputs: { [output]: { type: 'float', shape: [1, 3] } },
  });
}

export const kindsOf = ({ nodes }: Graph) => nodes.map(({ kind }) => kind);
export const formatOf = (graph: Graph, kind: string) =>
  tensorAt(graph, graph.nodes.find((candidate) => candidate.kind === kind)!.outputs[0]).format;

/** Graph and float evaluation give the same on a grid of inputs. */
export function agrees(file: Uint8Array, offset = 0): Graph {
  const graph = importOnnx(file, 'model');
  const model = readOnnx(file, 'model');
  const run = floatModel(model);
  const { scales, type } = tensorAt(graph, graph.outputs[0]).format;
  for (const a of [-3, -1, -0.26, -0.25, 0, 0.1, 0.25, 0.75, 2]) {
    for (const b of [-2, -0.3, 0, 0.2, 1]) {
      const data = Float32Array.of(a, b);
      const wanted = run([{ shape: [1, 2], data: Float64Array.from(data) }]).get(
        model.outputs[0]!.name,
      )!.data;
      const codes = Array.from(evaluate(graph, [data])[graph.outputs[0]!]!, Number);
      const reals = type === 'float32' ? codes : codes.map((code) => Math.fround(scales[0]! * code + offset));
      // Signs of zeros aside.
      assert.deepEqual(
        reals,
        [...wanted].map((real) => real + 0),
        `${a}, ${b}`,
      );
    }
  }
  return graph;
}

/** Asserts that the import ends in a message of this code that says these words and names a way out. */
export function rejects(
  nodes: readonly NodeSketch[],
  code: DiagnosticCode,
  words: RegExp,
  more: Readonly<Record<string, TensorSketch>> = {},
): void {
  assert.throws(
    () => importOnnx(fileOf(nodes, 'y', more), 'model'),
    (error) => {
      assert.ok(error instanceof BitloomError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.match(error.message, /\. [A-Z].{10,}$/, 'names no way out');
      return true;
    },
  );
}
