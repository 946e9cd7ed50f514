/** What rows share whose weights have two or three values. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { type Convolution, convolutionOf, isDense } from '../convolution/convolution.js';
import { rowMajor } from '../convolution/convolve.js';
import { type FilterRows, type LinearLayer, linearLayer } from '../weights/linear.js';
import { type BytePacking, type FewValues, fewValues, reachOfValues } from '../weights/sum-tables.js';

/**
 * The layer of int8 in one group, its filter by rows, and its values; null where the packing does not hold these.
 * @param groups how many together must not leave 16 bits
 * @param layerOf which layers there are
 */
export function fewValuedLayer(
  graph: Graph,
  node: Node,
  packing: BytePacking,
  groups: number,
  layerOf: typeof linearLayer = linearLayer,
): { readonly layer: LinearLayer; readonly values: FewValues } | null {
  if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return null;
  const linear = layerOf(graph, node);
  if (linear?.type !== 's8' || convolutionOf(graph, node).groups !== 1) return null;
  const layer = rowMajor(node, linear);
  const values = fewValues(layer.filter);
  if (values?.levels !== packing.levels) return null;
  return reachOfValues(values) * packing.group * groups * 128 < 2 ** 15 ? { layer, values } : null;
}

export const tapsOf = ({ filter }: Convolution): number => filter.height * filter.width * filter.channels;

export function rowsOf(conv: Convolution): FilterRows {
  const taps = tapsOf(conv);
  return { channels: conv.output.channels, count: taps, step: 1, start: (c) => c * taps };
}

/** One multiplier, where all channels have the same. */
export function scalesOf<T extends Multiplier>(
  { filter }: LinearLayer,
  channels: readonly T[],
): readonly T[] {
  return filter.format.scales.length > 1 ? channels : channels.slice(0, 1);
}

/** Biases in halfwords, or null where they do not fit. */
export function shortBias(bias: Int32Array): Int16Array | null {
  return bias.every((value) => value === (value << 16) >> 16) ? Int16Array.from(bias) : null;
}
