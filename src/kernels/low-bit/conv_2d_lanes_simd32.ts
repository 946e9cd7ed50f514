/** CONV_2D and FULLY_CONNECTED with weights of 1, 2 or 4 bits on Cortex-M with DSP extension: several codes in a register. */
import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import { blockEnds, isPointwise, scratchBytes, stepsOf } from '../convolution/blocks_simd32.js';
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
import { type LaneBits, laneBits, weightGrid } from '../weights/lane-codes.js';
import { type Lanes, packLanes } from '../weights/lanes.js';
import {
  type FilterRows,
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { doubled, hasSimd32, isWholeInt8, simd32Channels } from '../weights/simd32.js';

/** Channels of which the constants are filled up to whole blocks. */
const BLOCK = 4;

/** Sums of a row beyond this many inputs may leave 32 bits. */
const MOST_INPUTS = 2 ** 15;

function rowsOf({ filter, output }: Convolution): FilterRows {
  const taps = filter.height * filter.width * filter.channels;
  return { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
}

function suits(graph: Graph, node: Node, target: Target, bits: LaneBits): boolean {
  if (!hasSimd32(target)) return false;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8') return false;
  if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return false;
  const grid = weightGrid(requireInput(graph, node, 1));
  if (grid === null || laneBits(grid) !== bits) return false;
  const conv = convolutionOf(graph, node);
  const rows = rowsOf(conv);
  if (conv.groups !== 1 || rows.count > MOST_INPUTS) return false;
  return (
    simd32Channels(node, rowMajor(node, layer), rows)?.every(({ constant }) => constant === null) ?? false
  );
}

/** What the two kernels have in common. */
function lower(graph: Graph, node: Node, kernel: string, bits: LaneBits, run: number) {
  const conv = convolutionOf(graph, node);
  const layer = rowMajor(node, requireLayer(graph, node));
  const rows = rowsOf(conv);
  const multipliers = multipliersOf(node, layer, rows.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const zero = zeroPointOf(layer.filter);
  const grid = weightGrid(layer.filter)!;
  const lanes = packLanes(layer.filter.data as Int8Array, zero, rows, grid, bits);
  const blockPixels = conv.output.height * conv.output.width < 3 ? 1 : 3;
  const pairs = Math.ceil(rows.count / (bits === 1 ? 8 : 4)) * (bits === 1 ? 4 : 2);
  const segments = Math.ceil(lanes.words / lanes.segment);
  // As for int8, but for pairs of whole words and the sums of inputs.
  const scratch =
    scratchBytes(conv, blockPixels) +
    4 * blockPixels * (pairs - 2 * stepsOf(conv)) +
    4 * (segments * (2 + blockPixels) + blockPixels);
  const scales = scalesOf(node, layer, rows);
  return {
    conv,
    layer,
    blockPixels,
    call: {
      kernel,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: scratch,
      constants: [
        { name: 'filter', data: lanes.filter },
        { name: 'biases', data: padded(bias), isNarrowable: true },
        { name: 'scales', data: scales.data },
      ],
      overlap: [blockOverlap(pixelStarts(conv), blockEnds(conv, blockPixels, run), conv.output.channels, 1)],
      macs: macsOf(conv),
    },
    scalars: {
      scale_step: scales.step,
      words: lanes.words,
      segment: lanes.segment,
      part: lanes.part,
      first: lanes.first,
      step: lanes.step,
      ...outputScalars(layer, conv.clamp),
    },
    instructions: instructionsOf(conv, lanes, bits, blockPixels, run),
    clamps: isWholeInt8(conv.clamp) ? 0 : 1,
  };
}

function padded(bias: Int32Array): Int32Array {
  const whole = new Int32Array(Math.ceil(bias.length / BLOCK) * BLOCK);
  whole.set(bias);
  return whole;
}

/** Of every two channels their multipliers and shifts, or of two for all. */
function scalesOf(node: Node, layer: LinearLayer, rows: FilterRows) {
  const channels = simd32Channels(node, layer, rows)!;
  const [one] = channels;
  const same = channels.every(
    ({ multiplier, shift }) => multiplier === one!.multiplier && shift === one!.shift,
  );
  const pairs = same ? 1 : Math.ceil(channels.length / BLOCK) * (BLOCK / 2);
  const data = new Int32Array(pairs * 3);
  for (let i = 0; i < 2 * pairs; i++) {
    const channel = same ? one! : channels[i];
    if (!channel) continue;
    const at = (i >> 1) * 3;
    data[at + (i & 1)] = doubled(channel);
    data[at + 2]! |= -channel.shift << (8 * (i & 1));
  }
  return { data, step: same ? 0 : 3 };
}

/** Measured on Cortex-M4 (GCC 12, -O2): by pair of inputs, segment and block of channels. */
function instructionsOf(
  conv: Convolution,
  { words, segment }: Lanes,
  bits: LaneBits,
  blockPixels: number,
  run: number,
): number {
  const blocks = Math.ceil(conv.output.channels / BLOCK);
  const segments = Math.ceil(words / segment);
  const perWord = { 3: { 1: 38, 2: 20, 4: 39 }, 1: { 1: 20, 2: 11, 4: 17 } }[blockPixels === 3 ? 3 : 1];
  const ofPixels = (pixels: number, word: number) =>
    blocks * (words * word + segments * (25 + 20 * pixels) + 20 + 36 * pixels) + 40 + 3 * words * pixels;
  const full = ofPixels(blockPixels, perWord[bits]);
  const single = ofPixels(1, { 1: 20, 2: 11, 4: 17 }[bits]);
  const runs = pixelsOf(conv) / run;
  return runs * (Math.floor(run / blockPixels) * full + (run % blockPixels) * single);
}

function pointCall(graph: Graph, node: Node, kernel: string, bits: LaneBits): KernelCall {
  const { input, output, stride, batches } = convolutionOf(graph, node);
  const run = stride.height === 1 && stride.width === 1 ? output.height * output.width : output.width;
  const { conv, call, scalars, blockPixels, clamps, instructions } = lower(graph, node, kernel, bits, run);
  return {
    ...call,
    scalars: {
      row_begin: 0,
      row_end: output.height,
      batches,
      input_width: input.width,
      input_channels: input.channels,
      input_ring_rows: input.height,
      output_width: output.width,
      output_channels: output.channels,
      output_ring_rows: output.height,
      stride_height: stride.height,
      stride_width: stride.width,
      ...scalars,
    },
    shape: { block_pixels: blockPixels, clamps },
    instructions: Math.round(instructions + pixelsOf(conv) * (16 + 8 * stepsOf(conv))),
  };
}

function windowCall(graph: Graph, node: Node, kernel: string, bits: LaneBits): KernelCall {
  const { output } = convolutionOf(graph, node);
  const run = output.height * output.width;
  const { conv, call, layer, scalars, blockPixels, clamps, instructions } = lower(
    graph,
    node,
    kernel,
    bits,
    run,
  );
  const { filter } = conv;
  const perRow = (filter.width * filter.channels) % 4 !== 0 ? 28 : leavesImage(conv) ? 25 : 0;
  return {
    ...call,
    scalars: { row_begin: 0, row_end: output.height, zero_point: zeroPointOf(layer.input), ...scalars },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      block_pixels: blockPixels,
      clamps,
    },
    instructions: Math.round(
      instructions + pixelsOf(conv) * (15 + 8 * stepsOf(conv) + filter.height * perRow),
    ),
  };
}

function kernels(bits: LaneBits): readonly Kernel[] {
  const [points, windows] = [`conv_2d_point_s8_w${bits}_lanes_simd32`, `conv_2d_s8_w${bits}_lanes_simd32`];
  const source = 'conv_2d_lanes_simd32';
  return [
    {
      id: points,
      source,
      // With the blocks' functions, which other kernels share.
      codeBytes: 2200,
      ops: ['CONV_2D', 'FULLY_CONNECTED'],
      accepts: (graph, node, target) =>
        suits(graph, node, target, bits) && isPointwise(convolutionOf(graph, node)),
      lower: (graph, node) => pointCall(graph, node, points, bits),
    },
    {
      id: windows,
      source,
      codeBytes: 700,
      ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
      accepts: (graph, node, target) =>
        suits(graph, node, target, bits) && !isPointwise(convolutionOf(graph, node)),
      lower: (graph, node) => windowCall(graph, node, windows, bits),
    },
  ];
}

export const conv2dLanesSimd32Kernels: readonly Kernel[] = ([1, 2, 4] as const).flatMap(kernels);
