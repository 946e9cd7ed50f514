/** DEPTHWISE_CONV_2D of int8 by the DSP extension of Cortex-M4, M7 and M33: `depthwise_conv_2d_simd32.h`. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall, Parameters } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { accumulatorBound, inputRange } from '../weights/accumulator-bound.js';
import {
  type ChannelSums,
  type ScaledChannel,
  withCommonShift,
  withOwnShifts,
} from '../weights/common-shift.js';
import { type LinearLayer, linearLayer, multipliersOf, provenBias } from '../weights/linear.js';
import { hasSimd32, isWholeInt8 } from '../weights/simd32.js';
import {
  type Convolution,
  convolutionOf,
  leavesImage,
  macsOf,
  pixelStarts,
  tapsInside,
  windowMembers,
} from './convolution.js';

/** Channels at a time. */
const BLOCK = 4;
/** Filters of fewer taps than these, with code for any number, lose to the portable kernel; more do not fit BL_DEPTHWISE_TAPS. */
const LEAST_TAPS = 8;
const MOST_TAPS = 50;
const HALFWORD = 32767;
const WORD = 2 ** 31 - 1;

export interface Depthwise {
  readonly layer: LinearLayer;
  readonly conv: Convolution;
  readonly taps: number;
  readonly channels: readonly ScaledChannel[];
  /** 0 where each channel has a shift of its own. */
  readonly commonShift: number;
  /** One multiplier and addend suits all channels, as it does where the filter has one scale. */
  readonly uniform: boolean;
  /** Whether the clamp begins at the output's zero point, as after RELU and RELU6. */
  readonly rectified: boolean;
}

/** The node as the kernel takes it, or null. */
export function depthwiseOf(
  graph: Graph,
  node: Node,
  of: typeof linearLayer = linearLayer,
): Depthwise | null {
  if (node.kind !== 'DEPTHWISE_CONV_2D' || node.attributes.depthMultiplier !== 1) return null;
  const layer = of(graph, node);
  if (layer?.type !== 's8') return null;
  const conv = convolutionOf(graph, node);
  const taps = conv.filter.height * conv.filter.width;
  if (conv.output.channels < BLOCK || taps < LEAST_TAPS || taps > MOST_TAPS) return null;
  const zeroPoint = zeroPointOf(layer.output);
  const rectified = conv.clamp.min === zeroPoint;
  const sums = channelSums(node, layer, conv.output.channels, taps);
  const common = rectified ? withCommonShift(sums, zeroPoint) : null;
  const channels = common ?? withOwnShifts(sums, zeroPoint);
  if (!channels) return null;
  const [first] = channels;
  const uniform =
    common !== null &&
    channels.every((c) => c.multiplier === first!.multiplier && c.addend === first!.addend);
  return { layer, conv, taps, channels, commonShift: common ? first!.right : 0, uniform, rectified };
}

/** What is known about each channel's sums. */
export function channelSums(node: Node, layer: LinearLayer, channels: number, taps: number): ChannelSums[] {
  const zeroPoint = zeroPointOf(layer.filter);
  const range = inputRange('int8', zeroPointOf(layer.input));
  return multipliersOf(node, layer, channels).map((multiplier, c) => {
    const { data } = layer.filter;
    const bound = accumulatorBound(data, c, taps, channels, zeroPoint, range, Number(layer.bias?.[c] ?? 0));
    let weight = 1;
    for (let t = 0; t < taps; t++)
      weight = Math.max(weight, Math.abs(Number(data[t * channels + c]) - zeroPoint));
    const room = Math.floor(Math.log2(WORD / Math.max(1, bound)));
    return { multiplier, mostScale: Math.min(room, Math.floor(Math.log2(HALFWORD / weight))) };
  });
}

function depthwiseCall(graph: Graph, node: Node): KernelCall {
  const depthwise = depthwiseOf(graph, node);
  if (!depthwise) throw new Error(`depthwise_conv_2d_s8_simd32 does not take ${node.kind}`);
  const { layer, conv } = depthwise;
  const { output } = conv;
  const { channels } = output;
  const padded = leavesImage(conv);
  const { min, max } = conv.clamp;
  return {
    kernel: 'depthwise_conv_2d_s8_simd32',
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [
      { name: 'blocks', data: packBlocks(graph, node, depthwise) },
      { name: 'border', data: new Int8Array(padded ? channels : 1).fill(zeroPointOf(layer.input)) },
    ],
    scalars: { row_begin: 0, row_end: output.height, act_min: min, act_max: max },
    shape: shapeOf(depthwise),
    overlap: [windowOverlap(pixelStarts(conv), channels, 1, blocksAhead(channels))],
    macs: macsOf(conv),
    instructions: instructionsOf(depthwise),
  };
}

/** What `bl_depthwise_conv_2d_s8_simd32_shape` has. */
export function shapeOf({ conv, commonShift, uniform, rectified }: Depthwise): Parameters {
  const { batches, input, output } = conv;
  return {
    batches,
    input_height: input.height,
    input_width: input.width,
    input_ring_rows: input.height,
    output_height: output.height,
    output_width: output.width,
    output_ring_rows: output.height,
    channels: output.channels,
    ...windowMembers(conv),
    common_shift: commonShift,
    uniform: uniform ? 1 : 0,
    rectified: rectified ? 1 : 0,
    saturates: isWholeInt8(conv.clamp) ? 1 : 0,
  };
}

/** First channel of each block: the last one ends with the last channel. */
function blockStarts(channels: number): number[] {
  const blocks = Math.ceil(channels / BLOCK);
  return Array.from({ length: blocks }, (_, block) => Math.min(block * BLOCK, channels - BLOCK));
}

/** Channels that a pixel has written before it reads them again, as the last block overlaps the one before. */
function blocksAhead(channels: number): number | null {
  if (channels <= BLOCK) return null;
  return channels % BLOCK === 0 ? 0 : BLOCK - (channels % BLOCK);
}

/** `blocks` as the kernel reads it. */
export function packBlocks(graph: Graph, node: Node, depthwise: Depthwise): Int32Array {
  const { layer, conv, taps } = depthwise;
  const { channels } = conv.output;
  const rows = { channels, count: taps, step: channels, start: (c: number) => c };
  const bias = provenBias(graph, node, layer, rows, multipliersOf(node, layer, channels), true);
  const zeroPoint = zeroPointOf(layer.filter);
  const scaleOf = (c: number) => 2 ** depthwise.channels[c]!.scale;
  const weight = (tap: number, c: number) =>
    (Number(layer.filter.data[tap * channels + c]) - zeroPoint) * scaleOf(c);
  const pair = (low: number, high: number) => (low & 0xffff) | (high << 16);
  const ends = (c: number) => [depthwise.channels[c]!.multiplier, depthwise.channels[c]!.addend];
  const words: number[] = depthwise.uniform ? ends(0) : [];
  for (const first of blockStarts(channels)) {
    const block = [first, first + 1, first + 2, first + 3] as const;
    words.push(...block.map((c) => Number(bias[c]) * scaleOf(c)));
    for (let tap = 0; tap + 1 < taps; tap += 2) {
      words.push(...block.map((c) => pair(weight(tap, c), weight(tap + 1, c))));
    }
    if (taps % 2 === 1) {
      const last = block.map((c) => weight(taps - 1, c));
      words.push(pair(last[0]!, last[2]!), pair(last[1]!, last[3]!));
    }
    if (!depthwise.uniform) words.push(...block.flatMap(ends));
    if (depthwise.commonShift === 0) words.push(...block.map((c) => depthwise.channels[c]!.right));
  }
  return Int32Array.from(words, (word) => word | 0);
}

/** From the sums of a block to its codes, more than by a common shift, rectified, to all of int8. */
export function finishOf({ conv, commonShift, rectified }: Depthwise): number {
  return (commonShift > 0 ? 0 : 10) + (rectified ? 0 : 8) + (isWholeInt8(conv.clamp) ? 0 : 24);
}

/** Measured on Cortex-M4 (GCC 12, -O2): windows of 3x3 inside the image, and others, of which those of nine taps have code of their own. */
function instructionsOf(depthwise: Depthwise): number {
  const { conv, taps } = depthwise;
  const { batches, output, filter } = conv;
  const { rows, columns } = tapsInside(conv);
  const fast = filter.height === 3 && filter.width === 3;
  const whole = (counts: readonly number[], size: number) => counts.filter((n) => n === size).length;
  const inside = fast ? whole(rows, 3) * whole(columns, 3) : 0;
  const outside = output.height * output.width - inside;
  const blocks = Math.ceil(output.channels / BLOCK);
  const finish = finishOf(depthwise);
  const block = taps === 9 ? 88 : 38 + 8 * taps;
  return Math.round(
    batches *
      (inside * (20 + blocks * (80 + finish)) + outside * (60 + 19 * taps + blocks * (block + finish))),
  );
}

export const depthwiseConv2dSimd32Kernels: readonly Kernel[] = [
  {
    id: 'depthwise_conv_2d_s8_simd32',
    source: 'depthwise_conv_2d_simd32',
    codeBytes: 600,
    ops: ['DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) => hasSimd32(target) && depthwiseOf(graph, node) !== null,
    lower: depthwiseCall,
  },
];
