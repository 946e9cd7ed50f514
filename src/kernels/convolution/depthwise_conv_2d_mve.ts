import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TypedArray } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { roundsNegatives } from '../weights/code-range.js';
import { LANES, NARROWING, packParameters, suitsHelium } from '../weights/lanes_mve.js';
import { outputScalars } from '../weights/linear.js';
import { type Convolution, macsOf, pixelStarts, windowRows } from './convolution.js';
import { suitsTaps, tapsLayer, tapsShape } from './depthwise-taps.js';

/** Fewer channels leave most lanes of a vector empty: the portable kernel is as fast. */
const CHANNELS = 4;

function lower(graph: Graph, node: Node, kernel: string): KernelCall {
  const { layer, conv, channels, taps, multipliers, bias, group, padding } = tapsLayer(graph, node);
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [
      { name: 'filter', data: packChannels(layer.filter.data, taps, channels) },
      { name: 'parameters', data: packParameters(bias, multipliers, LANES, NARROWING[LANES]) },
      padding,
    ],
    scalars: { row_begin: 0, row_end: conv.output.height, ...outputScalars(layer, conv.clamp) },
    shape: tapsShape(conv, layer.output, group),
    overlap: [windowOverlap(pixelStarts(conv), channels, 1)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, group, roundsNegatives(layer.output, conv.clamp)),
  };
}

/** [channels / 16, rounded up][taps][16], zeros at the end. */
function packChannels(data: TypedArray, taps: number, channels: number): Int8Array {
  const packed = new Int8Array(Math.ceil(channels / LANES) * taps * LANES);
  for (let c = 0; c < channels; c++) {
    const to = Math.floor(c / LANES) * taps * LANES + (c % LANES);
    for (let tap = 0; tap < taps; tap++) packed[to + tap * LANES] = Number(data[tap * channels + c]);
  }
  return packed;
}

/** Measured (GCC 12, -O2): by pixel, row of a window, block of channels, its taps and its groups of taps. */
function instructionsOf(conv: Convolution, group: number, away: 0 | 1): number {
  const { batches, output, filter } = conv;
  const taps = filter.height * filter.width;
  const perTap = output.channels % LANES === 0 ? 8 : 9;
  const perBlock = 46 + 8 * away + taps * perTap + Math.ceil(taps / group) * 8;
  const perPixel = 14 + Math.ceil(output.channels / LANES) * perBlock;
  const { whole, broken } = windowRows(conv);
  const lists = whole * (6 + 3 * filter.width) + broken * (8 + 9 * filter.width);
  return batches * output.height * output.width * perPixel + lists;
}

/** DEPTHWISE_CONV_2D on Helium with an output channel for each input channel. */
export const depthwiseConv2dMveKernel: Kernel = {
  id: 'depthwise_conv_2d_s8_mve',
  source: 'depthwise_conv_2d_mve',
  codeBytes: 800,
  ops: ['DEPTHWISE_CONV_2D'],
  accepts: (graph, node, target) =>
    suitsHelium(graph, node, target) !== null && suitsTaps(graph, node, CHANNELS),
  lower: (graph, node) => lower(graph, node, 'depthwise_conv_2d_s8_mve'),
};
