import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TypedArray } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { BLOCK, packEndings, suitsNeon } from '../weights/lanes_neon.js';
import { outputScalars } from '../weights/linear.js';
import { type Convolution, macsOf, pixelsOf, windowRows } from './convolution.js';
import { suitsTaps, tapsLayer, tapsShape } from './depthwise-taps.js';

/** Channels of a vector; eight of half a one. */
const LANES = 16;

function lower(graph: Graph, node: Node, kernel: string): KernelCall {
  const { layer, conv, channels, taps, multipliers, bias, group, padding } = tapsLayer(graph, node);
  const lanes = channels < LANES ? BLOCK : LANES;
  const order = wholeBlocks(channels, lanes);
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [
      { name: 'filter', data: packTaps(layer.filter.data, taps, channels, order, lanes) },
      {
        name: 'parameters',
        data: packEndings(
          Int32Array.from(order, (c) => bias[c]!),
          order.map((c) => multipliers[c]!),
        ),
      },
      padding,
    ],
    scalars: { row_begin: 0, row_end: conv.output.height, ...outputScalars(layer, conv.clamp) },
    shape: tapsShape(conv, layer.output, group),
    overlap: [null],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, order.length / BLOCK, group),
  };
}

/** Channels by lane: whole blocks, of which the last begins before the end of the one before where it would not be full. */
function wholeBlocks(channels: number, lanes: number): number[] {
  return Array.from({ length: Math.ceil(channels / lanes) * lanes }, (_, lane) => {
    const first = Math.min(lane - (lane % lanes), channels - lanes);
    return first + (lane % lanes);
  });
}

/** [blocks][taps][lanes] */
function packTaps(
  data: TypedArray,
  taps: number,
  channels: number,
  order: readonly number[],
  lanes: number,
): Int8Array {
  const packed = new Int8Array(order.length * taps);
  order.forEach((channel, lane) => {
    const to = (lane - (lane % lanes)) * taps + (lane % lanes);
    for (let tap = 0; tap < taps; tap++) packed[to + tap * lanes] = Number(data[tap * channels + channel]);
  });
  return packed;
}

/** By pixel, row of a window, and of eight channels taps and groups of taps: measured (clang 14, -O3). */
function instructionsOf(conv: Convolution, blocks: number, group: number): number {
  const taps = conv.filter.height * conv.filter.width;
  const perBlock = 14 + 2.5 * taps + 2 * Math.ceil(taps / group);
  const { whole, broken } = windowRows(conv);
  const lists = whole * (6 + 2 * conv.filter.width) + broken * (8 + 9 * conv.filter.width);
  return Math.round(pixelsOf(conv) * (20 + blocks * perBlock) + lists);
}

/** DEPTHWISE_CONV_2D on NEON with an output channel for each of at least eight input channels. */
export const depthwiseConv2dNeonKernel: Kernel = {
  id: 'depthwise_conv_2d_s8_neon',
  source: 'depthwise_conv_2d_neon',
  codeBytes: 1500,
  ops: ['DEPTHWISE_CONV_2D'],
  accepts: (graph, node, target) => suitsNeon(graph, node, target) !== null && suitsTaps(graph, node, BLOCK),
  lower: (graph, node) => lower(graph, node, 'depthwise_conv_2d_s8_neon'),
};
