import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { ConstantArgument, Kernel, KernelCall, Parameters } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { BLOCK, overlappingBlocks, packChannels } from '../weights/channels.js';
import {
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { type Convolution, convolutionOf, macsOf } from './convolution.js';
import { channelBandOverlap } from './lines.js';

const ID = 'depthwise_conv_2d_s8_3x3';
const TAPS = 9;
/** Bytes of a block's channels of a pixel: as a line of int16, and as sums. */
const LINE_BYTES = 16;
const SUM_BYTES = 32;
/** The same of four rows of the image as bytes, and the vector of zero points beside them. */
const COLUMN_BYTES = 32;
const VECTOR = 16;
/** Of the instructions, those of the form that multiplies bytes; rough. */
const RELAXED_SHARE = 0.7;
/** Pixels of a band's rows of the image whose sums, with the lines that they need, stay in the first-level cache. */
const BAND_PIXELS = 128;

interface Band {
  readonly rows: number;
  readonly lines: number;
  readonly lineWidth: number;
}

/** Rows of the image that so many rows of the output read. */
function linesOf(rows: number, strideHeight: number): number {
  return (rows - 1) * strideHeight + 3;
}

function bandOf({ output, stride }: Convolution): Band {
  const rows = Math.max(1, Math.min(output.height, Math.floor(BAND_PIXELS / stride.height / output.width)));
  return {
    rows,
    lines: linesOf(rows, stride.height),
    lineWidth: (output.width - 1) * stride.width + 3,
  };
}

/**
 * Where the module multiplies bytes: a line is four rows of the image, with stride 1 those of two rows of outputs, of which bands
 * then have an even number.
 */
function bandOfBytes(rows: number, strideHeight: number): { rows: number; lines: number } {
  if (strideHeight > 1) return { rows, lines: rows };
  const lines = Math.ceil(rows / 2);
  return { rows: 2 * lines, lines };
}

/** Sums of a band, which are requantized by twos, and lines of one block or of two: in either form. */
function scratchBytes(scalars: Parameters, bytes: boolean): number {
  const blocks = scalars.depth! < 2 * BLOCK ? 1 : 2;
  const memoryOf = (rows: number, lines: number, columnBytes: number) =>
    SUM_BYTES * (rows * scalars.output_width! + 1) + blocks * lines * scalars.line_width! * columnBytes;
  const [rows, stride] = [scalars.band_rows!, scalars.stride_height!];
  const ofBytes = bandOfBytes(rows, stride);
  return Math.max(
    memoryOf(rows, linesOf(rows, stride), LINE_BYTES),
    bytes ? memoryOf(ofBytes.rows, ofBytes.lines, COLUMN_BYTES) + VECTOR : 0,
  );
}

function inBands(call: KernelCall, rows: number): KernelCall {
  const scalars = { ...call.scalars, band_rows: Math.min(rows, call.scalars.band_rows!) };
  return { ...call, scratchBytes: scratchBytes(scalars, call.shape.bytes === 1), scalars };
}

/** Whether the form that multiplies bytes makes one row, as in rounds of a stage, and takes as long as for two. */
function isHalfBand({ output, stride }: Convolution): boolean {
  return output.height === 1 && stride.height === 1;
}

function tapFilter(packed: Int16Array, blocks: number): ConstantArgument {
  return {
    name: 'filter',
    data: packed,
    compact: {
      data: Int8Array.from(packed),
      expand: 'expand_taps_3x3',
      source: 'depthwise_conv_2d_3x3_filter',
      parameters: [blocks],
    },
  };
}

function call(graph: Graph, node: Node): KernelCall {
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { batches, input, output, stride, padding } = conv;
  const depth = output.channels;
  const rows = { channels: depth, count: TAPS, step: depth, start: (c: number) => c };
  const multipliers = multipliersOf(node, layer, depth);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const order = overlappingBlocks(depth);
  const channels = packChannels(layer, rows, bias, multipliers, conv.clamp, order);
  const band = bandOf(conv);
  const bytesBand = bandOfBytes(band.rows, stride.height);
  const bytes = zeroPointOf(layer.filter) === 0;
  const filter = packTaps(layer, order);
  const instructions = instructionsOf(conv, band, channels.shape.one_step === 2);
  const scalars = {
    row_begin: 0,
    row_end: output.height,
    zero_point: zeroPointOf(layer.input),
    ...outputScalars(layer, conv.clamp),
    batches,
    input_height: input.height,
    input_width: input.width,
    input_ring_rows: input.height,
    output_height: output.height,
    output_width: output.width,
    output_ring_rows: output.height,
    depth,
    stride_height: stride.height,
    stride_width: stride.width,
    pad_top: padding.top,
    pad_left: padding.left,
    line_width: band.lineWidth,
    band_rows: band.rows,
  };
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(scalars, bytes),
    constants: [
      bytes ? tapFilter(filter, order.length / BLOCK) : { name: 'filter', data: filter },
      { name: 'channels', data: channels.data },
    ],
    scalars,
    shape: { bytes: bytes ? 1 : 0, partial: depth < BLOCK ? 1 : 0, ...channels.shape },
    overlap: [Math.max(...[band, bytesBand].map(({ rows }) => channelBandOverlap(conv, rows)))],
    ...(bytes && {
      relaxed: {
        needs: 'dot_u8' as const,
        instructions: Math.round(RELAXED_SHARE * instructions * (isHalfBand(conv) ? 2 : 1)),
      },
    }),
    macs: macsOf(conv),
    instructions,
    counted: 'V8',
  };
}

/** [blocks][taps and ones][8] of the weights less their zero point. */
function packTaps({ filter }: LinearLayer, order: readonly (number | null)[]): Int16Array {
  const zero = zeroPointOf(filter);
  const depth = filter.shape[3]!;
  const packed = new Int16Array(order.length * (TAPS + 1));
  order.forEach((channel, place) => {
    const to = Math.floor(place / BLOCK) * (TAPS + 1) * BLOCK + (place % BLOCK);
    packed[to + TAPS * BLOCK] = 1;
    if (channel === null) return;
    for (let tap = 0; tap < TAPS; tap++) {
      packed[to + tap * BLOCK] = Number(filter.data[tap * depth + channel]) - zero;
    }
  });
  return packed;
}

/** Whether the products of taps 0 and 1, 2 and 3, ... of any int8 codes sum up within int16. */
function pairsFit({ filter }: LinearLayer): boolean {
  const zero = zeroPointOf(filter);
  const depth = filter.shape[3]!;
  for (let pair = 0; pair < (TAPS - 1) * depth; pair += 2 * depth) {
    for (let c = pair; c < pair + depth; c++) {
      const a = Number(filter.data[c]) - zero;
      const b = Number(filter.data[c + depth]) - zero;
      // A code of -128 reaches farther than one of 127: up with negative weights, down with positive ones.
      const most = (a < 0 ? -128 : 127) * a + (b < 0 ? -128 : 127) * b;
      const least = (a < 0 ? 127 : -128) * a + (b < 0 ? 127 : -128) * b;
      if (most > 32767 || least < -32768) return false;
    }
  }
  return true;
}

/** Instructions of V8's x64 code: by vector of a line, by sum and code of a pixel, by row, and by block of a band. */
function instructionsOf(
  { batches, output }: Convolution,
  { rows, lines, lineWidth }: Band,
  float32: boolean,
): number {
  const blocks = Math.ceil(output.channels / BLOCK);
  const bands = Math.ceil(output.height / rows);
  const pixels = output.height * (output.width * (float32 ? 70 : 84) + 25);
  return Math.round(batches * blocks * (pixels + bands * (lines * (lineWidth * 4 + 12) + 50)));
}

/** DEPTHWISE_CONV_2D of int8 by 3x3, with one output for each input channel. */
export const depthwiseConv2d3x3Kernel: Kernel = {
  id: ID,
  source: 'depthwise_conv_2d_3x3',
  codeBytes: 1500,
  ops: ['DEPTHWISE_CONV_2D'],
  accepts(graph, node, target) {
    if (target.backend !== 'wasm' || node.kind !== 'DEPTHWISE_CONV_2D') return false;
    if (node.attributes.depthMultiplier !== 1) return false;
    const layer = linearLayer(graph, node);
    if (layer?.type !== 's8') return false;
    const { filter, dilation } = convolutionOf(graph, node);
    const apart = dilation.height * dilation.width > 1;
    return filter.height === 3 && filter.width === 3 && !apart && pairsFit(layer);
  },
  lower: call,
  inBands,
};
