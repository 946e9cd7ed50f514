/** The geometry of the operators that slide a filter over an image. */
import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Clamp, Node, NodeOf, Padding, Size2 } from '../../graph/ops.js';
import { elementCount, type Tensor } from '../../graph/tensor.js';
import type { Parameters } from '../kernel.js';

/** Sizes of an image in NHWC. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * A convolution in numbers. FULLY_CONNECTED is one of 1x1 over a column of rows, DEPTHWISE_CONV_2D one with a group for
 * each input channel.
 */
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
    const rows = elementCount(x.shape) / inputs;
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
  if (node.kind !== 'CONV_2D' && node.kind !== 'DEPTHWISE_CONV_2D' && node.kind !== 'TRANSPOSE_CONV') {
    throw new Error(`${node.kind} does not convolve`);
  }
  const { height, width, channels } = imageOf(filter);
  const depth = node.kind === 'DEPTHWISE_CONV_2D' ? 1 : channels;
  const transposed = node.kind === 'TRANSPOSE_CONV';
  return {
    batches: x.shape[0]!,
    input: imageOf(x),
    output: imageOf(y),
    filter: { height, width, channels: depth },
    stride: node.attributes.stride,
    dilation: node.kind === 'TRANSPOSE_CONV' ? ONE : node.attributes.dilation,
    padding: node.attributes.padding,
    groups: imageOf(x).channels / depth,
    transposed,
    clamp: node.attributes.clamp,
  };
}

/** Whether a DEPTHWISE_CONV_2D, of a single input channel and several output channels, is better done as CONV_2D. */
export function isDense(graph: Graph, node: NodeOf<'DEPTHWISE_CONV_2D'>): boolean {
  return requireInput(graph, node, 0).shape[3] === 1 && node.attributes.depthMultiplier >= 4;
}

/** Whether some window of a convolution leaves the image. Transposed ones nearly always do. */
export function leavesImage({
  input,
  output,
  filter,
  stride,
  dilation,
  padding,
  transposed,
}: Convolution): boolean {
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

/** First element of the input that each pixel of the output reads, in order; Infinity where it reads none. */
export function pixelStarts({
  batches,
  input,
  output,
  filter,
  stride,
  dilation,
  padding,
  transposed,
}: Convolution): number[] {
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

/** How many taps of the filter lie in the image, by output row and by output column. */
export function tapsInside({ input, output, filter, stride, dilation, padding, transposed }: Convolution) {
  const count = (at: number, taps: number, s: number, d: number, before: number, size: number) => {
    const elements = Array.from({ length: taps }, (_, t) =>
      transposed ? (at + before - t) / s : at * s - before + t * d,
    );
    return elements.filter((e) => Number.isInteger(e) && e >= 0 && e < size).length;
  };
  return {
    rows: Array.from({ length: output.height }, (_, y) =>
      count(y, filter.height, stride.height, dilation.height, padding.top, input.height),
    ),
    columns: Array.from({ length: output.width }, (_, x) =>
      count(x, filter.width, stride.width, dilation.width, padding.left, input.width),
    ),
  };
}

/** How many rows and taps of all windows lie in the image, by output channel. */
export function insideWindows(conv: Convolution): { readonly rows: number; readonly taps: number } {
  const { rows, columns } = tapsInside(conv);
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const rowsInside = conv.batches * sum(rows);
  return { rows: rowsInside * conv.output.width, taps: rowsInside * sum(columns) };
}

/** How many rows of windows, in all, lie in the image as a whole, and how many do not. */
export function windowRows(conv: Convolution) {
  const { batches, output, filter } = conv;
  const { rows, columns } = tapsInside(conv);
  const wholeColumns = columns.filter((taps) => taps === filter.width).length;
  const whole = batches * wholeColumns * rows.reduce((sum, taps) => sum + taps, 0);
  return { whole, broken: batches * output.height * output.width * filter.height - whole };
}

/** Members of a kernel's shape that say how large images are and in which rings their rows lie, up to the output's width. */
export function imageMembers({ batches, input, output }: Convolution): Parameters {
  return {
    batches,
    input_height: input.height,
    input_width: input.width,
    input_channels: input.channels,
    input_ring_rows: input.height,
    output_height: output.height,
    output_width: output.width,
  };
}

/** Members of a kernel's shape that place the window of a pixel. */
export function windowMembers({ filter, stride, dilation, padding }: Convolution): Parameters {
  return {
    filter_height: filter.height,
    filter_width: filter.width,
    stride_height: stride.height,
    stride_width: stride.width,
    dilation_height: dilation.height,
    dilation_width: dilation.width,
    pad_top: padding.top,
    pad_left: padding.left,
  };
}

export function pixelsOf({ batches, output }: Convolution): number {
  return batches * output.height * output.width;
}

/** Products of all taps, those outside of the image included. */
export function macsOf(conv: Convolution): number {
  const { output, filter } = conv;
  return pixelsOf(conv) * output.channels * filter.height * filter.width * filter.channels;
}
