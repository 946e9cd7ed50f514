/** CONV_2D and FULLY_CONNECTED on NEON: `conv_2d_neon.h` in its two ways to the inputs of a window. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { clampsCodes, roundsNegatives } from '../weights/code-range.js';
import { packGroups } from '../weights/groups_neon.js';
import { BLOCK, packEndings, packQuarters, pairsFit, suitsNeon, vectorsOf } from '../weights/lanes_neon.js';
import { multipliersOf, outputScalars, provenBias, requireLayer } from '../weights/linear.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelsOf,
  windowMembers,
} from './convolution.js';
import { rowMajor } from './convolve.js';

type Way = 'pixels' | 'gathered';

/** Pixels of a tile at most, each of which has a window in scratch memory. */
const PIXELS = 8;
/** Of windows of a few vectors, whose weights may stay in registers (`dot64_neon.h`). */
const SHORT_PIXELS = 32;
const SHORT_VECTORS = 4;
const VECTOR_BYTES = 16;

function tapsOf({ filter }: Convolution): number {
  return filter.height * filter.width * filter.channels;
}

/** Windows in scratch memory. */
function windowsOf(conv: Convolution, vectors: number): number {
  if (pixelsOf(conv) === 1) return 1;
  return vectors <= SHORT_VECTORS ? SHORT_PIXELS : PIXELS;
}

function wayOf(conv: Convolution): Way {
  const single = conv.filter.height * conv.filter.width === 1 && !leavesImage(conv);
  return single && conv.input.channels % VECTOR_BYTES === 0 ? 'pixels' : 'gathered';
}

function lower(graph: Graph, node: Node, kernel: string, way: Way): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const taps = tapsOf(conv);
  const rows = { channels: output.channels, count: taps, step: 1, start: (c: number) => c * taps };
  const multipliers = multipliersOf(node, layer, output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const vectors = vectorsOf(taps);
  const tile = Math.min(PIXELS, pixelsOf(conv));
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: way === 'gathered' ? windowsOf(conv, vectors) * vectors * VECTOR_BYTES : 0,
    constants: [
      { name: 'filter', data: packQuarters(layer.filter.data as Int8Array, output.channels, taps) },
      { name: 'groups', data: packGroups(layer.filter.data as Int8Array, output.channels, taps) },
      { name: 'parameters', data: packEndings(bias, multipliers) },
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      ...(way === 'gathered' ? { input_zero: zeroPointOf(layer.input) } : {}),
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      away: roundsNegatives(layer.output, conv.clamp),
      clamped: clampsCodes(conv.clamp),
    },
    overlap: [null],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, way, tile),
  };
}

/** By pixel, row of a window, block of channels, and vector of inputs: measured with dot products (clang 14, -O3). */
function instructionsOf(conv: Convolution, way: Way, tile: number): number {
  const { output, filter } = conv;
  const vectors = vectorsOf(tapsOf(conv));
  const blocks = Math.ceil(output.channels / BLOCK);
  const tiles = Math.ceil(pixelsOf(conv) / tile);
  const perBlock = vectors * (9 * tile + 8) + 12 + 15 * tile;
  const perPixel = 14 + (way === 'gathered' ? 12 + filter.height * (8 + 2 * filter.width) + 2 * vectors : 0);
  return tiles * (20 + tile * perPixel + blocks * perBlock);
}

function conv2dNeon(way: Way): Kernel {
  const id = `conv_2d_s8_neon_${way}`;
  return {
    id,
    source: 'conv_2d_neon',
    codeBytes: { pixels: 2000, gathered: 3000 }[way],
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts(graph, node, target) {
      const layer = suitsNeon(graph, node, target);
      if (!layer || (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node))) return false;
      const conv = convolutionOf(graph, node);
      const { data } = rowMajor(node, layer).filter;
      return conv.groups === 1 && wayOf(conv) === way && pairsFit(data, tapsOf(conv));
    },
    lower: (graph, node) => lower(graph, node, id, way),
  };
}

export const conv2dNeonKernels: readonly Kernel[] = (['pixels', 'gathered'] as const).map(conv2dNeon);
