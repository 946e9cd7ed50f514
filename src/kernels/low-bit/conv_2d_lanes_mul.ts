/** CONV_2D and FULLY_CONNECTED with weights of 1, 2 or 4 bits on Cortex-M without DSP extension: two products a multiplication. */
import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import { blockEnds } from '../convolution/blocks_simd32.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelStarts,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import { rowMajor } from '../convolution/convolve.js';
import type { Kernel, KernelCall, Target } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
import { digitScales } from '../weights/digits.js';
import { type LaneBits, laneBits, weightGrid } from '../weights/lane-codes.js';
import { packLanesMul } from '../weights/lanes_mul.js';
import {
  type FilterRows,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenAccumulators,
  requireLayer,
} from '../weights/linear.js';

/** Channels of which the constants are filled up to whole blocks. */
const BLOCK = 4;

/** Sums of a row beyond this many inputs may leave 32 bits. */
const MOST_INPUTS = 2 ** 15;

/** Pixels that the assembly takes at a time on a core; `lower` does not know which, so scratch is for the most. */
const PIXELS = 3;

function rowsOf({ filter, output }: Convolution): FilterRows {
  const taps = filter.height * filter.width * filter.channels;
  return { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
}

function suits(graph: Graph, node: Node, { backend, isa }: Target, bits: LaneBits): boolean {
  if (backend !== 'c' || (isa !== 'armv6-m' && isa !== 'armv7-m')) return false;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node))) return false;
  const grid = weightGrid(requireInput(graph, node, 1));
  if (grid === null || laneBits(grid) !== bits) return false;
  const conv = convolutionOf(graph, node);
  return conv.groups === 1 && rowsOf(conv).count <= MOST_INPUTS;
}

function lower(graph: Graph, node: Node, kernel: string, bits: LaneBits): KernelCall {
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const layer = rowMajor(node, requireLayer(graph, node));
  const rows = rowsOf(conv);
  const multipliers = multipliersOf(node, layer, rows.channels);
  const { bias, bounds } = provenAccumulators(graph, node, layer, rows, multipliers, true);
  const grid = weightGrid(layer.filter)!;
  const data = layer.filter.data as Int8Array;
  const { filter, words, segment, first, step } = packLanesMul(
    data,
    zeroPointOf(layer.filter),
    rows,
    grid,
    bits,
  );
  const perChannel = multipliers.some(
    ({ multiplier, shift }) => multiplier !== multipliers[0]!.multiplier || shift !== multipliers[0]!.shift,
  );
  const { data: scale, narrow } = digitScales(perChannel ? multipliers : multipliers.slice(0, 1), bounds);
  const several = output.width > 1;
  const { output_offset = 0, act_min = 0, act_max = 0 } = outputScalars(layer, conv.clamp);
  const segments = Math.ceil(words / segment);
  const biases = new Int32Array(Math.ceil(bias.length / BLOCK) * BLOCK);
  biases.set(bias as Int32Array);
  // Blocks of two pixels or three, by the core: the ends of the larger hold for both.
  const pixels = several ? PIXELS : 1;
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 4 * pixels * (words * (8 / bits) + segments + 1),
    constants: [
      { name: 'filter', data: filter },
      { name: 'biases', data: biases, isNarrowable: true },
      { name: 'scale', data: scale },
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      zero_point: zeroPointOf(layer.input),
      words,
      segment,
      first,
      step,
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      several: several ? 1 : 0,
      per_channel: perChannel ? 1 : 0,
      narrow: narrow ? 1 : 0,
      output_offset,
      act_min,
      act_max,
    },
    overlap: [blockOverlap(pixelStarts(conv), blockEnds(conv, 1, 1), output.channels, 1)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, rows.count, segments, several),
  };
}

/**
 * Measured on Cortex-M0+ (GCC 12, -O2): by tap of a window and its channels, block of output channels and segment, output, and
 * channel of a tap in a block. Blocks are of two pixels there, of which the last of an odd row takes one again.
 */
function instructionsOf(conv: Convolution, taps: number, segments: number, several: boolean): number {
  const { batches, output, filter } = conv;
  const blocks = Math.ceil(output.channels / BLOCK);
  const perBlock = several ? 7.4 * taps + 45 * segments : 11 * taps + 60 * segments;
  const gathered = 24 * filter.height * filter.width + 6.5 * taps;
  const taken = several ? 2 * Math.ceil(output.width / 2) : output.width;
  const perTaken = batches * output.height * taken * (60 + gathered + blocks * perBlock);
  return Math.round(perTaken + pixelsOf(conv) * 48 * output.channels);
}

function kernel(bits: LaneBits): Kernel {
  const id = `conv_2d_s8_w${bits}_lanes_mul`;
  return {
    id,
    source: 'conv_2d_lanes_mul',
    codeBytes: 1100,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) => suits(graph, node, target, bits),
    lower: (graph, node) => lower(graph, node, id, bits),
  };
}

export const conv2dLanesMulKernels: readonly Kernel[] = ([1, 2, 4] as const).map(kernel);
