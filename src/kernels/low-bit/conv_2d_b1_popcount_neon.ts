/** CONV_2D and FULLY_CONNECTED of signs by signs on NEON, which counts the bits of bytes. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  leavesImage,
  macsOf,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { endsOnNeon, packEndingNeon } from '../weights/ending_neon.js';
import { BLOCK, hasNeon } from '../weights/lanes_neon.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
} from '../weights/weighted-layer.js';
import { signMagnitude } from './conv_2d_popcount.js';

const ID = 'conv_2d_b1_popcount_neon';

/** Words of a unit, and bytes of a vector. */
const UNIT = 2;
const VECTOR_BYTES = 16;

/** Counts of 16 bits hold no more. */
const MOST_INPUTS = 2 ** 16 - 1;

const pixelWords = ({ filter }: Convolution): number => Math.ceil(filter.channels / 32);

function unitsOf(conv: Convolution): number {
  return Math.ceil((conv.filter.height * conv.filter.width * pixelWords(conv)) / UNIT);
}

function isInPlace(conv: Convolution): boolean {
  const { height, width } = conv.filter;
  return height * width === 1 && !leavesImage(conv) && pixelWords(conv) % UNIT === 0;
}

/** [channels / 8, rounded up][units][8][2 words]. */
function packUnits(layer: WeightedLayer, conv: Convolution): Int32Array {
  const { channels, count } = layer.rows;
  const depth = conv.filter.channels;
  const units = unitsOf(conv);
  const packed = new Int32Array(Math.ceil(channels / BLOCK) * units * BLOCK * UNIT);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < count; i++) {
      if (weightAt(layer, c, i) > 0) continue;
      const word = Math.floor(i / depth) * pixelWords(conv) + ((i % depth) >> 5);
      const unit = (Math.floor(c / BLOCK) * units + Math.floor(word / UNIT)) * BLOCK + (c % BLOCK);
      packed[unit * UNIT + (word % UNIT)]! |= 1 << ((i % depth) & 31);
    }
  }
  return packed;
}

function lower(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const ending = packEndingNeon(graph, node, layer);
  const inPlace = isInPlace(conv);
  const vectors = Math.ceil(unitsOf(conv) / 2);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: VECTOR_BYTES * (inPlace ? 1 : vectors * (leavesImage(conv) ? 2 : 1)),
    constants: [{ name: 'filter', data: packUnits(layer, conv) }, ending.constant],
    scalars: { row_begin: 0, row_end: output.height },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      in_place: inPlace ? 1 : 0,
      offset_weight: signMagnitude(layer)!,
      ...ending.shape,
    },
    overlap: [null],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, layer),
  };
}

/** By pixel, tap, block of channels, unit and threshold (clang 14, -O3). */
function instructionsOf(conv: Convolution, layer: WeightedLayer): number {
  const { height, width } = conv.filter;
  const blocks = Math.ceil(conv.output.channels / BLOCK);
  const perBlock = 30 + 6 * (layer.thresholds?.shape[1] ?? 2) + 18 * unitsOf(conv);
  return pixelsOf(conv) * (40 + 10 * height * width + blocks * perBlock);
}

/** Signs by signs. */
export const conv2dB1PopcountNeonKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 1500,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, target) {
    if (!hasNeon(target)) return false;
    const layer = weightedLayer(graph, node);
    if (layer?.input.format.type !== 'binary' || zeroPointOf(layer.input) !== 0) return false;
    if (layer.rows.count > MOST_INPUTS || !endsOnNeon(node, layer)) return false;
    return convolutionOf(graph, node).groups === 1 && signMagnitude(layer) !== null;
  },
  lower,
};
