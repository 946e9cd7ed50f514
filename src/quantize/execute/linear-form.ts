/**
 * Weighted operators as products of matrices: a row of inputs for each output position, times the filters. Solvers choose codes
 * by the moments of those rows, and layers are computed by them.
 */
import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Padding, Size2 } from '../../graph/ops.js';
import type { WeightedFloat } from '../weighted.js';

/** Groups are independent: a group of a convolution, or an input channel of a depthwise one. */
export interface LinearForm {
  readonly groups: number;
  /** Filters of a group. */
  readonly filters: number;
  /** Weights of a filter. */
  readonly columns: number;
  /** Output positions. */
  readonly positions: number;
  /** Output channels; channel `group * filters + n` is filter n of a group. */
  readonly channels: number;
  /** Writes `columns` inputs of an output position, 0 where it reaches out of the image, at `at` of `row`. */
  fill(x: Float32Array, group: number, position: number, row: Float32Array, at: number): void;
  /** Index of weight k of an output channel in the operator's filter. */
  weightIndex(channel: number, k: number): number;
}

export function linearForm(graph: Graph, node: WeightedFloat): LinearForm {
  const filter = requireInput(graph, node, 1).shape;
  const output = outputOf(graph, node).shape;
  const channels = output.at(-1)!;
  const positions = output.slice(0, -1).reduce((product, size) => product * size, 1);
  switch (node.kind) {
    case 'FULLY_CONNECTED': {
      const [filters, columns] = filter as [number, number];
      return {
        groups: 1,
        filters,
        columns,
        positions,
        channels,
        fill: (x, _, position, row, at) => {
          row.set(x.subarray(position * columns, (position + 1) * columns), at);
        },
        weightIndex: (channel, k) => channel * columns + k,
      };
    }
    case 'CONV_2D': {
      const [, kernelHeight, kernelWidth, depth] = filter as [number, number, number, number];
      const image = imageOf(graph, node);
      const groups = image.channels / depth;
      const columns = kernelHeight * kernelWidth * depth;
      const taps = forwardTaps(node.attributes, { height: kernelHeight, width: kernelWidth }, output);
      return {
        groups,
        filters: channels / groups,
        columns,
        positions,
        channels,
        fill: fillBy(image, taps, depth),
        weightIndex: (channel, k) => channel * columns + k,
      };
    }
    case 'DEPTHWISE_CONV_2D': {
      const [, kernelHeight, kernelWidth] = filter as [number, number, number];
      const image = imageOf(graph, node);
      const taps = forwardTaps(node.attributes, { height: kernelHeight, width: kernelWidth }, output);
      return {
        groups: image.channels,
        filters: node.attributes.depthMultiplier,
        columns: kernelHeight * kernelWidth,
        positions,
        channels,
        fill: fillBy(image, taps, 1),
        weightIndex: (channel, k) => k * channels + channel,
      };
    }
    case 'TRANSPOSE_CONV': {
      const [, kernelHeight, kernelWidth, depth] = filter as [number, number, number, number];
      const image = imageOf(graph, node);
      const columns = kernelHeight * kernelWidth * depth;
      const taps = backwardTaps(node.attributes, { height: kernelHeight, width: kernelWidth }, output);
      return {
        groups: 1,
        filters: channels,
        columns,
        positions,
        channels,
        fill: fillBy(image, taps, depth),
        weightIndex: (channel, k) => channel * columns + k,
      };
    }
  }
}

interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

function imageOf(graph: Graph, node: WeightedFloat): Image {
  const [, height, width, channels] = requireInput(graph, node, 0).shape as [number, number, number, number];
  return { height, width, channels };
}

/** Which pixels of the input an output position reads, in the order of the filter's taps. */
interface Taps {
  readonly output: readonly number[];
  readonly kernel: Size2;
  /** The input's coordinate that a tap reads for an output's, perhaps out of the image; -1 where there is none. */
  row(oy: number, ky: number): number;
  column(ox: number, kx: number): number;
}

function forwardTaps(
  {
    stride,
    dilation,
    padding,
  }: { readonly stride: Size2; readonly dilation: Size2; readonly padding: Padding },
  kernel: Size2,
  output: readonly number[],
): Taps {
  return {
    output,
    kernel,
    row: (oy, ky) => oy * stride.height - padding.top + ky * dilation.height,
    column: (ox, kx) => ox * stride.width - padding.left + kx * dilation.width,
  };
}

/** Of a transposed convolution: an input pixel reaches the output pixels `stride * i - padding + k`. */
function backwardTaps(
  { stride, padding }: { readonly stride: Size2; readonly padding: Padding },
  kernel: Size2,
  output: readonly number[],
): Taps {
  const back = (o: number, before: number, k: number, step: number) =>
    (o + before - k) % step === 0 ? (o + before - k) / step : -1;
  return {
    output,
    kernel,
    row: (oy, ky) => back(oy, padding.top, ky, stride.height),
    column: (ox, kx) => back(ox, padding.left, kx, stride.width),
  };
}

function fillBy({ height, width, channels }: Image, taps: Taps, depth: number): LinearForm['fill'] {
  const { output, kernel } = taps;
  const [, outputHeight, outputWidth] = output as [number, number, number];
  return (x, group, position, row, at) => {
    const ox = position % outputWidth;
    const line = (position - ox) / outputWidth;
    const oy = line % outputHeight;
    const batch = (line - oy) / outputHeight;
    let to = at;
    for (let ky = 0; ky < kernel.height; ky++) {
      const iy = taps.row(oy, ky);
      for (let kx = 0; kx < kernel.width; kx++) {
        const ix = taps.column(ox, kx);
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) row.fill(0, to, to + depth);
        else {
          const from = ((batch * height + iy) * width + ix) * channels + group * depth;
          if (depth === 1) row[to] = x[from]!;
          else for (let c = 0; c < depth; c++) row[to + c] = x[from + c]!;
        }
        to += depth;
      }
    }
  };
}
