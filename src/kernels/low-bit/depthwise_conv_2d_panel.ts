import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, zeroPointOf } from '../../graph/tensor.js';
import { blockEnds } from '../convolution/blocks_simd32.js';
import {
  convolutionOf,
  imageMembers,
  isDense,
  macsOf,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
import { bitsOf, packEnding } from '../weights/ending.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightedLayer,
  weightSum,
} from '../weights/weighted-layer.js';
import { byteStarts } from './conv_2d_unpacked.js';

const ID = 'depthwise_conv_2d_panel';

/** Sums of a window beyond this many taps may leave 32 bits. */
const MOST_TAPS = 2 ** 15;

/** The filter as bytes, taps before channels; null where its values do not fit. */
function byteFilter({ filter }: WeightedLayer): Int8Array | null {
  const zero = zeroPointOf(filter);
  const values = Array.from(filter.data, (value) => Number(value) - zero);
  return values.every((value) => value >= -128 && value <= 127) ? Int8Array.from(values) : null;
}

function lower(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { input, output } = conv;
  const zero = zeroPointOf(layer.input);
  const ending = packEnding(graph, node, layer, (c) => -zero * weightSum(layer, c));
  const outputBytes = byteLength(layer.output) / pixelsOf(conv);
  const taps = layer.rows.count;
  const inputBits = bitsOf(layer.input);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 4 * Math.ceil((taps * input.channels) / 4),
    constants: [{ name: 'filter', data: byteFilter(layer)! }, ending.constant],
    scalars: { row_begin: 0, row_end: output.height, zero_point: zero },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      depth_multiplier: output.channels / input.channels,
      input_bits: inputBits,
      ...ending.shape,
    },
    overlap: [blockOverlap(byteStarts(layer, conv), blockEnds(conv, 1, 1), outputBytes, 1)],
    macs: macsOf(conv),
    instructions: Math.round(
      pixelsOf(conv) *
        (60 + taps * (10 + (inputBits < 8 ? 4 : 1) * input.channels) + output.channels * (30 + 4 * taps)),
    ),
  };
}

/** DEPTHWISE_CONV_2D that ends otherwise than by a multiplier. */
export const depthwiseConv2dPanelKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 520,
  ops: ['DEPTHWISE_CONV_2D'],
  accepts(graph, node, { backend }) {
    if (backend !== 'c' || node.kind !== 'DEPTHWISE_CONV_2D' || isDense(graph, node)) return false;
    const layer = weightedLayer(graph, node);
    if (!layer || layer.ending === 'multiplier') return false;
    return layer.input.format.type !== 'int16' && layer.rows.count <= MOST_TAPS && byteFilter(layer) !== null;
  },
  lower,
};
