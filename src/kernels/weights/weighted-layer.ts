/** CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED in all their formats, and the proof that their accumulators fit. */
import { BitloomError } from '../../graph/diagnostics.js';
import { describeNode, type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { scaleOf, type Tensor, type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { convMultipliers, fullyConnectedMultipliers } from '../../numerics/scales.js';
import {
  type AccumulatorRange,
  accumulatorRange,
  inputRange,
  proveAccumulators,
} from './accumulator-bound.js';
import { type FilterRows, NO_MULTIPLIER } from './linear.js';

/** How the sums end (`docs/formats.md`). */
export type EndingKind = 'accumulator' | 'multiplier' | 'thresholds';

/** Inputs x, filter, bias? and thresholds? and output of a node. */
export interface WeightedLayer {
  readonly input: Tensor;
  readonly filter: Tensor & { readonly data: Int8Array | Int16Array };
  readonly bias: TypedArray | null;
  /** [channels, n]. */
  readonly thresholds: (Tensor & { readonly data: TypedArray }) | null;
  readonly output: Tensor;
  readonly ending: EndingKind;
  /** Where the filter's weights are. */
  readonly rows: FilterRows;
}

/**
 * The node's layer, with 32-bit accumulators; null where these are of 64 bits or the filter's zero points differ by channel.
 * Nodes as `linearLayer` takes them are among these.
 */
export function weightedLayer(graph: Graph, node: Node): WeightedLayer | null {
  if (node.kind !== 'CONV_2D' && node.kind !== 'DEPTHWISE_CONV_2D' && node.kind !== 'FULLY_CONNECTED')
    return null;
  const input = requireInput(graph, node, 0);
  const filter = requireInput(graph, node, 1);
  const bias = inputOf(graph, node, 2)?.data ?? null;
  const thresholds = inputOf(graph, node, 3);
  const output = outputOf(graph, node);
  const ending = thresholds ? 'thresholds' : output.format.type === 'int32' ? 'accumulator' : 'multiplier';
  if (input.format.type === 'int16' && ending === 'multiplier') return null;
  const { data } = filter;
  const zero = zeroPointOf(filter);
  if (!(data instanceof Int8Array || data instanceof Int16Array)) return null;
  if (filter.format.zeroPoints.some((z) => z !== zero)) return null;
  if (thresholds && thresholds.data === null) return null;
  return {
    input,
    filter: { ...filter, data },
    bias,
    thresholds: thresholds?.data ? { ...thresholds, data: thresholds.data } : null,
    output,
    ending,
    rows: rowsOf(node, filter),
  };
}

/** The layer of a node that `accepts` has seen. */
export function requireWeightedLayer(graph: Graph, node: Node): WeightedLayer {
  const layer = weightedLayer(graph, node);
  if (!layer) throw new Error(`${node.kind} has no 32-bit sums of constant weights`);
  return layer;
}

function rowsOf(node: Node, { shape }: Tensor): FilterRows {
  if (node.kind === 'DEPTHWISE_CONV_2D') {
    const [, height = 1, width = 1, channels = 1] = shape;
    return { channels, count: height * width, step: channels, start: (c) => c };
  }
  const [channels = 1, ...taps] = shape;
  const count = taps.reduce((product, size) => product * size, 1);
  return { channels, count, step: 1, start: (c) => c * count };
}

/** The value of a weight, its zero point subtracted, by output channel and tap (height, width, input channel of a group). */
export function weightAt({ filter, rows }: WeightedLayer, channel: number, tap: number): number {
  return Number(filter.data[rows.start(channel) + tap * rows.step]) - zeroPointOf(filter);
}

/** The sum of a channel's weights. */
export function weightSum(layer: WeightedLayer, channel: number): number {
  let sum = 0;
  for (let tap = 0; tap < layer.rows.count; tap++) sum += weightAt(layer, channel, tap);
  return sum;
}

/** The layer's real multipliers in the precision of the node's operator; none where its sums end otherwise. */
export function layerMultipliers(node: Node, layer: WeightedLayer): readonly Multiplier[] {
  if (layer.ending !== 'multiplier') return [];
  const of = node.kind === 'FULLY_CONNECTED' ? fullyConnectedMultipliers : convMultipliers;
  return of(scaleOf(layer.input), layer.filter.format.scales, scaleOf(layer.output), layer.rows.channels);
}

/**
 * What the accumulators of each channel, bias included, can be: proved to fit in 32 bits.
 * @throws BitloomError BL202
 */
export function provenRanges(graph: Graph, node: Node, layer: WeightedLayer): readonly AccumulatorRange[] {
  const { filter, rows, bias } = layer;
  const { type } = layer.input.format;
  const range = inputRange(type as Parameters<typeof inputRange>[0], zeroPointOf(layer.input));
  const ranges = Array.from({ length: rows.channels }, (_, c) =>
    accumulatorRange(
      filter.data,
      rows.start(c),
      rows.count,
      rows.step,
      zeroPointOf(filter),
      range,
      Number(bias?.[c] ?? 0),
    ),
  );
  const multipliers = layerMultipliers(node, layer);
  proveAccumulators(
    graph,
    node,
    ranges.map(({ low, high }) => Math.max(-low, high)),
    multipliers.length > 0 ? multipliers : ranges.map(() => NO_MULTIPLIER),
    32,
  );
  return ranges;
}

/**
 * Refuses a layer whose sums, before `added` is added to each channel's, may not fit in 32 bits: thresholds compare them.
 * @throws BitloomError BL202
 */
export function proveSums(
  graph: Graph,
  node: Node,
  ranges: readonly AccumulatorRange[],
  added: (channel: number) => number,
): void {
  ranges.forEach(({ low, high }, c) => {
    if (Math.max(added(c) - low, high - added(c)) < 2 ** 31 - 1) return;
    throw new BitloomError(
      'BL202',
      `${describeNode(graph, node)}: the sum of output channel ${c} before its bias needs more than 32 bits`,
      'Quantize the model again with representative data: its weights, biases and scales do not belong together',
    );
  });
}
