import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  insideWindows,
  leavesImage,
  macsOf,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packEnding } from '../weights/ending.js';
import { packCodeRows } from '../weights/pack-codes.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
} from '../weights/weighted-layer.js';
import { byteStarts } from './conv_2d_unpacked.js';

const ID = 'conv_2d_b1_popcount';

/** The magnitude of weights that are all -v or +v; null where they are not. */
export function signMagnitude({ filter }: WeightedLayer): number | null {
  const magnitude = Math.abs(filter.data[0]!);
  return magnitude > 0 && filter.data.every((value: number) => Math.abs(value) === magnitude)
    ? magnitude
    : null;
}

/** Signs of a filter, a row of words for each tap. */
function packSigns(layer: WeightedLayer, conv: Convolution): Int32Array {
  const depth = conv.filter.channels;
  const taps = layer.rows.count / depth;
  return packCodeRows(conv.output.channels * taps, depth, 1, (row, i) =>
    weightAt(layer, Math.floor(row / taps), (row % taps) * depth + i) < 0 ? 1 : 0,
  );
}

function popcountCall(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const ending = packEnding(graph, node, layer);
  const outputBytes = byteLength(layer.output) / pixelsOf(conv);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [{ name: 'filter', data: packSigns(layer, conv) }, ending.constant],
    scalars: { row_begin: 0, row_end: output.height },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      offset_weight: signMagnitude(layer)!,
      ...ending.shape,
    },
    overlap: [windowOverlap(byteStarts(layer, conv), outputBytes, 1, outputBytes)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv),
  };
}

/** Measured on Cortex-M4 (GCC 12, -O2): by output, run of words in the image, and word. */
function instructionsOf(conv: Convolution): number {
  const { rows, taps } = insideWindows(conv);
  const words = taps * Math.ceil(conv.filter.channels / 32);
  return Math.round(conv.output.channels * (17 * pixelsOf(conv) + 4 * rows + 10.3 * words));
}

/** Signs by signs, without gaps between the columns of a window. */
export const conv2dPopcountKernel: Kernel = {
  id: ID,
  source: 'conv_2d_popcount',
  codeBytes: 700,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, { backend }) {
    if (backend !== 'c') return false;
    const layer = weightedLayer(graph, node);
    if (layer?.input.format.type !== 'binary' || zeroPointOf(layer.input) !== 0) return false;
    const { groups, dilation } = convolutionOf(graph, node);
    return groups === 1 && dilation.width === 1 && signMagnitude(layer) !== null;
  },
  lower: popcountCall,
};
