/**
 * DEPTHWISE_CONV_2D of int8 by the DSP extension of Cortex-M4, M7 and M33, from planes of widened channels:
 * `depthwise_conv_2d_simd32_planes.h`.
 */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { type ScaledChannel, withOwnShifts } from '../weights/common-shift.js';
import { type LinearLayer, linearLayer, multipliersOf, provenBias } from '../weights/linear.js';
import { hasSimd32, isWholeInt8 } from '../weights/simd32.js';
import { type Convolution, convolutionOf, macsOf } from './convolution.js';
import { channelSums } from './depthwise_conv_2d_simd32.js';

const ID = 'depthwise_conv_2d_s8_simd32_planes';

/** Channels at a time. */
const PLANES = 4;

/** Bytes of scratch that rows of planes may take; images of more rows are taken by bands. */
const MOST_SCRATCH = 2560;

interface Planes {
  readonly layer: LinearLayer;
  readonly conv: Convolution;
  readonly channels: readonly ScaledChannel[];
  readonly size: number;
  readonly stride: number;
  /** Whether the output has the input's shape and is written behind the last read of each element in its place. */
  readonly inPlace: boolean;
}

/** The node as the kernel takes it, or null. */
function planesOf(graph: Graph, node: Node): Planes | null {
  if (node.kind !== 'DEPTHWISE_CONV_2D' || node.attributes.depthMultiplier !== 1) return null;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8') return null;
  const conv = convolutionOf(graph, node);
  const { input, output, filter, padding, clamp } = conv;
  const [size, stride] = [filter.height, conv.stride.height];
  if (filter.width !== size || conv.stride.width !== stride) return null;
  if (conv.dilation.height !== 1 || conv.dilation.width !== 1) return null;
  if (output.channels % PLANES !== 0 || output.width < 2 || padding.top >= size || padding.left >= size)
    return null;
  const inPlace = stride === 1 && input.height === output.height && input.width === output.width;
  // A filter of 3 with a larger stride is faster without planes, which widen inputs that few outputs use.
  if (!(size === 3 ? stride === 1 : (size === 5 || size === 7) && stride <= 2)) return null;
  const zeroPoint = zeroPointOf(layer.output);
  if (clamp.min !== zeroPoint || !isWholeInt8(clamp)) return null;
  const taps = size * size;
  const channels = withOwnShifts(channelSums(node, layer, output.channels, taps), zeroPoint);
  return channels && { layer, conv, channels, size, stride, inPlace };
}

/** Words of a row's plane: those that its windows read, outputs taken two by two, and those that the image fills. */
function planeWords({ conv: { input, output, padding }, size, stride }: Planes): number {
  const pairs = Math.ceil(output.width / 2);
  const read = pairs * stride + (size - 1) / 2;
  return Math.max(read, Math.ceil((padding.left + input.width) / 2));
}

/** Rows of outputs in a band: as many as scratch has room for, in bands of nearly equal height. */
function bandRows(planes: Planes): number {
  const { conv, size, stride } = planes;
  const rows = Math.floor(MOST_SCRATCH / (4 * PLANES * planeWords(planes)));
  const most = Math.max(1, Math.floor((rows - size) / stride) + 1);
  const bands = Math.ceil(conv.output.height / most);
  return Math.ceil(conv.output.height / bands);
}

function lower(graph: Graph, node: Node): KernelCall {
  const planes = planesOf(graph, node);
  if (!planes) throw new Error(`${ID} does not take ${node.kind}`);
  const { conv, layer, size, stride, inPlace } = planes;
  const { input, output, padding } = conv;
  const words = planeWords(planes);
  const band = bandRows(planes);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(band, stride, size, words),
    constants: [{ name: 'blocks', data: packBlocks(graph, node, planes) }],
    scalars: { row_begin: 0, row_end: output.height, zero_point: zeroPointOf(layer.input) },
    shape: {
      batches: conv.batches,
      input_height: input.height,
      input_width: input.width,
      input_ring_rows: input.height,
      output_height: output.height,
      output_width: output.width,
      output_ring_rows: output.height,
      channels: output.channels,
      filter_size: size,
      stride,
      pad_top: padding.top,
      pad_left: padding.left,
      plane_words: words,
      band_rows: band,
    },
    overlap: [inPlace ? 'exact' : null],
    macs: macsOf(conv),
    instructions: instructionsOf(planes, words, band),
  };
}

/** Rows of windows of a band's rows of outputs, in planes. */
function scratchBytes(band: number, stride: number, size: number, words: number): number {
  return ((band - 1) * stride + size) * PLANES * words * 4;
}

function inBands(call: KernelCall, rows: number): KernelCall {
  const { band_rows: most, stride, filter_size: size, plane_words: words } = call.shape;
  const band = Math.min(rows, most!);
  const shape = { ...call.shape, band_rows: band };
  return { ...call, scratchBytes: scratchBytes(band, stride!, size!, words!), shape };
}

/** `blocks` as the kernel reads it. */
function packBlocks(graph: Graph, node: Node, { layer, conv, channels, size, stride }: Planes): Int32Array {
  const depth = conv.output.channels;
  const rows = { channels: depth, count: size * size, step: depth, start: (c: number) => c };
  const bias = provenBias(graph, node, layer, rows, multipliersOf(node, layer, depth), true);
  const zeroPoint = zeroPointOf(layer.filter);
  const pair = (low: number, high: number) => (low & 0xffff) | (high << 16);
  const words: number[] = [];
  channels.forEach(({ scale, multiplier, addend, right }, c) => {
    const weight = (row: number, column: number) =>
      column < size
        ? (Number(layer.filter.data[(row * size + column) * depth + c]) - zeroPoint) * 2 ** scale
        : 0;
    for (let row = 0; row < size; row++) {
      const pairsFrom = (first: number, end: number) => {
        for (let column = first; column < end; column += 2)
          words.push(pair(weight(row, column), weight(row, column + 1)));
      };
      if (stride === 1) {
        pairsFrom(0, size - 1);
        pairsFrom(1, size);
      } else {
        pairsFrom(0, size);
      }
    }
    const sum = Number(bias[c]) * 2 ** scale;
    words.push(sum, sum, multiplier, addend, right);
  });
  return Int32Array.from(words, (word) => word | 0);
}

/** Measured on Cortex-M4 (GCC 12, -O2). */
function instructionsOf({ conv, size, stride }: Planes, words: number, band: number): number {
  const { batches, input, output } = conv;
  const two = { 3: 30, 5: 5 * 9 + 21, 7: 7 * (stride === 1 ? 12 : 13) + 21 }[size]!;
  const one = { 3: 19, 5: 5 * 6 + 20, 7: 7 * 8 + 20 }[size]!;
  const row = 12 + Math.floor(output.width / 2) * two + (output.width % 2) * one;
  const plane = 20 + 14 * Math.ceil(input.width / 2);
  const bands = Math.ceil(output.height / band);
  const carried = (bands - 1) * Math.max(0, size - stride) * words * PLANES * 4;
  const block = output.height * row * PLANES + input.height * plane + carried + bands * PLANES * 32 + 60;
  return Math.round(batches * (output.channels / PLANES) * block);
}

export const depthwiseConv2dSimd32PlanesKernel: Kernel = {
  id: ID,
  source: 'depthwise_conv_2d_simd32_planes',
  codeBytes: 900,
  ops: ['DEPTHWISE_CONV_2D'],
  accepts: (graph, node, target) => hasSimd32(target) && planesOf(graph, node) !== null,
  lower,
  inBands,
};
