/** What the rows of the kernel table ask about a node's tensors. */
import { type Graph, inputOf, outputOf } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { type ElementType, INTEGER_RANGE, type Tensor, zeroPointOf } from '../graph/tensor.js';
import type { Multiplier } from '../numerics/requantize.js';
import type { TensorArgument } from './kernel.js';

/** Whether the node's present inputs and then its output have these element types. */
export function hasTypes(graph: Graph, node: Node, ...types: readonly ElementType[]): boolean {
  const inputs = node.inputs.flatMap((_, i) => inputOf(graph, node, i) ?? []);
  const tensors = [...inputs, outputOf(graph, node)];
  return tensors.length === types.length && tensors.every((t, i) => t.format.type === types[i]);
}

/** Whether each tensor has exactly one scale. */
export function perTensorScales(...tensors: readonly Tensor[]): boolean {
  return tensors.every(({ format }) => format.scales.length === 1);
}

export function outputArgument(node: Node): TensorArgument {
  return { name: 'output', tensor: node.outputs[0]! };
}

/** The node's i-th input, which must be there, under a parameter name. */
export function inputArgument(node: Node, name = 'input', i = 0): TensorArgument {
  return { name, tensor: node.inputs[i]! };
}

/** Least and greatest code of an integer type that carries activations. */
export function codeRange(tensor: Tensor): { readonly min: number; readonly max: number } {
  const { type } = tensor.format;
  if (type === 'int64' || type === 'float32' || type === 'bool') throw new Error(`${type} has no code range`);
  return INTEGER_RANGE[type];
}

/** Largest |code - zero point| of a tensor's format. */
export function reachOf(tensor: Tensor): number {
  const { min, max } = codeRange(tensor);
  const zeroPoint = zeroPointOf(tensor);
  return Math.max(max - zeroPoint, zeroPoint - min);
}

/** Whether values up to `magnitude` can be requantized, and any zero point be added to them, without overflow. */
export function requantizes(magnitude: number, { shift }: Multiplier): boolean {
  return magnitude * 2 ** Math.max(shift, 0) < 2 ** 31 - 2 ** 15 && shift >= -31;
}
