/** What CONV_2D and TRANSPOSE_CONV lower to: one traversal (`convolve.h`, `convolve.ts`) with two kinds of windows. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { ELEMENT_BYTES, zeroPointOf } from '../../graph/tensor.js';
import type { ConstantArgument, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packBlocks, packPairs, padBlocks, type Rows } from '../weights/blocks.js';
import {
  type FilterRows,
  type LinearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import {
  laneShifts,
  type PackedMultipliers,
  packMultipliers,
  packReducedMultipliers,
} from '../weights/requantizer.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  leavesImage,
  macsOf,
  pixelStarts,
  tapsInside,
  windowMembers,
} from './convolution.js';

/** Output channels that a kernel computes at once, and so writes only after the input's last read for them. */
const BLOCK = { c: 4, wasm: 8 } as const;

type Backend = keyof typeof BLOCK;

/** @throws BitloomError BL202 */
export function convolveCall(graph: Graph, node: Node, kernel: string, backend: Backend): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const conv = convolutionOf(graph, node);
  const { output, filter } = conv;
  const taps = filter.height * filter.width * filter.channels;
  const rows: FilterRows = { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
  const multipliers = multipliersOf(node, layer, output.channels);
  const padded = leavesImage(conv);
  const bias = provenBias(graph, node, layer, rows, multipliers, !padded);
  const packed = layer.type === 's16' ? packReducedMultipliers(multipliers) : packMultipliers(multipliers);
  const filterOffset = -zeroPointOf(layer.filter);
  const offsets =
    layer.type === 's8' ? { input_offset: -zeroPointOf(layer.input), filter_offset: filterOffset } : {};
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: (backend === 'c' ? blockConstants : pairConstants)(conv, layer, bias, packed),
    scalars: { row_begin: 0, row_end: output.height, ...offsets, ...outputScalars(layer, conv.clamp) },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      groups: conv.groups,
      padded: padded ? 1 : 0,
      filter_offsets: filterOffset === 0 ? 0 : 1,
      right_shift: packed.rightShift,
    },
    overlap: [
      windowOverlap(
        pixelStarts(conv),
        output.channels,
        ELEMENT_BYTES[layer.input.format.type],
        blocksAhead(output.channels / conv.groups, filter.channels, conv.groups, BLOCK[backend]),
      ),
    ],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, padded),
  };
}

/** The filter of a DEPTHWISE_CONV_2D of one input channel, 1HWO, as that of a CONV_2D, OHWI with I = 1. */
export function rowMajor(node: Node, layer: LinearLayer): LinearLayer {
  if (node.kind !== 'DEPTHWISE_CONV_2D') return layer;
  const { data } = layer.filter;
  const channels = layer.filter.shape[3]!;
  const taps = data.length / channels;
  const rows = Int8Array.from({ length: data.length }, (_, i) =>
    Number(data[(i % taps) * channels + Math.floor(i / taps)]),
  );
  return { ...layer, filter: { ...layer.filter, data: rows } };
}

function weightRows({ groups, output, filter }: Convolution, layer: LinearLayer): Rows {
  return {
    data: layer.filter.data as Int8Array,
    groups,
    rowsOfGroup: output.channels / groups,
    columns: filter.height * filter.width * filter.channels,
  };
}

type Bias = Int32Array | BigInt64Array;

/** As `codegen/c/kernels/convolve.h` reads them. */
function blockConstants(
  conv: Convolution,
  layer: LinearLayer,
  bias: Bias,
  { multiplier, shift }: PackedMultipliers,
): ConstantArgument[] {
  return [
    { name: 'filter', data: packBlocks(weightRows(conv, layer), BLOCK.c) },
    { name: 'bias', data: bias, isNarrowable: true },
    { name: 'multiplier', data: multiplier },
    { name: 'shift', data: shift },
  ];
}

/** As `assembly/convolve.ts` reads them. */
function pairConstants(
  conv: Convolution,
  layer: LinearLayer,
  bias: Bias,
  packed: PackedMultipliers,
): ConstantArgument[] {
  const pad = <T extends Bias>(values: T): T => padBlocks(values, conv.groups, BLOCK.wasm);
  return [
    { name: 'filter', data: packPairs(weightRows(conv, layer), conv.filter.channels, BLOCK.wasm) },
    { name: 'bias', data: pad(bias) },
    { name: 'multiplier', data: pad(packed.multiplier) },
    { name: 'shift', data: pad(laneShifts(packed)) },
  ];
}

/** How far the blocks that a pixel has written are ahead of the input that its later blocks still read. */
export function blocksAhead(outputs: number, inputs: number, groups: number, block: number): number | null {
  const leads: number[] = [];
  for (let group = 0; group < groups; group++) {
    const written = group * outputs;
    if (outputs > block) leads.push(written + Math.floor((outputs - 1) / block) * block - group * inputs);
    if (group + 1 < groups) leads.push(written + outputs - (group + 1) * inputs);
  }
  return leads.length === 0 ? null : Math.max(...leads);
}

/** Measured on Cortex-M4 (GCC 12, -O2): by pixel, output, block of a pixel, row and tap of a window, and product. */
function instructionsOf(conv: Convolution, padded: boolean): number {
  const { batches, output, filter, dilation, groups, transposed } = conv;
  const { rows, columns } = tapsInside(conv);
  const pixels = output.height * output.width;
  const blocks = groups * Math.ceil(output.channels / groups / BLOCK.c);
  const rowsMet = sum(rows) * output.width;
  const tapsMet = sum(rows) * sum(columns);
  const narrow = filter.channels % BLOCK.c !== 0 && groups === 1 && dilation.width === 1 && !transposed;
  const products = filter.channels * (padded ? 11.25 : 10.25);
  const perBlock = pixels * 22 + rowsMet * (padded ? 12 : 0) + tapsMet * (narrow ? products : products + 4);
  return Math.round(batches * (pixels * (20 + 19 * output.channels) + blocks * perBlock));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
