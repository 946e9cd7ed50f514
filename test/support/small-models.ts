import type { Graph } from '../../src/graph/graph.js';
import { type Format, perTensor, plain, type Tensor, type TypedArray } from '../../src/graph/tensor.js';

const CODES = { min: -128, max: 127 };

function activation(name: string, shape: readonly number[], format: Format): Tensor {
  return { name, shape, format, data: null, state: false };
}

function constant(name: string, shape: readonly number[], format: Format, data: TypedArray): Tensor {
  return { ...activation(name, shape, format), data };
}

/** Small numbers of both signs without a pattern that a wrong layout would keep. */
function numbers(count: number, range: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * i * 31 + i * 17) % (2 * range + 1)) - range);
}

/** Two layers, FULLY_CONNECTED and SOFTMAX: small enough to read what is generated for it. */
export function twoLayers(): Graph {
  return {
    name: 'two_layers',
    tensors: [
      activation('input', [1, 6], perTensor('int8', 0.05, -4)),
      constant('dense/kernel', [4, 6], perTensor('int8', 0.02, 0), Int8Array.from(numbers(24, 127))),
      constant('dense/bias', [4], perTensor('int32', 0.001, 0), Int32Array.from(numbers(4, 500))),
      activation('dense', [1, 4], perTensor('int8', 0.1, 3)),
      activation('softmax', [1, 4], perTensor('int8', 1 / 256, -128)),
    ],
    nodes: [
      {
        kind: 'FULLY_CONNECTED',
        attributes: { clamp: CODES },
        inputs: [0, 1, 2],
        outputs: [3],
        source: { operator: 'FULLY_CONNECTED', index: 0 },
      },
      {
        kind: 'SOFTMAX',
        attributes: { beta: 1 },
        inputs: [3],
        outputs: [4],
        source: { operator: 'SOFTMAX', index: 1 },
      },
    ],
    inputs: [0],
    outputs: [4],
  };
}

/** Two inputs, two outputs, one of them float32, and names that would break comments and strings. */
export function manyPorts(): Graph {
  const format = perTensor('int8', 0.05, 7);
  return {
    name: "many */ ports\n#error '",
    tensors: [
      activation('a */ b /* c', [1, 3, 5], format),
      activation('"quoted\\" \'`$`\n', [1, 3, 5], perTensor('int8', 0.03, -20)),
      activation('sum\u202e\u2028', [1, 3, 5], format),
      activation('??/', [1, 3, 5], plain('float32')),
    ],
    nodes: [
      {
        kind: 'ADD',
        attributes: { clamp: CODES },
        inputs: [0, 1],
        outputs: [2],
        source: { operator: 'ADD', index: 0 },
      },
      {
        kind: 'DEQUANTIZE',
        attributes: {},
        inputs: [2],
        outputs: [3],
        source: { operator: 'DEQUANTIZE', index: 1 },
      },
    ],
    inputs: [0, 1],
    outputs: [2, 3],
  };
}

/** One SVDF layer, whose output depends on earlier runs. */
export function stateful(): Graph {
  const weights = perTensor('int8', 0.02, 0);
  return {
    name: 'stateful',
    tensors: [
      activation('input', [1, 3], perTensor('int8', 0.05, 0)),
      constant('feature', [4, 3], weights, Int8Array.from(numbers(12, 100))),
      constant('time', [4, 5], perTensor('int8', 0.01, 0), Int8Array.from(numbers(20, 100))),
      { ...activation('state', [1, 20], perTensor('int8', 0.05, 9)), state: true },
      activation('output', [1, 4], perTensor('int8', 0.02, -8)),
    ],
    nodes: [
      {
        kind: 'SVDF',
        attributes: { rank: 1, clamp: CODES },
        inputs: [0, 1, 2, null, 3],
        outputs: [4],
        source: { operator: 'SVDF', index: 0 },
      },
    ],
    inputs: [0],
    outputs: [4],
  };
}

/** Codes for every input of a graph; `k` makes different ones. */
export function someInputs(graph: Graph, k: number): Int8Array[] {
  return graph.inputs.map((id, i) => {
    const count = graph.tensors[id]!.shape.reduce((product, size) => product * size, 1);
    return Int8Array.from({ length: count }, (_, j) => (j * 37 + k * 101 + i * 53) % 256);
  });
}
