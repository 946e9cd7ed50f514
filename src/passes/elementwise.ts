import { type Graph, tensorAt } from '../graph/graph.js';
import type { Clamp, Node } from '../graph/ops.js';
import { allocate, INTEGER_RANGE, type Tensor, type TensorId, type TypedArray } from '../graph/tensor.js';
import { type Evaluate, sameShape } from './rewrite.js';

/**
 * The activation whose element alone decides the element of the node's output at the same place, or null.
 * Operands beside it are constants that hold one value throughout.
 */
export function elementwiseInput(graph: Graph, node: Node): TensorId | null {
  switch (node.kind) {
    case 'LOGISTIC':
    case 'TANH':
    case 'HARD_SWISH':
    case 'GELU':
    case 'LEAKY_RELU':
    case 'RELU':
    case 'RELU6':
    case 'RELU_N1_TO_1':
    case 'TABLE':
    case 'QUANTIZE':
      return node.inputs[0] ?? null;
    case 'DEQUANTIZE':
      return (node.inputs[1] ?? null) === null ? (node.inputs[0] ?? null) : null;
    case 'ADD':
      // Weighted codes are no function of one of them.
      return (node.inputs[3] ?? null) === null ? variableOf(graph, node) : null;
    case 'SUB':
    case 'MUL':
    case 'MAXIMUM':
    case 'MINIMUM':
    case 'PRELU':
      return variableOf(graph, node);
    default:
      return null;
  }
}

/** The one operand that varies. */
function variableOf(graph: Graph, node: Node): TensorId | null {
  const variable = new Set(node.inputs.filter((id) => !isUniform(tensorAt(graph, id))));
  const [id] = variable;
  if (variable.size !== 1 || id === undefined || id === null) return null;
  const x = tensorAt(graph, id);
  return x.data === null && sameShape(x, tensorAt(graph, node.outputs[0])) ? id : null;
}

function isUniform(tensor: Tensor): boolean {
  const { data } = tensor;
  return data !== null && data.length > 0 && data.every((code: number | bigint) => code === data[0]);
}

/**
 * What a chain of element-wise nodes, each reading the one before, makes of every code of its int8 or int16 input:
 * entry i is the result for the code `least code + i`.
 */
export function mapCodes(graph: Graph, chain: readonly Node[], evaluate: Evaluate): TypedArray {
  const first = tensorAt(graph, elementwiseInput(graph, chain[0]!));
  const { min, max } = INTEGER_RANGE[first.format.type as 'int8' | 'int16'];
  const count = max - min + 1;
  const codes = allocate(first.format.type, count) as Int8Array | Int16Array;
  for (let i = 0; i < count; i++) codes[i] = min + i;

  const tensors: Tensor[] = [{ ...first, shape: [count], data: null }];
  const nodes = chain.map((node) => {
    const previous = tensors.length - 1;
    const x = elementwiseInput(graph, node);
    const operands = node.inputs.map((id) => {
      if (id === x) return previous;
      const constant = tensorAt(graph, id);
      tensors.push({ ...constant, shape: [1], data: constant.data!.slice(0, 1) });
      return tensors.length - 1;
    });
    tensors.push({ ...tensorAt(graph, node.outputs[0]), shape: [count] });
    return { ...node, inputs: operands, outputs: [tensors.length - 1] };
  });
  const last = tensors.length - 1;
  return evaluate({ name: graph.name, tensors, nodes, inputs: [0], outputs: [last] }, [codes])[last]!;
}

/** The bounds, if results as `mapCodes` gives them are nothing but a clamp of the code. */
export function clampOf(results: TypedArray): Clamp | null {
  const codes = Array.from(results, Number);
  const least = -codes.length / 2;
  const min = codes[0]!;
  const max = codes.at(-1)!;
  const isClamp = codes.every((code, i) => code === Math.min(Math.max(least + i, min), max));
  return isClamp ? { min, max } : null;
}
