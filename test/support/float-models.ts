/** ONNX models of float32, and what Bitloom's oracle makes of them in the file's order of elements. */
import type { Graph } from '../../src/graph/graph.js';
import { elementCount, type TypedArray } from '../../src/graph/tensor.js';
import { importOnnx } from '../../src/import/onnx/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { type FloatTensor, onnxRuntime } from './float-engines.js';
import {
  type AttributeSketch,
  type ModelSketch,
  type NodeSketch,
  type TensorSketch,
  writeOnnx,
} from './onnx.js';

/** Numbers from -`reach` to `reach` that follow no pattern, the same for each seed. */
export function numbers(shape: readonly number[], seed: number, reach = 2): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: elementCount(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return reach * (state / 2 ** 31 - 1);
  });
}

/** A constant of such numbers. */
export function weights(shape: readonly number[], seed: number, reach = 1): TensorSketch {
  return { type: 'float', shape, data: [...numbers(shape, seed, reach)] };
}

export function integers(...values: number[]): TensorSketch {
  return { type: 'int64', shape: [values.length], data: values };
}

/** A model of nodes in a row, each reading the one before as its first input (or where `x` stands) and constants. */
export interface Row {
  readonly shape: readonly number[];
  readonly nodes: readonly {
    readonly op: string;
    readonly domain?: string;
    readonly attributes?: Readonly<Record<string, AttributeSketch>>;
    /** 'x' is the value before, 'input' the model's input, null an absent one. */
    readonly inputs?: readonly (TensorSketch | 'x' | 'input' | null)[];
    readonly outputs?: number;
  }[];
  readonly opset?: number;
}

export function modelOf({ shape, nodes, opset }: Row): ModelSketch {
  const constants: Record<string, TensorSketch> = {};
  const made = nodes.map(({ op, domain, attributes, inputs = ['x'], outputs = 1 }, n): NodeSketch => {
    const named = inputs.map((input, i) => {
      if (input === null) return '';
      if (input === 'input' || (input === 'x' && n === 0)) return 'input';
      if (input === 'x') return `value ${n - 1}`;
      constants[`constant ${n} ${i}`] = input;
      return `constant ${n} ${i}`;
    });
    const results = Array.from({ length: outputs }, (_, i) =>
      i === 0 ? `value ${n}` : `value ${n} part ${i}`,
    );
    return {
      op,
      inputs: named,
      outputs: results,
      ...(domain && { domain }),
      ...(attributes && { attributes }),
    };
  });
  const last = made.at(-1)!;
  const type = last.op === 'ArgMax' ? 'int64' : 'float';
  return {
    nodes: made,
    constants,
    inputs: { input: { type: 'float', shape } },
    outputs: Object.fromEntries(last.outputs.map((name) => [name, { type }])),
    ...(opset !== undefined && { opset }),
  };
}

/** Elements that the graph has with channels last in the file's order; the importer notes where that is so. */
function reordered(
  { notes = [] }: Graph,
  name: string,
  shape: readonly number[],
  data: TypedArray,
  toGraph: boolean,
): Float32Array {
  const isImage = notes.some((note) => note.includes(`'${name}'`) && note.includes('channels last'));
  if (!isImage) return Float32Array.from(data as ArrayLike<number>);
  const [batch = 1, channels = 1] = shape;
  const area = elementCount(shape.slice(2));
  const out = new Float32Array(data.length);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < area; i++) {
        const [file, own] = [(n * channels + c) * area + i, (n * area + i) * channels + c];
        if (toGraph) out[own] = Number(data[file]);
        else out[file] = Number(data[own]);
      }
  return out;
}

/** The outputs of a model by Bitloom's oracle and by onnxruntime-web. */
export async function bothOutputs(
  model: ModelSketch,
  seed: number,
  rewrite: (graph: Graph) => Graph = (graph) => graph,
) {
  const bytes = writeOnnx(model);
  const graph = rewrite(importOnnx(bytes, 'test'));
  const shape = model.inputs.input!.shape as readonly number[];
  const input: FloatTensor = { shape, data: numbers(shape, seed) };
  const theirs = await onnxRuntime(bytes, { input });
  const contents = evaluate(graph, [reordered(graph, 'input', shape, input.data, true)]);
  return graph.outputs.map((id, i) => {
    const name = Object.keys(model.outputs)[i]!;
    const expected = theirs[name]!;
    return { expected: expected.data, actual: reordered(graph, name, expected.shape, contents[id]!, false) };
  });
}

/** The greatest difference, as a share of the expected range (or of 1 where that is less than that). */
export function difference({ expected, actual }: { expected: Float32Array; actual: Float32Array }): number {
  if (expected.length !== actual.length) return Number.POSITIVE_INFINITY;
  let [low, high, most] = [0, 0, 0];
  for (const [i, value] of expected.entries()) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    most = Math.max(most, Math.abs(value - actual[i]!));
  }
  return Number.isNaN(most) ? Number.POSITIVE_INFINITY : most / Math.max(high - low, 1);
}
