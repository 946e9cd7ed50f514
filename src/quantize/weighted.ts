/** Layers of real weights, and which channels each weight joins. */
import { isFloatOperator } from '../graph/float.js';
import { type Graph, inputOf } from '../graph/graph.js';
import type { Node, NodeOf } from '../graph/ops.js';

export type WeightedFloat =
  | NodeOf<'CONV_2D'>
  | NodeOf<'DEPTHWISE_CONV_2D'>
  | NodeOf<'FULLY_CONNECTED'>
  | NodeOf<'TRANSPOSE_CONV'>;

const KINDS: readonly string[] = ['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED', 'TRANSPOSE_CONV'];

export function isWeightedFloat(graph: Graph, node: Node): node is WeightedFloat {
  return KINDS.includes(node.kind) && isFloatOperator(node.kind, inputOf(graph, node, 0));
}

/** Calls `visit` with the index of each weight in the filter, and the output and input channel that it joins. */
export function forEachWeight(
  graph: Graph,
  layer: WeightedFloat,
  visit: (index: number, output: number, input: number) => void,
): void {
  const { shape } = inputOf(graph, layer, 1)!;
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.at(-1)!;
  if (layer.kind === 'DEPTHWISE_CONV_2D') {
    const { depthMultiplier } = layer.attributes;
    for (let i = 0; i < count; i++) visit(i, i % last, Math.floor((i % last) / depthMultiplier));
    return;
  }
  const outputs = shape[0]!;
  const channels = inputOf(graph, layer, 0)!.shape.at(-1)!;
  // A filter of fewer channels than the input belongs to one group of them.
  const perGroup = layer.kind === 'CONV_2D' ? outputs / (channels / last) : outputs;
  for (let i = 0; i < count; i++) {
    const output = Math.floor(i / (count / outputs));
    visit(i, output, Math.floor(output / perGroup) * last + (i % last));
  }
}
