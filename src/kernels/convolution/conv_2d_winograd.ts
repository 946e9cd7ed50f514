/** CONV_2D by Winograd's minimal filtering in exact integers, for WASM. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import {
  accumulatorRanges,
  BLOCK,
  multiplyBiases,
  overlappingBlocks,
  packChannels,
} from '../weights/channels.js';
import {
  type FilterRows,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import type { PatchSize } from '../weights/winograd.js';
import { compactWinograd, packWinograd, WINOGRAD_SCALE, winogradFits } from '../weights/winograd-patches.js';
import { tileInstructions } from './conv_2d_tile.js';
import { type Convolution, convolutionOf, macsOf } from './convolution.js';
import { bandOverlap } from './lines.js';

const ID = 'conv_2d_s8_winograd_patches';

/** Patches that `winograd_products` takes at once. */
const TILE = 4;
/** Transformed patches of a band, which stay in the first-level cache. */
const BAND_BYTES = 16384;
/** Filters beyond this come from memory, and the more patches share them the better: bands of this size. */
const CACHE_BYTES = 262144;
/** Vectors may be written and read this far behind lines (`assembly/lines.ts`). */
const SLACK_BYTES = 16;

/** By less the direct form is not left: predictions are not exact, and it takes less memory. */
const WORTHWHILE = 0.9;

interface PatchBand {
  /** Patches in a row. */
  readonly columns: number;
  /** Rows of patches. */
  readonly rows: number;
  /** Scratch memory: products of a tile, transformed patches, sums of a block of channels, two sets of lines. */
  readonly bytes: number;
}

function bandOf({ input, output }: Convolution, size: PatchSize): PatchBand {
  const positions = (size + 2) ** 2;
  const columns = Math.ceil(output.width / size);
  const patchBytes = 2 * positions * roundUp(input.channels, BLOCK);
  const filterBytes = 2 * positions * input.channels * output.channels;
  const most = filterBytes > CACHE_BYTES ? CACHE_BYTES : BAND_BYTES;
  const fitting = Math.max(Math.ceil(TILE / columns), Math.floor(most / (columns * patchBytes)));
  const rows = Math.min(Math.ceil(output.height / size), fitting);
  const products = 4 * TILE * BLOCK * positions;
  const sums = 4 * BLOCK * (rows * columns * size * size + 1);
  const lineBytes = 2 * (size * columns + 2) * input.channels;
  const lines = (size + 2) * roundUp(lineBytes, 16) + (rows * size + 2) * lineBytes + 2 * SLACK_BYTES;
  return { columns, rows, bytes: products + rows * columns * patchBytes + sums + lines };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function filterRows({ input, output }: Convolution): FilterRows {
  const count = 9 * input.channels;
  return { channels: output.channels, count, step: 1, start: (c) => c * count };
}

/** The size of patches by which the layer is fastest and its sums fit; null where the direct form is better. */
function sizeOf(graph: Graph, node: Node): PatchSize | null {
  const conv = convolutionOf(graph, node);
  const { filter, stride, dilation, groups } = conv;
  if (filter.height !== 3 || filter.width !== 3 || groups !== 1) return null;
  if (conv.output.channels < BLOCK) return null;
  if (stride.height * stride.width * dilation.height * dilation.width !== 1) return null;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return null;
  const direct = tileInstructions(conv) * WORTHWHILE;
  const faster = ([2, 4] as const).filter((size) => instructionsOf(conv, size) < direct);
  if (faster.length === 0) return null;
  const ranges = accumulatorRanges(layer, filterRows(conv));
  const bound = ranges.reduce((most, { low, high }) => Math.max(most, -low, high), 0);
  const exact = faster.filter((size) => winogradFits(bound, size));
  return exact.sort((a, b) => instructionsOf(conv, a) - instructionsOf(conv, b))[0] ?? null;
}

/** Vector instructions of V8's x64 code. */
function instructionsOf(conv: Convolution, size: PatchSize): number {
  const { batches, input, output } = conv;
  const { columns, rows } = bandOf(conv, size);
  const positions = (size + 2) ** 2;
  const pairs = Math.ceil(input.channels / 2);
  const blocks = Math.ceil(output.channels / BLOCK);
  const patchRows = Math.ceil(output.height / size);
  const patches = patchRows * columns;
  const tiles = Math.ceil(patches / TILE);
  const { lines, patch, combine } = TRANSFORMS[size];
  const widths = (size * columns + 2) * Math.ceil(input.channels / BLOCK);
  const widened = (patchRows * size + 2 * Math.ceil(patchRows / rows)) * widths * 5;
  const inputs = widened + patchRows * widths * lines + patches * Math.ceil(input.channels / BLOCK) * patch;
  const products = tiles * (positions * (33 * pairs + 34) + combine);
  const requantized = output.height * output.width * 26;
  return Math.round(batches * (inputs + blocks * (products + requantized)));
}

/** Of a vector of a row of lines and of one of a patch's channels; of the products of four patches by eight channels. */
const TRANSFORMS = {
  2: { lines: 16, patch: 80, combine: 700 },
  4: { lines: 34, patch: 230, combine: 2500 },
} as const;

function winogradCall(graph: Graph, node: Node): KernelCall {
  const size = sizeOf(graph, node);
  if (size === null) throw new Error(`${ID} does not take ${node.kind}`);
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { batches, input, output, padding } = conv;
  const rows = filterRows(conv);
  const multipliers = multipliersOf(node, layer, output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const order = overlappingBlocks(output.channels);
  const packed = packChannels(layer, rows, bias, multipliers, conv.clamp, order);
  const channels = multiplyBiases(packed, WINOGRAD_SCALE[size], order.length / BLOCK);
  const filters = { weights: layer.filter.data as Int8Array, depth: input.channels, order };
  const compact = compactWinograd(filters, size);
  const band = bandOf(conv, size);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: Math.max(band.bytes, compact.freeBytes),
    constants: [
      { name: 'filter', data: packWinograd(filters, size), compact },
      { name: 'channels', data: channels.data },
    ],
    scalars: {
      zero_point: zeroPointOf(layer.input),
      ...outputScalars(layer, conv.clamp),
      batches,
      input_height: input.height,
      input_width: input.width,
      input_channels: input.channels,
      output_height: output.height,
      output_width: output.width,
      output_channels: output.channels,
      pad_top: padding.top,
      pad_left: padding.left,
      band_rows: band.rows,
      columns: band.columns,
    },
    shape: { size, ...channels.shape },
    overlap: [bandOverlap(conv, size * band.rows)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, size),
    counted: 'V8',
  };
}

/** CONV_2D of int8 by 3x3 without stride, dilation, groups and zero points of weights. */
export const conv2dWinogradKernel: Kernel = {
  id: ID,
  source: 'conv_2d_winograd',
  codeBytes: 3000,
  ops: ['CONV_2D'],
  accepts: (graph, node, { backend }) => backend === 'wasm' && sizeOf(graph, node) !== null,
  lower: winogradCall,
};
