/**
 * CONV_2D and FULLY_CONNECTED with weights of 1, 2 or 4 bits whose activations are packed, or whose sums end otherwise than by a
 * multiplier to int8: the lanes of `conv_2d_lanes_simd32.ts` and `conv_2d_lanes_mul.ts`, with `codegen/c/kernels/ending.h`.
 */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, zeroPointOf } from '../../graph/tensor.js';
import { blockEnds } from '../convolution/blocks_simd32.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  macsOf,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall, Parameters, Target } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
import { bitsOf, packEnding } from '../weights/ending.js';
import { type LaneBits, laneBits, type WeightGrid, weightGrid } from '../weights/lane-codes.js';
import { packLanes } from '../weights/lanes.js';
import { packLanesMul } from '../weights/lanes_mul.js';
import { linearLayer } from '../weights/linear.js';
import { hasSimd32 } from '../weights/simd32.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightedLayer,
  weightSum,
} from '../weights/weighted-layer.js';
import { byteStarts } from './conv_2d_unpacked.js';

/** Sums of a row beyond this many inputs may leave 32 bits. */
const MOST_INPUTS = 2 ** 15;

interface PackedLanes {
  readonly filter: Int32Array;
  readonly words: number;
  readonly segment: number;
  readonly part?: number;
  readonly first: number;
  readonly step: number;
}

/** How a core multiplies several weights at once. */
interface Lanes {
  readonly suffix: 'lanes_simd32' | 'lanes_mul';
  readonly source: string;
  /** Pixels of a block. */
  pixels(conv: Convolution): 1 | 3;
  /** The member of the shape that says so. */
  member(pixels: number): Parameters;
  /** Numbers of pixels that are written after each block, in order. */
  ends(conv: Convolution, pixels: number): number[];
  runsOn(target: Target): boolean;
  pack(layer: WeightedLayer, grid: WeightGrid, bits: LaneBits): PackedLanes;
  /** Words of scratch before a window's bytes: widened inputs, their sums, accumulators. */
  scratchWords(packed: PackedLanes, bits: LaneBits, pixels: number, channels: number): number;
  /** Measured (GCC 12, -O2): instructions by product. */
  readonly perProduct: Readonly<Record<LaneBits, number>>;
}

const segmentsOf = ({ words, segment }: PackedLanes): number => Math.ceil(words / segment);

const SIMD32: Lanes = {
  suffix: 'lanes_simd32',
  source: 'conv_2d_lanes_endings_simd32',
  pixels: ({ output }) => (output.height * output.width < 3 ? 1 : 3),
  member: (pixels) => ({ block_pixels: pixels }),
  ends: (conv, pixels) => blockEnds(conv, pixels, conv.output.height * conv.output.width),
  runsOn: hasSimd32,
  pack: ({ filter, rows }, grid, bits) => packLanes(filter.data, zeroPointOf(filter), rows, grid, bits),
  scratchWords: (packed, bits, pixels, channels) =>
    packed.words * (bits === 1 ? 4 : 2) * pixels +
    segmentsOf(packed) * (2 + pixels) +
    pixels * (1 + channels),
  perProduct: { 1: 0.42, 2: 0.44, 4: 0.83 },
};

/** Blocks are of two pixels or three, by the core: room is for the larger, and overlap for any. */
const MUL: Lanes = {
  suffix: 'lanes_mul',
  source: 'conv_2d_lanes_endings_mul',
  pixels: ({ output }) => (output.width > 1 ? 3 : 1),
  member: (pixels) => ({ several: pixels > 1 ? 1 : 0 }),
  ends: (conv) => blockEnds(conv, 1, 1),
  runsOn: ({ backend, isa }) => backend === 'c' && (isa === 'armv6-m' || isa === 'armv7-m'),
  pack: ({ filter, rows }, grid, bits) => packLanesMul(filter.data, zeroPointOf(filter), rows, grid, bits),
  scratchWords: (packed, bits, pixels) => pixels * (packed.words * (8 / bits) + segmentsOf(packed) + 1),
  perProduct: { 1: 1.9, 2: 1.9, 4: 2.1 },
};

function suits(graph: Graph, node: Node, bits: LaneBits): boolean {
  const layer = weightedLayer(graph, node);
  // What ends by a multiplier to int8 has rows of its own.
  if (!layer || linearLayer(graph, node) !== null) return false;
  if (layer.input.format.type === 'int16' || layer.rows.count > MOST_INPUTS) return false;
  if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return false;
  const grid = weightGrid(layer.filter);
  return grid !== null && laneBits(grid) === bits && convolutionOf(graph, node).groups === 1;
}

function lower(graph: Graph, node: Node, kernel: string, bits: LaneBits, lanes: Lanes): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const packed = lanes.pack(layer, weightGrid(layer.filter)!, bits);
  const { filter, ...scalars } = packed;
  const zero = zeroPointOf(layer.input);
  const ending = packEnding(graph, node, layer, (c) => -zero * weightSum(layer, c));
  const pixels = lanes.pixels(conv);
  const outputBytes = byteLength(layer.output) / pixelsOf(conv);
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes:
      4 * (lanes.scratchWords(packed, bits, pixels, output.channels) + Math.ceil(layer.rows.count / 4)),
    constants: [{ name: 'filter', data: filter }, ending.constant],
    scalars: { row_begin: 0, row_end: output.height, zero_point: zero, ...scalars },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      ...lanes.member(pixels),
      input_bits: bitsOf(layer.input),
      ...ending.shape,
    },
    overlap: [blockOverlap(byteStarts(layer, conv), lanes.ends(conv, pixels), outputBytes, 1)],
    macs: macsOf(conv),
    instructions: Math.round(
      pixelsOf(conv) * (60 + layer.rows.count * 8 + 30 * output.channels) +
        macsOf(conv) * lanes.perProduct[bits] * (pixels === 1 ? 1.5 : 1),
    ),
  };
}

function kernel(bits: LaneBits, lanes: Lanes): Kernel {
  const id = `conv_2d_w${bits}_${lanes.suffix}`;
  return {
    id,
    source: lanes.source,
    codeBytes: 1500,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) => lanes.runsOn(target) && suits(graph, node, bits),
    lower: (graph, node) => lower(graph, node, id, bits, lanes),
  };
}

export const conv2dLanesEndingsKernels: readonly Kernel[] = [SIMD32, MUL].flatMap((lanes) =>
  ([1, 2, 4] as const).map((bits) => kernel(bits, lanes)),
);
