import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall, Parameters } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { BLOCK, overlappingBlocks, packChannels } from '../weights/channels.js';
import {
  type FilterRows,
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelsOf,
} from './convolution.js';
import { rowMajor } from './convolve.js';
import { bandBytes, bandOf, bandOverlap } from './lines.js';
import {
  basePixels,
  hasRoomForBytes,
  relaxedInstructions,
  relaxedPixels,
  tileFilter,
  windowMemory,
} from './pixel-tiles.js';

const ID = 'conv_2d_s8_tile';
/** Windows that are gathered at once, where the module has relaxed SIMD. */
const PART_BYTES = 16384;

/** What a window finds contiguous in a line: whole rows of taps, or the channels of a tap where taps are apart. */
function runOf({ filter, dilation }: Convolution): { taps: number; run: number } {
  const taps = dilation.width === 1 ? filter.width : 1;
  return { taps, run: taps * filter.channels };
}

/** Whether each pixel of the output is of one pixel of the input, in order. */
export function isPointwise(conv: Convolution): boolean {
  const { filter, stride } = conv;
  return filter.height * filter.width * stride.height * stride.width === 1 && !leavesImage(conv);
}

/** A convolution of 1x1 knows no rows: its pixels are a column of rows of one, of however many images. */
export function flattened(conv: Convolution): Convolution {
  if (!isPointwise(conv)) return conv;
  const { batches, input, output } = conv;
  const height = batches * output.height * output.width;
  return {
    ...conv,
    batches: 1,
    input: { ...input, height, width: 1 },
    output: { ...output, height, width: 1 },
  };
}

function tileCall(graph: Graph, node: Node): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const given = convolutionOf(graph, node);
  // Within a stage, rows of an image are those of its ring.
  const conv = given.batches === 1 ? given : flattened(given);
  const { input, output, filter, stride, dilation, padding } = conv;
  const count = filter.height * filter.width * filter.channels;
  const rows: FilterRows = { channels: output.channels, count, step: 1, start: (c) => c * count };
  const multipliers = multipliersOf(node, layer, output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const order = overlappingBlocks(output.channels);
  const channels = packChannels(layer, rows, bias, multipliers, conv.clamp, order);
  const band = bandOf(conv);
  const { taps, run } = runOf(conv);
  const windowColumns = filter.width / taps;
  const pairs = Math.ceil(run / 2);
  const window = { runs: filter.height * windowColumns, pairs };
  const steps = window.runs * pairs;
  const partPixels = Math.min(band.rows * output.width, relaxedPixels(basePixels(PART_BYTES, window)));
  const bytes = zeroPointOf(layer.filter) === 0 && hasRoomForBytes(window);
  const packed = packTiles(layer, count, run, order);
  const scalars = {
    row_begin: 0,
    row_end: output.height,
    zero_point: zeroPointOf(layer.input),
    ...outputScalars(layer, conv.clamp),
    ...imageMembers(conv),
    output_channels: output.channels,
    output_ring_rows: output.height,
    stride_height: stride.height,
    pad_top: padding.top,
    pad_left: padding.left,
    line_width: band.width,
    band_rows: band.rows,
    band_extent: band.extent,
    window_rows: filter.height,
    window_columns: windowColumns,
    run: 2 * pairs,
    steps,
    tap_row_bytes: dilation.height * band.lineBytes,
    tap_column_bytes: 2 * dilation.width * taps * filter.channels,
    row_bytes: stride.height * band.lineBytes,
    column_bytes: 2 * stride.width * input.channels,
    part_pixels: partPixels,
  };
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(scalars, bytes),
    constants: [
      bytes ? tileFilter(packed, order.length / BLOCK, window) : { name: 'filter', data: packed },
      { name: 'channels', data: channels.data },
    ],
    scalars,
    shape: {
      bytes: bytes ? 1 : 0,
      single: filter.height * windowColumns === 1 ? 1 : 0,
      partial: output.channels < BLOCK ? 1 : 0,
      ...channels.shape,
    },
    overlap: [bandOverlap(conv, band.rows)],
    ...(bytes && {
      relaxed: {
        needs: 'dot_u8' as const,
        instructions: relaxedInstructions(pixelsOf(conv), order.length / BLOCK, window),
      },
    }),
    macs: macsOf(conv),
    instructions: tileInstructions(conv),
    counted: 'V8',
  };
}

/** To a multiple of a vector. */
function roundUp(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** Sums of a band for a block of channels, before they are requantized, with what they are made of: in either form. */
function scratchBytes(scalars: Parameters, bytes: boolean): number {
  const rows = scalars.band_rows!;
  const width = scalars.output_width!;
  const band = {
    rows,
    bytes: bandBytes(rows, width, {
      stride: scalars.stride_height!,
      extent: scalars.band_extent!,
      lineBytes: 2 * scalars.line_width! * scalars.input_channels!,
    }),
  };
  const window = { runs: scalars.window_rows! * scalars.window_columns!, pairs: scalars.run! / 2 };
  const sums = 4 * BLOCK * (Math.max(3, rows * width) + 1);
  return Math.max(
    sums + roundUp(4 * scalars.steps!) + band.bytes,
    bytes ? windowMemory(band, width, scalars.part_pixels!, window) : 0,
  );
}

function inBands(call: KernelCall, rows: number): KernelCall {
  const { band_rows: most, part_pixels: pixels, output_width: width } = call.scalars;
  const band = Math.min(rows, most!);
  const scalars = { ...call.scalars, band_rows: band, part_pixels: Math.min(pixels!, band * width!) };
  return { ...call, scratchBytes: scratchBytes(scalars, call.shape.bytes === 1), scalars };
}

/**
 * [blocks][runs][pairs][8][2] of the weights less their zero point.
 * @param run columns of a run; where it is odd, its last pair has a zero
 */
export function packTiles(
  { filter }: LinearLayer,
  columns: number,
  run: number,
  order: readonly (number | null)[],
): Int16Array {
  const pairs = Math.ceil(run / 2);
  const blockSize = (columns / run) * pairs * BLOCK * 2;
  const zero = zeroPointOf(filter);
  const packed = new Int16Array((order.length / BLOCK) * blockSize);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const to = Math.floor(place / BLOCK) * blockSize + (place % BLOCK) * 2;
    for (let column = 0; column < columns; column++) {
      const k = column % run;
      const pair = Math.floor(column / run) * pairs + (k >> 1);
      packed[to + pair * BLOCK * 2 + (k & 1)] = Number(filter.data[channel * columns + column]) - zero;
    }
  });
  return packed;
}

/** Vector instructions of V8's x64 code: 30 for each pair of columns of a tile, and those around. */
export function tileInstructions(conv: Convolution): number {
  const { batches, output, filter } = conv;
  const band = bandOf(conv);
  const { run } = runOf(conv);
  const pairs = Math.ceil(run / 2) * ((filter.height * filter.width * filter.channels) / run);
  const tiles = Math.ceil((output.height * output.width) / 4) * Math.ceil(output.channels / BLOCK);
  const widened = (Math.ceil(output.height / band.rows) * band.bytes) / 16;
  return Math.round(batches * (tiles * (30 * pairs + 220) + widened * 5));
}

/** CONV_2D, FULLY_CONNECTED and dense DEPTHWISE_CONV_2D of int8 without groups. */
export const conv2dTileKernel: Kernel = {
  id: ID,
  source: 'conv_2d_tile',
  codeBytes: 1500,
  ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
  accepts(graph, node, target) {
    if (target.backend !== 'wasm' || linearLayer(graph, node)?.type !== 's8') return false;
    if (node.kind === 'DEPTHWISE_CONV_2D') return isDense(graph, node);
    return convolutionOf(graph, node).groups === 1;
  },
  lower: tileCall,
  inBands,
};
