import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, elementCount, zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  leavesImage,
  macsOf,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { ConstantArgument, Kernel, KernelCall, Parameters } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
import { LANES, type LaneEnding, packLaneEnding } from '../weights/lane-ending.js';
import {
  ADDED,
  type PairTables,
  type ProductTables,
  productTables,
  storedValue,
  type TableCodes,
  tableCodes,
} from '../weights/product-tables.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
  weightSum,
} from '../weights/weighted-layer.js';
import { byteStarts } from './conv_2d_unpacked.js';

const ID = 'conv_2d_product_tables';

/** Windows of a band, which stay in the first-level cache beside the filters of two blocks. */
const BAND_BYTES = 12288;
/** Look-ups by which tables of two pixels save what it takes to make them. */
const LEAST_LOOK_UPS = 1024;
/** Blocks of channels that share selectors. */
const WIDE = 4;
/** Of the sums of a pixel for a block of channels, of 32 bits and of 16. */
const SUM_BYTES = 4 * LANES;
const PART_BYTES = 2 * LANES;
/** Selectors may be written this far too long. */
const SLACK_BYTES = 16;

/** What every kernel of product tables knows about its layer. */
export interface TableLayer {
  readonly layer: WeightedLayer;
  readonly conv: Convolution;
  readonly tables: ProductTables;
  readonly codes: TableCodes;
  readonly ending: LaneEnding;
  readonly constants: { readonly tables: ConstantArgument; readonly ending: ConstantArgument };
  readonly corrected: boolean;
  /** What the kernel takes for groups of a window: with those of clear bits that fill them up. */
  readonly groups: number;
}

/** @param multiple of which the kernel wants groups @param pairs what its entries are then, if they are nibbles */
export function tableLayer(
  graph: Graph,
  node: Node,
  { multiple, pairs = null }: { readonly multiple: number; readonly pairs?: PairTables | null },
): TableLayer {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const tables = productTables(layer)!;
  const codes = tableCodes(layer, tables, conv.filter.height * conv.filter.width, conv.filter.channels);
  const zero = zeroPointOf(layer.input);
  const groups = Math.ceil(codes.groups / multiple) * multiple;
  const least = pairs?.least ?? 0;
  const filled = ((groups - codes.groups) * tables.entries[0]! - groups * least) * tables.unit;
  const corrections = Array.from(
    { length: layer.rows.channels },
    (_, c) => codes.lacking(c) - filled - zero * weightSum(layer, c),
  );
  const ending = packLaneEnding(graph, node, layer, tables.unit, (c) => corrections[c]!);
  const corrected = isCorrected(layer, conv, tables);
  const words = corrected
    ? Int32Array.from([...ending.words, ...packCorrections(layer, conv, tables)])
    : ending.words;
  return {
    layer,
    conv,
    tables,
    codes,
    ending,
    constants: {
      tables: { name: 'tables', data: pairs?.nibbles ?? tables.entries },
      ending: { name: 'ends', data: words },
    },
    corrected,
    groups,
  };
}

/** What a code of an element out of the image should stand for, less what clear bits do. */
function excess({ input }: WeightedLayer, { bits }: ProductTables): number {
  return zeroPointOf(input) - storedValue(0, bits);
}

function isCorrected(layer: WeightedLayer, conv: Convolution, tables: ProductTables): boolean {
  return leavesImage(conv) && excess(layer, tables) !== 0;
}

/** By channel and tap: what a tap out of the image lacks, in units. */
function correctionOf(
  layer: WeightedLayer,
  depth: number,
  tables: ProductTables,
  c: number,
  tap: number,
): number {
  let sum = 0;
  for (let i = 0; i < depth; i++) sum += weightAt(layer, c, tap * depth + i);
  return (sum / tables.unit) * excess(layer, tables);
}

/** int16 [blocks][taps][16], as words. */
function packCorrections(layer: WeightedLayer, { filter }: Convolution, tables: ProductTables): Int32Array {
  const taps = filter.height * filter.width;
  const { channels } = layer.rows;
  const corrections = new Int16Array(Math.ceil(channels / LANES) * taps * LANES);
  for (let c = 0; c < channels; c++) {
    for (let tap = 0; tap < taps; tap++) {
      const to = (Math.floor(c / LANES) * taps + tap) * LANES + (c % LANES);
      corrections[to] = correctionOf(layer, filter.channels, tables, c, tap);
    }
  }
  return new Int32Array(corrections.buffer);
}

function correctionsFit(layer: WeightedLayer, { filter }: Convolution, tables: ProductTables): boolean {
  const most = Math.max(...tables.values.map(Math.abs)) / tables.unit;
  return most * filter.channels * Math.abs(excess(layer, tables)) <= 32767;
}

/** Of a row of packed activations. */
export function pixelBytes({ layer, conv }: TableLayer): number {
  return byteLength(layer.input) / (elementCount(layer.input.shape) / conv.input.channels);
}

/** Members of a kernel's calls that place the windows, as selectors of tables. */
function selectorMembers(known: TableLayer): Parameters {
  const { conv, codes } = known;
  const { input_channels, input_ring_rows, ...image } = imageMembers(conv);
  return {
    ...image,
    output_channels: conv.output.channels,
    ...windowMembers(conv),
    pixel_bytes: pixelBytes(known),
    tap_groups: codes.tapGroups,
  };
}

/** Of a layer's blocks of channels: how many are in fours, whether two more are, and whether one. */
interface Blocks {
  readonly count: number;
  readonly wide: number;
  readonly pair: boolean;
  readonly odd: boolean;
}

function blocksOf({ output }: Convolution): Blocks {
  const count = Math.ceil(output.channels / LANES);
  return { count, wide: count - (count % WIDE), pair: (count & 2) > 0, odd: (count & 1) > 0 };
}

/**
 * Entries as bytes, [blocks / 4][groups][4][16], then those left as [groups][2][16] and [groups][16]; the module carries nibbles, from
 * which they are made when it is instantiated.
 */
function packEntries({ codes, conv, groups }: TableLayer): ConstantArgument {
  const { count, wide, pair } = blocksOf(conv);
  const vectors = Math.ceil((count * groups) / 2);
  const data = new Int8Array(2 * vectors * LANES);
  for (let c = 0; c < conv.output.channels; c++) {
    const block = Math.floor(c / LANES);
    const width = block < wide ? WIDE : pair && block < wide + 2 ? 2 : 1;
    const place = (block - wide) % width;
    const first = (block < wide ? block - (block % WIDE) : block - place) * groups;
    const lane = (block < wide ? block % WIDE : place) * LANES + (c % LANES);
    for (let group = 0; group < codes.groups; group++) {
      data[(first + group * width) * LANES + lane] = codes.at(c, group);
    }
  }
  return {
    name: 'filter',
    data,
    compact: {
      data: packNibbles(data),
      expand: 'expand_nibbles',
      source: 'nibbles',
      parameters: [vectors],
    },
  };
}

/** Of each 32 bytes below 16, the first sixteen as low nibbles and the others as high ones. */
export function packNibbles(bytes: Int8Array): Int8Array {
  return Int8Array.from({ length: bytes.length / 2 }, (_, i) => {
    const at = Math.floor(i / LANES) * 2 * LANES + (i % LANES);
    return bytes[at]! | (bytes[at + LANES]! << 4);
  });
}

function call(graph: Graph, node: Node): KernelCall {
  const pairs = pairTablesOf(graph, node);
  const known = tableLayer(graph, node, { multiple: pairs ? ADDED : 1, pairs });
  const { layer, conv, tables, groups, ending } = known;
  const blocks = blocksOf(conv);
  const pixels = pixelsOf(conv);
  const fitting = Math.max(2, Math.floor(BAND_BYTES / groups));
  const band = Math.min(pixels, fitting - (fitting % 2));
  const outputBytes = byteLength(layer.output) / pixels;
  const ends = Array.from({ length: Math.ceil(pixels / band) }, (_, i) => Math.min((i + 1) * band, pixels));
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: WIDE * (band + 1) * SUM_BYTES + 2 * WIDE * PART_BYTES + band * (8 + groups) + SLACK_BYTES,
    constants: [known.constants.tables, packEntries(known), known.constants.ending],
    scalars: {
      ...selectorMembers(known),
      groups,
      band_pixels: band,
      flush: (pairs ?? tables).flush,
      chunk: tables.chunk,
      step: pairs?.step ?? 1,
      ...ending.scalars,
    },
    shape: {
      wide: blocks.wide > 0 ? 1 : 0,
      pair: blocks.pair ? 1 : 0,
      odd: blocks.odd ? 1 : 0,
      paired: pairs ? 1 : 0,
      corrected: known.corrected ? 1 : 0,
      single_chunk: groups <= tables.chunk ? 1 : 0,
      ...ending.shape,
    },
    overlap: [blockOverlap(byteStarts(layer, conv), ends, outputBytes, 1)],
    relaxed: { needs: 'swizzle', instructions: instructionsOf(known, pairs ? 15 : 18) },
    macs: macsOf(conv),
    instructions: instructionsOf(known, pairs ? 18 : 22),
    counted: 'V8',
  };
}

/** The tables of two pixels, where they are worth being made anew at each call. */
function pairTablesOf(graph: Graph, node: Node): PairTables | null {
  const conv = convolutionOf(graph, node);
  const { pairs, lanes } = productTables(requireWeightedLayer(graph, node))!;
  const groups = conv.filter.height * conv.filter.width * Math.ceil(conv.filter.channels / lanes);
  const lookUps = pixelsOf(conv) * Math.ceil(conv.output.channels / LANES) * groups;
  const fits = pairs && groups >= LANES && groups + ADDED <= pairs.most;
  return fits && lookUps >= LEAST_LOOK_UPS ? pairs : null;
}

/** @param ofGroup vector instructions of V8's x64 code by two pixels and two blocks of channels */
function instructionsOf({ conv, tables, groups }: TableLayer, ofGroup: number): number {
  const blocks = Math.ceil(conv.output.channels / LANES);
  const tiles = Math.ceil(pixelsOf(conv) / 2) * Math.ceil(blocks / 2);
  const flushes = Math.ceil(groups / tables.flush);
  return tiles * (ofGroup * groups + 40 * flushes + 200) + pixelsOf(conv) * groups;
}

/**
 * Whether products of the layer are in tables.
 * @param entries that a kernel adds in 8 bits at least
 */
export function hasProductTables(graph: Graph, node: Node, entries = 1): boolean {
  const layer = node.kind === 'DEPTHWISE_CONV_2D' ? null : weightedLayer(graph, node);
  if (!layer) return false;
  const conv = convolutionOf(graph, node);
  if (conv.groups !== 1) return false;
  const tables = productTables(layer);
  if (!tables || tables.flush < entries) return false;
  return !isCorrected(layer, conv, tables) || correctionsFit(layer, conv, tables);
}

/** Activations and weights of 1, of 2 and of 4 bits: four, two products and one a table's entry. */
export const conv2dProductTablesKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 3000,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, { backend }) {
    return backend === 'wasm' && hasProductTables(graph, node);
  },
  lower: call,
};
