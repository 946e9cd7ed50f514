import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, elementCount, type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import { type WeightFormat, weightFormat } from '../../graph/weight-format.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  insideWindows,
  leavesImage,
  macsOf,
  pixelStarts,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { bitsOf, packEnding } from '../weights/ending.js';
import { linearLayer } from '../weights/linear.js';
import { packCodeRows } from '../weights/pack-codes.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
} from '../weights/weighted-layer.js';

const ID = 'conv_2d_unpacked';

/** A filter as the kernel reads it: a stored code stands for first + step * code. */
interface NarrowFilter {
  readonly data: TypedArray;
  readonly bits: 16 | 8 | 4 | 2 | 1;
  readonly first: number;
  readonly step: number;
}

function narrowFilter(layer: WeightedLayer): NarrowFilter {
  const { channels, count } = layer.rows;
  const format = weightFormat(layer.filter.data);
  const zero = zeroPointOf(layer.filter);
  if (isNarrow(format)) {
    const bits = format.bits === 3 ? 4 : (format.bits as 4 | 2 | 1);
    const first = format.first - zero;
    const code = (c: number, tap: number) => (weightAt(layer, c, tap) - first) / format.step;
    return { data: packCodeRows(channels, count, bits, code), bits, first, step: format.step };
  }
  const values = Array.from({ length: channels * count }, (_, i) =>
    weightAt(layer, Math.floor(i / count), i % count),
  );
  const fit = values.every((value) => value >= -zero - 128 && value <= 127 - zero);
  const data = fit ? Int8Array.from(values, (v) => v + zero) : Int16Array.from(values, (v) => v + zero);
  return { data, bits: fit ? 8 : 16, first: -zero, step: 1 };
}

function isNarrow(format: WeightFormat): format is WeightFormat & { readonly kind: 'grid' } {
  return format.kind === 'grid' && format.bits <= 4;
}

function unpackedCall(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const filter = narrowFilter(layer);
  const ending = packEnding(graph, node, layer);
  const outputBytes = byteLength(layer.output) / pixelsOf(conv);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [{ name: 'filter', data: filter.data }, ending.constant],
    scalars: { row_begin: 0, row_end: conv.output.height },
    shape: {
      ...imageMembers(conv),
      output_channels: conv.output.channels,
      output_ring_rows: conv.output.height,
      ...windowMembers(conv),
      groups: conv.groups,
      padded: leavesImage(conv) ? 1 : 0,
      input_bits: bitsOf(layer.input),
      zero_point: zeroPointOf(layer.input),
      filter_bits: filter.bits,
      offset_first: filter.first,
      offset_step: filter.step,
      ...ending.shape,
    },
    overlap: [windowOverlap(byteStarts(layer, conv), outputBytes, 1, outputBytes)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, bitsOf(layer.input), filter.bits),
  };
}

/** First byte of the input that each pixel of the output reads. */
export function byteStarts({ input }: WeightedLayer, conv: Convolution): number[] {
  const pixelBytes = byteLength(input) / (elementCount(input.shape) / conv.input.channels);
  return pixelStarts(conv).map((start) => (start / conv.input.channels) * pixelBytes);
}

/** Measured on Cortex-M4 (GCC 12, -O2): by product inside of the image, and output. */
function instructionsOf(conv: Convolution, inputBits: number, filterBits: number): number {
  const { taps } = insideWindows(conv);
  const perProduct = 8 + (inputBits < 8 ? 4 : 0) + (filterBits < 8 ? 4 : 0);
  const { channels } = conv.output;
  return Math.round(channels * (perProduct * taps * conv.filter.channels + 40 * pixelsOf(conv)));
}

/**
 * Weighted sums of every format: the row that takes what no other does, and whose weights of a grid of few bits are as small as
 * any.
 */
export const conv2dUnpackedKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 420,
  ops: ['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node) {
    const layer = weightedLayer(graph, node);
    if (!layer) return false;
    return linearLayer(graph, node) === null || isNarrow(weightFormat(layer.filter.data));
  },
  lower: unpackedCall,
};
