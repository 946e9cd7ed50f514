/** What CONV_2D and TRANSPOSE_CONV lower to: one traversal (`convolve.h`, `convolve.ts`) with two kinds of windows. */
import { type Graph, outputOf, requireInput } from '../graph/graph.js';
import type { Clamp, Node, Padding, Size2 } from '../graph/ops.js';
import { ELEMENT_BYTES, type Tensor, zeroPointOf } from '../graph/tensor.js';
import { packBlocks, packPairs, padBlocks, type Rows } from './blocks.js';
import type { ConstantArgument, KernelCall } from './kernel.js';
import {
  type FilterRows,
  type LinearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from './linear.js';
import { inputArgument, outputArgument } from './operands.js';
import { windowOverlap } from './overlap.js';
import {
  laneShifts,
  type PackedMultipliers,
  packMultipliers,
  packReducedMultipliers,
} from './requantizer.js';

/** Sizes of an image in NHWC. */
interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A convolution in numbers. A FULLY_CONNECTED is one of 1x1 over a column of rows. */
export interface Convolution {
  readonly batches: number;
  readonly input: Image;
  readonly output: Image;
  /** Channels are those of the inputs of one group. */
  readonly filter: Image;
  readonly stride: Size2;
  readonly dilation: Size2;
  readonly padding: Padding;
  readonly groups: number;
  readonly transposed: boolean;
  readonly clamp: Clamp;
}

function imageOf({ shape }: Tensor): Image {
  const [, height = 1, width = 1, channels = 1] = shape;
  return { height, width, channels };
}

const ONE: Size2 = { height: 1, width: 1 };
const NO_PADDING: Padding = { top: 0, bottom: 0, left: 0, right: 0 };

export function convolutionOf(graph: Graph, node: Node): Convolution {
  const x = requireInput(graph, node, 0);
  const filter = requireInput(graph, node, 1);
  const y = outputOf(graph, node);
  if (node.kind === 'FULLY_CONNECTED') {
    const [outputs = 1, inputs = 1] = filter.shape;
    const rows = x.shape.reduce((product, size) => product * size, 1) / inputs;
    return {
      batches: 1,
      input: { height: rows, width: 1, channels: inputs },
      output: { height: rows, width: 1, channels: outputs },
      filter: { height: 1, width: 1, channels: inputs },
      stride: ONE,
      dilation: ONE,
      padding: NO_PADDING,
      groups: 1,
      transposed: false,
      clamp: node.attributes.clamp,
    };
  }
  if (node.kind !== 'CONV_2D' && node.kind !== 'TRANSPOSE_CONV')
    throw new Error(`${node.kind} does not convolve`);
  const transposed = node.kind === 'TRANSPOSE_CONV';
  return {
    batches: x.shape[0]!,
    input: imageOf(x),
    output: imageOf(y),
    filter: imageOf(filter),
    stride: node.attributes.stride,
    dilation: node.kind === 'CONV_2D' ? node.attributes.dilation : ONE,
    padding: node.attributes.padding,
    groups: imageOf(x).channels / imageOf(filter).channels,
    transposed,
    clamp: node.attributes.clamp,
  };
}

/** Whether some window of a convolution leaves the image. Transposed ones nearly always do. */
function leavesImage({ input, output, filter, stride, dilation, padding, transposed }: Convolution): boolean {
  const last = (size: number, taps: number, s: number, d: number, before: number) =>
    (size - 1) * s - before + (taps - 1) * d;
  return (
    transposed ||
    padding.top > 0 ||
    padding.left > 0 ||
    last(output.height, filter.height, stride.height, dilation.height, padding.top) >= input.height ||
    last(output.width, filter.width, stride.width, dilation.width, padding.left) >= input.width
  );
}

/** Output channels that a kernel computes at once, and so writes only after the input's last read for them. */
const BLOCK = { c: 4, wasm: 8 } as const;

type Backend = keyof typeof BLOCK;

/** @throws BitloomError BL202 */
export function convolveCall(graph: Graph, node: Node, kernel: string, backend: Backend): KernelCall {
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { input, output, filter } = conv;
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
      batches: conv.batches,
      input_height: input.height,
      input_width: input.width,
      input_channels: input.channels,
      input_ring_rows: input.height,
      output_height: output.height,
      output_width: output.width,
      output_channels: output.channels,
      output_ring_rows: output.height,
      filter_height: filter.height,
      filter_width: filter.width,
      stride_height: conv.stride.height,
      stride_width: conv.stride.width,
      dilation_height: conv.dilation.height,
      dilation_width: conv.dilation.width,
      pad_top: conv.padding.top,
      pad_left: conv.padding.left,
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
    macs: conv.batches * output.height * output.width * output.channels * taps,
    instructions: instructionsOf(conv, padded),
  };
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
    { name: 'bias', data: bias },
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

/** First element of the input that each pixel of the output reads, in order; Infinity where it reads none. */
function pixelStarts({ batches, input, output, filter, stride, dilation, padding, transposed }: Convolution) {
  const first = (at: number, taps: number, s: number, d: number, before: number, size: number) =>
    transposed ? firstGathered(at + before, taps, s, size) : firstInside(at * s - before, taps, d, size);
  const columns = Array.from({ length: output.width }, (_, x) =>
    first(x, filter.width, stride.width, dilation.width, padding.left, input.width),
  );
  return Array.from({ length: batches * output.height }, (_, at) => {
    const batch = Math.floor(at / output.height);
    const y = at % output.height;
    const row = first(y, filter.height, stride.height, dilation.height, padding.top, input.height);
    return columns.map((x) => ((batch * input.height + row) * input.width + x) * input.channels);
  }).flat();
}

/** First element inside an image of `size` that a window from `origin` on meets. */
function firstInside(origin: number, taps: number, dilation: number, size: number): number {
  const tap = Math.max(0, Math.ceil(-origin / dilation));
  const element = origin + tap * dilation;
  return tap < taps && element < size ? element : Number.POSITIVE_INFINITY;
}

/** First element that output `position` (padding added) of a transposed convolution meets. */
function firstGathered(position: number, taps: number, stride: number, size: number): number {
  const element = Math.max(0, Math.ceil((position - taps + 1) / stride));
  return element < size && element * stride <= position ? element : Number.POSITIVE_INFINITY;
}

/** How far the blocks that a pixel has written are ahead of the input that its later blocks still read. */
function blocksAhead(outputs: number, inputs: number, groups: number, block: number): number | null {
  const leads: number[] = [];
  for (let group = 0; group < groups; group++) {
    const written = group * outputs;
    if (outputs > block) leads.push(written + Math.floor((outputs - 1) / block) * block - group * inputs);
    if (group + 1 < groups) leads.push(written + outputs - (group + 1) * inputs);
  }
  return leads.length === 0 ? null : Math.max(...leads);
}

/** Measured on Cortex-M4 (GCC 12, -O2): per pixel, per block of a pixel, per tap and per product. */
function instructionsOf(conv: Convolution, padded: boolean): number {
  const { output, filter, groups } = conv;
  const pixels = conv.batches * output.height * output.width;
  const blocks = groups * Math.ceil(output.channels / groups / BLOCK.c);
  const meets = conv.transposed ? conv.stride.height * conv.stride.width : 1;
  const taps = (filter.height * filter.width) / meets;
  const step = padded ? 11.3 : 10.3;
  const perBlock = 22 + (filter.height > 1 ? filter.height * 12 : 0) + taps * (6 + filter.channels * step);
  return Math.round(pixels * (20 + blocks * perBlock + output.channels * 22));
}
