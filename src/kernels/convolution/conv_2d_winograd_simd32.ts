import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { accumulatorBound, inputRange } from '../weights/accumulator-bound.js';
import { padBlocks } from '../weights/blocks.js';
import {
  type FilterRows,
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { hasSimd32, type OutputForms, outputForms } from '../weights/simd32.js';
import { packWinogradPairs } from '../weights/winograd-pairs.js';
import {
  type Convolution,
  convolutionOf,
  type Image,
  imageMembers,
  macsOf,
  pixelStarts,
} from './convolution.js';

const ID = 'conv_2d_s8_winograd';

/** Tiles of 2x2 outputs that the kernel computes together. */
const TILES = 4;

/** Channels of inputs that are collected at a time. */
const COLLECTED = 16;

/** The longest right shift by which the output's zero point and the rounding can be multiplied within 30 bits. */
const LONGEST_SHIFT = 21;

/** CONV_2D of int8 by 3x3 with stride 1 in one group, on Cortex-M with DSP extension: 16 products for 36. */
const conv2d: Kernel = {
  id: ID,
  source: 'conv_2d_winograd_simd32',
  codeBytes: 1200,
  ops: ['CONV_2D'],
  accepts(graph, node, target) {
    if (!hasSimd32(target) || node.kind !== 'CONV_2D') return false;
    const layer = linearLayer(graph, node);
    if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
    const conv = convolutionOf(graph, node);
    return isWinograd(conv) && pays(conv, layer) && winogradMultipliers(node, layer, conv) !== null;
  },
  lower(graph, node) {
    const layer = requireLayer(graph, node);
    const multipliers = winogradMultipliers(node, layer, convolutionOf(graph, node));
    if (!multipliers) throw new Error(`${ID} cannot compute ${node.kind}`);
    return winogradCall(graph, node, layer, multipliers);
  },
};

function isWinograd({ filter, stride, dilation, groups }: Convolution): boolean {
  const ones = [stride.height, stride.width, dilation.height, dilation.width, groups];
  return filter.height === 3 && filter.width === 3 && filter.channels % 4 === 0 && ones.every((n) => n === 1);
}

/**
 * Whether it saves a fifth of what conv_2d_simd32 takes at least (measured on Cortex-M4), which the larger filter should be
 * worth: few channels and broken tiles do not.
 */
function pays(conv: Convolution, layer: LinearLayer): boolean {
  const { batches, output, filter } = conv;
  const outputs = batches * output.height * output.width * output.channels;
  const direct = outputs * (9 * filter.channels * 0.85 + 10);
  return instructionsOf(conv, outputForms(layer, conv.clamp)) <= 0.8 * direct;
}

function tileCount({ height, width }: Image): number {
  return Math.ceil(height / 2) * Math.ceil(width / 2);
}

function rowsOf({ filter, output }: Convolution): FilterRows {
  const taps = filter.height * filter.width * filter.channels;
  return { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
}

/** The multipliers of a layer whose accumulators take 30 bits, so that four times as much takes 32; null for others. */
function winogradMultipliers(
  node: Node,
  layer: LinearLayer,
  conv: Convolution,
): readonly Multiplier[] | null {
  const rows = rowsOf(conv);
  const range = inputRange('int8', zeroPointOf(layer.input));
  const multipliers = multipliersOf(node, layer, rows.channels);
  const fits = multipliers.every(({ multiplier, shift }, c) => {
    if (multiplier < 2 ** 30 || shift >= 0 || shift < -LONGEST_SHIFT) return false;
    const bias = Number(layer.bias?.[c] ?? 0);
    return (
      accumulatorBound(layer.filter.data, rows.start(c), rows.count, rows.step, 0, range, bias) < 2 ** 29
    );
  });
  return fits ? multipliers : null;
}

function winogradCall(
  graph: Graph,
  node: Node,
  layer: LinearLayer,
  multipliers: readonly Multiplier[],
): KernelCall {
  const conv = convolutionOf(graph, node);
  const { output, filter, clamp } = conv;
  const rows = rowsOf(conv);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const forms = outputForms(layer, conv.clamp);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    rowsAtOnce: 2,
    scratchBytes: scratchBytes(filter.channels),
    constants: [
      {
        name: 'filter',
        data: packWinogradPairs(layer.filter.data as Int8Array, output.channels, filter.channels),
      },
      {
        name: 'bias',
        data: padBlocks(
          bias.map((value) => 4 * value),
          1,
          2,
        ),
        isNarrowable: true,
      },
      { name: 'multiplier', data: Int32Array.from(multipliers, ({ multiplier }) => multiplier) },
      { name: 'shift', data: Int8Array.from(multipliers, ({ shift }) => 1 - shift) },
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      input_offset: -zeroPointOf(layer.input),
      ...outputScalars(layer, clamp),
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      pad_top: conv.padding.top,
      pad_left: conv.padding.left,
      ...forms,
    },
    overlap: [tilesOverlap(conv)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, forms),
  };
}

/** Transformed inputs and sums of four tiles, some inputs of four neighbours, and a pixel of padding. */
function scratchBytes(channels: number): number {
  const elements = 16 * 4;
  const collected = 4 * (2 * TILES + 2) * Math.min(channels, COLLECTED);
  return elements * TILES * (channels / 2) + elements * TILES * 2 + collected + channels;
}

/** `KernelCall.overlap`: four tiles are written after their own reads and before those of the next four. */
function tilesOverlap(conv: Convolution): number {
  const { batches, output } = conv;
  const starts = pixelStarts(conv);
  const columns = Math.ceil(output.width / 2);
  const tiles = tileCount(output);
  let distance = 0;
  let live = Number.POSITIVE_INFINITY;
  for (let batch = batches - 1; batch >= 0; batch--) {
    for (let end = tiles; end > 0; end = TILES * (Math.ceil(end / TILES) - 1)) {
      const pixels: number[] = [];
      for (let tile = TILES * (Math.ceil(end / TILES) - 1); tile < end; tile++) {
        const [y, x] = [2 * Math.floor(tile / columns), 2 * (tile % columns)];
        for (let row = y; row < Math.min(y + 2, output.height); row++) {
          for (let column = x; column < Math.min(x + 2, output.width); column++)
            pixels.push((batch * output.height + row) * output.width + column);
        }
      }
      distance = Math.max(distance, (Math.max(...pixels) + 1) * output.channels - live);
      live = Math.min(live, ...pixels.map((pixel) => starts[pixel]!));
    }
  }
  return distance;
}

/**
 * Measured on Cortex-M4 (GCC 12, -O2): each run of neighbouring tiles and the inputs of each tile; the products of four
 * tiles and two channels, by element; and the outputs of each tile.
 */
function instructionsOf({ batches, output, filter }: Convolution, { clamps, negative }: OutputForms): number {
  const tiles = tileCount(output);
  const columns = Math.ceil(output.width / 2);
  const runs = Array.from({ length: tiles }, (_, tile) => tile).filter(
    (tile) => tile % TILES === 0 || tile % columns === 0,
  );
  const round = [16, 8, 4].find((inputs) => filter.channels % inputs === 0)!;
  const perElement = 5.5 * filter.channels + (filter.channels === 16 ? 5 : (3 * filter.channels) / round + 9);
  const perInputs = runs.length * 380 + tiles * (filter.channels / 4) * 203;
  const perProducts = Math.ceil(tiles / TILES) * Math.ceil(output.channels / 2) * (16 * perElement + 97);
  const perOutputs = tiles * output.channels * (55 + 12 * negative + 21 * clamps);
  return Math.round(batches * (perInputs + perProducts + perOutputs));
}

export const conv2dWinogradSimd32Kernels: readonly Kernel[] = [conv2d];
