/** What codes the channels of a tensor can hold, by what makes it: intervals, exact at their ends. */
import { type Graph, inputOf, outputOf, requireInput } from '../graph/graph.js';
import { isWeighted, type Node } from '../graph/ops.js';
import { scaleOf, type Tensor, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import { convMultipliers, fullyConnectedMultipliers } from '../numerics/scales.js';

/** Codes of a channel, inclusive. */
export interface Codes {
  readonly low: number;
  readonly high: number;
}

/** A weighted sum of int8 codes with int32 accumulators, multipliers and constant operands. */
export interface Weighted {
  readonly kind: 'CONV_2D' | 'FULLY_CONNECTED' | 'DEPTHWISE_CONV_2D';
  readonly node: Node;
  readonly x: Tensor;
  readonly filter: Tensor;
  readonly bias: Tensor | null;
  /** Zero points stand in for some taps. */
  readonly padded: boolean;
}

const ALL: Codes = { low: -128, high: 127 };

/** The node, if it is one. Depthwise ones have an output for an input; others mix all of their input's channels. */
export function weightedOf(graph: Graph, node: Node): Weighted | null {
  if (!isWeighted(node)) return null;
  const x = requireInput(graph, node, 0);
  const filter = requireInput(graph, node, 1);
  const bias = inputOf(graph, node, 2);
  if (x.format.type !== 'int8' || filter.format.type !== 'int8' || filter.data === null) return null;
  if (bias !== null && (bias.data === null || bias.format.type !== 'int32')) return null;
  if (node.kind === 'CONV_2D' && filter.shape[3] !== x.shape[3]) return null;
  if (node.kind === 'DEPTHWISE_CONV_2D' && node.attributes.depthMultiplier !== 1) return null;
  const padded =
    node.kind !== 'FULLY_CONNECTED' && Object.values(node.attributes.padding).some((taps) => taps > 0);
  return { kind: node.kind, node, x, filter, bias, padded };
}

/** Calls `visit` with each weight of output channel `c`, its zero point subtracted, and the input channel that it meets. */
export function forEachWeight(
  { kind, filter }: Weighted,
  c: number,
  visit: (weight: number, k: number) => void,
): void {
  const { data, shape, format } = filter;
  const zero = format.zeroPoints[c] ?? format.zeroPoints[0] ?? 0;
  const depthwise = kind === 'DEPTHWISE_CONV_2D';
  const channels = shape.at(-1)!;
  const [start, step] = depthwise ? [c, channels] : [(c * data!.length) / shape[0]!, 1];
  const count = data!.length / (depthwise ? channels : shape[0]!);
  for (let i = 0; i < count; i++) visit(Number(data![start + i * step]) - zero, depthwise ? c : i % channels);
}

/** Codes of each output channel, given those of the input's channels; null where the node ends in no int8 codes. */
export function outputCodes(graph: Graph, weighted: Weighted, inputs: readonly Codes[]): Codes[] | null {
  const { kind, node, x, filter, bias, padded } = weighted;
  const y = outputOf(graph, node);
  if (y.format.type !== 'int8' || (node.inputs[3] ?? null) !== null || !('clamp' in node.attributes))
    return null;
  const bounds = node.attributes.clamp;
  const channels = y.shape.at(-1)!;
  const multipliers = (kind === 'FULLY_CONNECTED' ? fullyConnectedMultipliers : convMultipliers)(
    scaleOf(x),
    filter.format.scales,
    scaleOf(y),
    channels,
  );
  const zero = zeroPointOf(x);
  const least = inputs.map(({ low }) => (padded ? Math.min(low - zero, 0) : low - zero));
  const most = inputs.map(({ high }) => (padded ? Math.max(high - zero, 0) : high - zero));
  return Array.from({ length: channels }, (_, c) => {
    let low = Number(bias?.data?.[c] ?? 0);
    let high = low;
    forEachWeight(weighted, c, (w, k) => {
      low += w * (w > 0 ? least[k]! : most[k]!);
      high += w * (w > 0 ? most[k]! : least[k]!);
    });
    const multiplier = multipliers[c]!;
    // Sums that wrap are not in order.
    if (Math.max(-low, high) * 2 ** Math.max(multiplier.shift, 0) >= 2 ** 31) return ALL;
    const codeOf = (sum: number) =>
      clamp(multiplyByQuantizedMultiplier(sum, multiplier) + zeroPointOf(y), bounds.min, bounds.max);
    return { low: codeOf(low), high: codeOf(high) };
  });
}

/** The codes of any int8 tensor. */
export function anyCodes(channels: number): Codes[] {
  return Array.from({ length: channels }, () => ALL);
}
