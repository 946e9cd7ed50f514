import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, zeroPointOf } from '../../graph/tensor.js';
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
import { windowOverlap } from '../overlap.js';
import { packEnding } from '../weights/ending.js';
import { weightGrid } from '../weights/lane-codes.js';
import { requireWeightedLayer, weightAt, weightedLayer, weightSum } from '../weights/weighted-layer.js';
import { byteStarts } from './conv_2d_unpacked.js';

const ID = 'conv_2d_u2_popcount';

/** Codes of a word. */
const CODES = 16;

const pixelWords = ({ filter }: Convolution): number => Math.ceil(filter.channels / CODES);

/** Words of a window, as they are packed. */
const windowWords = (conv: Convolution): number => conv.filter.height * conv.filter.width * pixelWords(conv);

/** Whether windows are no pixels of the image as they are. */
const gathers = (conv: Convolution): boolean =>
  conv.filter.height > 1 || conv.filter.width > 1 || leavesImage(conv);

/** Where `bl_split_planes` leaves an element of a window. */
function bitOf(element: number, depth: number): number {
  const [tap, channel] = [Math.floor(element / depth), element % depth];
  const word = tap * Math.ceil(depth / CODES) + Math.floor(channel / CODES);
  return 32 * (word >> 1) + 2 * (channel % CODES) + (word & 1);
}

function popcountCall(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { output, filter } = conv;
  const { first, step } = weightGrid(layer.filter)!;
  const words = Math.ceil(windowWords(conv) / 2);
  const weights = new Int32Array(output.channels * words);
  for (let c = 0; c < output.channels; c++) {
    for (let i = 0; i < layer.rows.count; i++) {
      const bit = bitOf(i, filter.channels);
      if (weightAt(layer, c, i) !== first) weights[c * words + (bit >> 5)]! |= 1 << (bit & 31);
    }
  }
  const zero = zeroPointOf(layer.input);
  const ending = packEnding(graph, node, layer, (c) => -zero * weightSum(layer, c));
  const outputBytes = byteLength(layer.output) / pixelsOf(conv);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 8 * words,
    constants: [{ name: 'filter', data: weights }, ending.constant],
    scalars: { row_begin: 0, row_end: output.height },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      gathers: gathers(conv) ? 1 : 0,
      zero_point: zero,
      offset_first: first,
      offset_step: step,
      ...ending.shape,
    },
    overlap: [windowOverlap(byteStarts(layer, conv), outputBytes, 1, null)],
    macs: macsOf(conv),
    instructions: Math.round(pixelsOf(conv) * (40 + 24 * words + output.channels * (28 + 23 * words))),
  };
}

/** Codes of two bits by weights of two values. */
export const conv2dU2PopcountKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 600,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, { backend }) {
    if (backend !== 'c' || requireInput(graph, node, 0).format.type !== 'uint2') return false;
    const layer = weightedLayer(graph, node);
    const grid = layer && weightGrid(layer.filter);
    if (!grid || grid.levels > 2) return false;
    const conv = convolutionOf(graph, node);
    // What lies outside of the image is filled by whole words.
    const filled = leavesImage(conv) && zeroPointOf(layer.input) !== 0;
    return conv.groups === 1 && (!filled || conv.filter.channels % CODES === 0);
  },
  lower: popcountCall,
};
