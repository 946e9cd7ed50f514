/** CONV_2D and FULLY_CONNECTED on NEON of activations below 8 bits, and of sums that end otherwise than by a multiplier to int8. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { bitsOf } from '../weights/ending.js';
import { endsOnNeon, packEndingNeon } from '../weights/ending_neon.js';
import { BLOCK, hasNeon, packQuarters, pairsFit, VECTOR, vectorsOf } from '../weights/lanes_neon.js';
import { linearLayer } from '../weights/linear.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
  weightSum,
} from '../weights/weighted-layer.js';

const ID = 'conv_2d_neon_endings';

/** Pixels of a tile at most, each of which has a window in scratch memory. */
const PIXELS = 8;

/** The weights' values, [channels][taps], or null where they are no bytes whose products the kernel can add. */
function byteWeights(layer: WeightedLayer): Int8Array | null {
  const { channels, count } = layer.rows;
  const values = Int16Array.from({ length: channels * count }, (_, i) =>
    weightAt(layer, Math.floor(i / count), i % count),
  );
  if (values.some((value) => value < -128 || value > 127)) return null;
  const bytes = Int8Array.from(values);
  return pairsFit(bytes, count) ? bytes : null;
}

/** Whether windows are pixels of bytes in whole vectors. */
function isInPlace(conv: Convolution, layer: WeightedLayer): boolean {
  const { height, width, channels } = conv.filter;
  return bitsOf(layer.input) === 8 && height * width === 1 && !leavesImage(conv) && channels % VECTOR === 0;
}

function lower(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const taps = layer.rows.count;
  const zero = zeroPointOf(layer.input);
  const ending = packEndingNeon(graph, node, layer, (c) => -zero * weightSum(layer, c));
  const inPlace = isInPlace(conv, layer);
  const tile = Math.min(PIXELS, pixelsOf(conv));
  const windows = pixelsOf(conv) === 1 ? 1 : PIXELS;
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: inPlace ? VECTOR : windows * vectorsOf(taps) * VECTOR,
    constants: [
      { name: 'filter', data: packQuarters(byteWeights(layer)!, output.channels, taps) },
      ending.constant,
    ],
    scalars: { row_begin: 0, row_end: output.height },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      in_place: inPlace ? 1 : 0,
      input_bits: bitsOf(layer.input),
      input_zero: zero,
      ...ending.shape,
    },
    overlap: [null],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, layer, tile),
  };
}

/** As those of int8 kernels, and by threshold, and tap that is unpacked: measured with dot products (clang 14, -O3). */
function instructionsOf(conv: Convolution, layer: WeightedLayer, tile: number): number {
  const vectors = vectorsOf(layer.rows.count);
  const blocks = Math.ceil(conv.output.channels / BLOCK);
  const steps = layer.thresholds?.shape[1] ?? 4;
  const perBlock = vectors * (9 * tile + 8) + 12 + tile * (12 + 5 * steps);
  const unpacked = isInPlace(conv, layer) ? 0 : vectors * (bitsOf(layer.input) < 8 ? 12 : 2);
  const taps = conv.filter.height * conv.filter.width;
  return Math.ceil(pixelsOf(conv) / tile) * (20 + tile * (20 + 4 * taps + unpacked) + blocks * perBlock);
}

export const conv2dNeonEndingsKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 3500,
  ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
  accepts(graph, node, target) {
    if (!hasNeon(target) || linearLayer(graph, node) !== null) return false;
    const layer = weightedLayer(graph, node);
    if (!layer || layer.input.format.type === 'int16' || !endsOnNeon(node, layer)) return false;
    if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return false;
    return convolutionOf(graph, node).groups === 1 && byteWeights(layer) !== null;
  },
  lower,
};
