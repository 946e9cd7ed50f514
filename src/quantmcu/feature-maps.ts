/** Which tensors of a network can have fewer bits, and what their readers compute. */
import { type Graph, outputOf, requireInput, tensorAt } from '../graph/graph.js';
import { isWeighted, type Node } from '../graph/ops.js';
import type { Tensor, TensorId } from '../graph/tensor.js';
import { isPacked, PACKED_BITS } from '../graph/tensor.js';
import { convolutionOf, leavesImage, macsOf } from '../kernels/convolution/convolution.js';

/** Bits of an activation. */
export type Bits = 8 | 4 | 2;

/** Bits of a map that has fewer. */
export type Narrow = Exclude<Bits, 8>;

/** How it lies in memory. */
export const NARROW_TYPE: Readonly<Record<Narrow, 'uint4' | 'uint2'>> = { 4: 'uint4', 2: 'uint2' };

/** Bits of a weight: filters stay int8. */
export const WEIGHT_BITS = 8;

export interface FeatureMap {
  readonly id: TensorId;
  readonly tensor: Tensor;
  readonly producer: Node;
  readonly readers: readonly Node[];
  /** Multiply-accumulates of its readers. */
  readonly macs: number;
  readonly steps: Steps;
}

/**
 * What its readers leave free: grids of codes for each channel; the same, but with 0 as code 0, which padding is; or `one` grid for all
 * channels, with 0 on it, where an operator reads it that takes int8.
 */
export type Steps = 'free' | 'from zero' | 'one';

/** Whether the node's sums end by a multiplier, from and to 8 bits; filters of legacy uint8 models, with a zero point, need int8. */
function isRescaled(graph: Graph, node: Node): boolean {
  if (!isWeighted(node) || (node.inputs[3] ?? null) !== null) return false;
  const types = [requireInput(graph, node, 0), outputOf(graph, node)].map(({ format }) => format.type);
  const { zeroPoints } = requireInput(graph, node, 1).format;
  return types.every((type) => type === 'int8') && zeroPoints.every((zero) => zero === 0);
}

/** Whether an ADD of int8 adds element to element, so that it can be a sum of weighted codes. */
function isPlainSum(graph: Graph, node: Node): boolean {
  if (node.kind !== 'ADD' || (node.inputs[3] ?? null) !== null) return false;
  const all = [requireInput(graph, node, 0), requireInput(graph, node, 1), outputOf(graph, node)];
  const sameShape = all.every(({ shape }) => shape.join() === all[2]!.shape.join());
  return sameShape && all.every(({ format, data }) => format.type === 'int8' && data === null);
}

/** Whether `narrow` can give the node's inputs and output fewer bits. */
export function takesNarrow(graph: Graph, node: Node): boolean {
  return isRescaled(graph, node) || isPlainSum(graph, node);
}

/**
 * The tensors that can have fewer bits: outputs of layers with weights and of sums, which are read at least once by such a
 * node. Others that read them get int8 from a QUANTIZE. Names must say which is meant.
 */
export function featureMaps(graph: Graph): readonly FeatureMap[] {
  const names = new Map<string, number>();
  for (const { name } of graph.tensors) names.set(name, (names.get(name) ?? 0) + 1);
  return graph.nodes.flatMap((producer): FeatureMap[] => {
    if (!takesNarrow(graph, producer)) return [];
    const id = producer.outputs[0]!;
    const tensor = tensorAt(graph, id);
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(id));
    if (graph.outputs.includes(id) || names.get(tensor.name) !== 1) return [];
    if (!readers.some((node) => takesNarrow(graph, node))) return [];
    const macs = readers.reduce((sum, node) => sum + macsOfNode(graph, node), 0);
    return [{ id, tensor, producer, readers, macs, steps: stepsOf(graph, readers) }];
  });
}

function stepsOf(graph: Graph, readers: readonly Node[]): Steps {
  if (!readers.every((node) => takesNarrow(graph, node))) return 'one';
  const padded = readers.some((node) => isWeighted(node) && leavesImage(convolutionOf(graph, node)));
  return padded ? 'from zero' : 'free';
}

/** Multiply-accumulates with weights. */
export function macsOfNode(graph: Graph, node: Node): number {
  return isWeighted(node) ? macsOf(convolutionOf(graph, node)) : 0;
}

/** Products of bits: multiply-accumulates times bits of the weight times bits of the activation. */
export function bitOps(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => {
    const macs = macsOfNode(graph, node);
    if (macs === 0) return sum;
    const { type } = requireInput(graph, node, 0).format;
    return sum + macs * WEIGHT_BITS * (isPacked(type) ? PACKED_BITS[type] : 8);
  }, 0);
}
