/**
 * What operators with constant weights share: which formats their kernels take, the proof that their accumulators
 * fit, and biases that absorb zero points.
 */
import { type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Clamp, Node } from '../../graph/ops.js';
import { type ElementType, scaleOf, type Tensor, type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { convMultipliers, fullyConnectedMultipliers } from '../../numerics/scales.js';
import type { Parameters as Scalars } from '../kernel.js';
import { accumulatorBound, inputRange, proveAccumulators } from './accumulator-bound.js';

/** Activations, and their accumulators where those are not the usual ones: suffix of the kernels' names. */
export type LinearType = 's8' | 's16' | 's16_acc32';

export const LINEAR_TYPES: readonly LinearType[] = ['s8', 's16', 's16_acc32'];

/** Inputs x, filter, bias? and output of a node, known to suit a kernel. */
export interface LinearLayer {
  readonly type: LinearType;
  readonly input: Tensor;
  readonly filter: Tensor & { readonly data: TypedArray };
  readonly bias: TypedArray | null;
  readonly output: Tensor;
}

/** The node's layer, or null where its tensors do not suit any kernel. */
export function linearLayer(graph: Graph, node: Node): LinearLayer | null {
  return layerTo(graph, node, requireInput(graph, node, 0).format.type);
}

/** As `linearLayer`, of codes of 4 or 2 bits to int8; what is proved of bytes holds for them. */
export function packedInputLayer(graph: Graph, node: Node): LinearLayer | null {
  const { type } = requireInput(graph, node, 0).format;
  return type === 'uint4' || type === 'uint2' ? layerTo(graph, node, 'int8', 's8') : null;
}

/** As `linearLayer`, of int8 activations whose output is the int32 accumulators. */
export function accumulatorLayer(graph: Graph, node: Node): LinearLayer | null {
  const layer = layerTo(graph, node, 'int32');
  return layer?.type === 's8' ? layer : null;
}

function layerTo(
  graph: Graph,
  node: Node,
  outputType: ElementType,
  known: LinearType | null = null,
): LinearLayer | null {
  const input = requireInput(graph, node, 0);
  const filter = requireInput(graph, node, 1);
  const bias = inputOf(graph, node, 2);
  const output = outputOf(graph, node);
  if (inputOf(graph, node, 3) !== null) return null;
  const type = known ?? typeOf(input, bias);
  if (type === null || output.format.type !== outputType) return null;
  if (input.format.scales.length !== 1 || output.format.scales.length !== 1) return null;
  if (filter.format.type !== 'int8' || filter.format.scales.length === 0 || filter.data === null) return null;
  if (bias !== null && bias.data === null) return null;
  const zero = zeroPointOf(filter);
  if (filter.format.zeroPoints.some((z) => z !== zero)) return null;
  if (type !== 's8' && (zero !== 0 || zeroPointOf(input) !== 0 || zeroPointOf(output) !== 0)) return null;
  return { type, input, filter: { ...filter, data: filter.data }, bias: bias?.data ?? null, output };
}

/** int16 activations accumulate in 64 bits unless their bias has 32 (TFLM `conv.cc`, `fully_connected.cc`). */
function typeOf(input: Tensor, bias: Tensor | null): LinearType | null {
  const biasType = bias?.format.type ?? null;
  if (input.format.type === 'int8') return biasType === null || biasType === 'int32' ? 's8' : null;
  if (input.format.type !== 'int16') return null;
  if (biasType === 'int32') return 's16_acc32';
  return biasType === null || biasType === 'int64' ? 's16' : null;
}

/** The layer of a node that `accepts` has seen. */
export function requireLayer(graph: Graph, node: Node): LinearLayer {
  const layer = linearLayer(graph, node) ?? accumulatorLayer(graph, node);
  if (!layer) throw new Error(`no linear kernel takes ${node.kind}`);
  return layer;
}

/** Where the weights of output channel c are: `count` of them from `start(c)` on, every `step`-th. */
export interface FilterRows {
  readonly channels: number;
  readonly count: number;
  readonly step: number;
  start(channel: number): number;
}

/** The real multipliers in the precision of the node's operator; accumulators are not multiplied. */
export function multipliersOf(node: Node, layer: LinearLayer, channels: number): Multiplier[] {
  if (layer.output.format.type === 'int32') return new Array(channels).fill(NO_MULTIPLIER);
  const of = node.kind === 'FULLY_CONNECTED' ? fullyConnectedMultipliers : convMultipliers;
  return of(scaleOf(layer.input), layer.filter.format.scales, scaleOf(layer.output), channels);
}

/** Of sums that stay as they are. */
export const NO_MULTIPLIER: Multiplier = { multiplier: 0, shift: 0 };

/** The biases of `provenAccumulators` alone. */
export function provenBias(...args: Parameters<typeof provenAccumulators>): Int32Array | BigInt64Array {
  return provenAccumulators(...args).bias;
}

/**
 * The biases by channel, after the proof that accumulators fit, and the largest magnitude of each channel's sum.
 * @param foldInput whether they include -zeroPoint * sum(weight - filterZeroPoint), for kernels that read raw inputs
 * @throws BitloomError BL202
 */
export function provenAccumulators(
  graph: Graph,
  node: Node,
  layer: LinearLayer,
  rows: FilterRows,
  multipliers: readonly Multiplier[],
  foldInput: boolean,
): { bias: Int32Array | BigInt64Array; bounds: readonly number[] } {
  const { data } = layer.filter;
  const [zx, zw] = [zeroPointOf(layer.input), zeroPointOf(layer.filter)];
  const range = inputRange(layer.type === 's8' ? 'int8' : 'int16', zx);
  const channels = Array.from({ length: rows.channels }, (_, c) => c);
  const bounds = channels.map((c) =>
    accumulatorBound(data, rows.start(c), rows.count, rows.step, zw, range, Number(layer.bias?.[c] ?? 0)),
  );
  proveAccumulators(graph, node, bounds, multipliers, layer.type === 's16' ? 64 : 32);
  if (layer.type === 's16') {
    return { bias: BigInt64Array.from(channels, (c) => BigInt(layer.bias?.[c] ?? 0)), bounds };
  }
  const bias = Int32Array.from(channels, (c) => {
    const constant = Number(layer.bias?.[c] ?? 0);
    return foldInput ? constant - zx * sumOfWeights(data, rows, c, zw) : constant;
  });
  return { bias, bounds };
}

function sumOfWeights(data: TypedArray, rows: FilterRows, channel: number, zeroPoint: number): number {
  let sum = -zeroPoint * rows.count;
  for (let i = 0, at = rows.start(channel); i < rows.count; i++, at += rows.step) sum += Number(data[at]);
  return sum;
}

/** The last scalars of a kernel: the output's zero point, which int16 does not have, and the activation's bounds; of int32 none. */
export function outputScalars(layer: LinearLayer, { min, max }: Clamp): Scalars {
  if (layer.output.format.type === 'int32') return {};
  const bounds = { act_min: min, act_max: max };
  return layer.type === 's8' ? { output_offset: zeroPointOf(layer.output), ...bounds } : bounds;
}
