/** CONV_2D on Helium: `conv_2d_mve.h` in its three ways to the inputs of a window. */
import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { ConstantArgument, Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { clampsCodes, roundsNegatives } from '../weights/code-range.js';
import {
  inOrder,
  LANES,
  packParameters,
  packVectors,
  suitsHelium,
  wholeVectors,
} from '../weights/lanes_mve.js';
import { multipliersOf, outputScalars, provenBias, requireLayer } from '../weights/linear.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelStarts,
  windowMembers,
  windowRows,
} from './convolution.js';
import { rowMajor } from './convolve.js';

type Way = 'pixels' | 'windows' | 'gathered';

/** Output channels that a kernel computes at once. */
const BLOCK = 8;

/** Taps for which the kernel has room in its list of segments. */
const TAPS = 16;

function wayOf(conv: Convolution): Way {
  const { filter, input } = conv;
  const taps = filter.height * filter.width;
  if (taps === 1 && !leavesImage(conv)) return 'pixels';
  return input.channels % LANES === 0 && taps <= TAPS ? 'windows' : 'gathered';
}

function lower(graph: Graph, node: Node, kernel: string, way: Way): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const conv = convolutionOf(graph, node);
  const { input, output, filter } = conv;
  const taps = filter.height * filter.width * filter.channels;
  const rows = { channels: output.channels, count: taps, step: 1, start: (c: number) => c * taps };
  const multipliers = multipliersOf(node, layer, output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const weights = {
    data: layer.filter.data as Int8Array,
    groups: 1,
    rowsOfGroup: output.channels,
    columns: taps,
  };
  const padded = leavesImage(conv);
  const zero = zeroPointOf(layer.input);
  const padding: ConstantArgument = {
    name: 'padding',
    data: new Int8Array(padded ? input.channels : 1).fill(zero),
  };
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: way === 'gathered' ? wholeVectors(taps) : 0,
    constants: [
      { name: 'filter', data: packVectors(weights, BLOCK) },
      { name: 'parameters', data: packParameters(bias, multipliers, BLOCK, inOrder(BLOCK)) },
      ...(way === 'windows' ? [padding] : []),
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      ...(way === 'gathered' ? { input_zero: zero } : {}),
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: padded ? 1 : 0,
      away: roundsNegatives(layer.output, conv.clamp),
      clamped: clampsCodes(conv.clamp),
    },
    overlap: [windowOverlap(pixelStarts(conv), output.channels, 1, blocksAhead(output.channels, way))],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, way, roundsNegatives(layer.output, conv.clamp)),
  };
}

/** What a pixel has written before its last read. */
function blocksAhead(channels: number, way: Way): number | null {
  return way === 'gathered' || channels <= BLOCK ? null : Math.floor((channels - 1) / BLOCK) * BLOCK;
}

/** Measured (GCC 12, -O2): by pixel, row of a window, segment, block of channels and vector of inputs. */
function instructionsOf(conv: Convolution, way: Way, away: 0 | 1): number {
  const { batches, output, filter, padding, dilation } = conv;
  const taps = filter.height * filter.width * filter.channels;
  const pixels = batches * output.height * output.width;
  const blocks = Math.ceil(output.channels / BLOCK);
  const tail = way === 'pixels' && taps % LANES !== 0 ? 2 : 0;
  const sums = pixels * blocks * (29 + 4 * away + ((19 + tail) * wholeVectors(taps)) / LANES);
  if (way === 'pixels') return sums + pixels * 11;
  const { whole, broken } = windowRows(conv);
  if (way === 'windows') {
    const segments = dilation.width === 1 ? whole + broken * filter.width : (whole + broken) * filter.width;
    return sums + pixels * 20 + whole * 12 + broken * 10 * filter.width + 3 * blocks * segments;
  }
  const clipped = padding.top > 0 || padding.left > 0;
  return sums + pixels * (clipped ? 40 : 15) + (whole + broken) * (clipped ? 18 : 12);
}

/** FULLY_CONNECTED with a single multiplier has a kernel of its own. */
function convolves(graph: Graph, node: Node): boolean {
  if (node.kind === 'DEPTHWISE_CONV_2D') return isDense(graph, node);
  return node.kind === 'CONV_2D' || requireInput(graph, node, 1).format.scales.length > 1;
}

function conv2dMve(way: Way): Kernel {
  const id = `conv_2d_s8_mve_${way}`;
  return {
    id,
    source: 'conv_2d_mve',
    codeBytes: { pixels: 400, windows: 600, gathered: 600 }[way],
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts(graph, node, target) {
      if (!suitsHelium(graph, node, target) || !convolves(graph, node)) return false;
      const conv = convolutionOf(graph, node);
      return conv.groups === 1 && wayOf(conv) === way;
    },
    lower: (graph, node) => lower(graph, node, id, way),
  };
}

export const conv2dMveKernels: readonly Kernel[] = (['pixels', 'windows', 'gathered'] as const).map(
  conv2dMve,
);
