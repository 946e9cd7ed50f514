/** Which rows of its inputs an operator needs for rows of its output. */
import { type Graph, outputOf, tensorAt } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { byteLength, type Tensor } from '../../graph/tensor.js';
import { rowsOfProducts } from '../../kernels/matmul/fully_connected_rows.js';
import { rowSumsShape } from '../../kernels/reduction/row_sums.js';
import { greatestCommonDivisor } from '../../numerics/divisor.js';
import { bilinearAxis, bilinearScale, nearestIndices } from '../../numerics/resize.js';

/**
 * Row y of the output reads `extent` rows of the input from floor((y * stride - before) / per) on, as far as there are such: the
 * window moves `stride` rows for `per` of the output. `before` is negative where the first rows are left out.
 */
export interface RowWindow {
  readonly stride: number;
  readonly before: number;
  readonly extent: number;
  /** 1 unless given. */
  readonly per?: number;
}

export const SAME_ROW: RowWindow = { stride: 1, before: 0, extent: 1 };

/** Operators whose output has, element by element, the rows of those inputs that are as high. */
const ELEMENTWISE: ReadonlySet<Node['kind']> = new Set([
  'ADD',
  'SUB',
  'MUL',
  'MAXIMUM',
  'MINIMUM',
  'LOGISTIC',
  'TANH',
  'HARD_SWISH',
  'GELU',
  'LEAKY_RELU',
  'PRELU',
  'RELU',
  'RELU6',
  'RELU_N1_TO_1',
  'TABLE',
  'QUANTIZE',
  'SOFTMAX',
]);

/** Whether the output has, element by element, what is made of the inputs' elements of the same row and column. */
export function isElementwise({ kind }: Node): boolean {
  return ELEMENTWISE.has(kind);
}

/** Whether a row of the output is made of the same row of the input. */
export function isSameRow({ stride, before, extent, per = 1 }: RowWindow): boolean {
  return stride === 1 && before === 0 && extent === 1 && per === 1;
}

/** Bytes of a row of an image. */
export function rowBytesOf(tensor: Tensor): number {
  return byteLength(tensor) / (tensor.shape[1] ?? 1);
}

/** Whether a tensor is one image, NHWC. */
export function isImage({ shape }: Tensor): boolean {
  return shape.length === 4 && shape[0] === 1;
}

/** Whether the operator sums up all rows of its input, or their products, one after the other: its output is there with the last. */
export function accumulates(graph: Graph, node: Node): boolean {
  return rowSumsShape(graph, node) !== null || rowsOfProducts(graph, node) !== null;
}

/** Rows in which a node runs that can be computed by rows: those of its output, or of its input where it accumulates. */
export function rowsOf(graph: Graph, node: Node): number {
  return (accumulates(graph, node) ? tensorAt(graph, node.inputs[0]) : outputOf(graph, node)).shape[1]!;
}

/**
 * By input: its window; null where it is read whole (constants, vectors of channels).
 * @returns null where the operator cannot be computed by rows
 */
export function rowWindows(graph: Graph, node: Node): readonly (RowWindow | null)[] | null {
  if (accumulates(graph, node)) return node.inputs.map((_, i) => (i === 0 ? SAME_ROW : null));
  if (!isImage(outputOf(graph, node)) || !isImage(tensorAt(graph, node.inputs[0]))) return null;
  const window = windowAlong(graph, node, 'rows');
  if (window) return node.inputs.map((_, i) => (i === 0 ? window : null));
  if (!isRowwise(node)) return null;
  const height = outputOf(graph, node).shape[1];
  const operands = node.inputs.map((id) => (id === null ? null : tensorAt(graph, id)));
  const windows = operands.map((tensor) =>
    tensor?.data === null && isImage(tensor) && tensor.shape[1] === height ? SAME_ROW : null,
  );
  // What is not read row by row must be the same for all rows.
  const isSame = operands.every((tensor, i) => windows[i] !== null || (tensor?.shape.at(-3) ?? 1) === 1);
  return isSame && windows.some((found) => found !== null) ? windows : null;
}

/** Whether rows of the output are made of rows of the inputs, where these are images of the same height. */
function isRowwise(node: Node): boolean {
  switch (node.kind) {
    case 'CONCATENATION':
      return node.attributes.axis >= 2;
    default:
      return ELEMENTWISE.has(node.kind);
  }
}

export type Axis = 'rows' | 'columns';

/** Of NHWC. */
export const DIMENSION: Readonly<Record<Axis, number>> = { rows: 1, columns: 2 };

const SIZE = { rows: 'height', columns: 'width' } as const;
const BEFORE = { rows: 'top', columns: 'left' } as const;

/** The window of a node that has one, along an axis of its first input, an image; null of others. */
export function windowAlong(graph: Graph, node: Node, axis: Axis): RowWindow | null {
  const [size, before, dimension] = [SIZE[axis], BEFORE[axis], DIMENSION[axis]];
  switch (node.kind) {
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D': {
      const { stride, dilation, padding } = node.attributes;
      const taps = tensorAt(graph, node.inputs[1]).shape[dimension]!;
      return { stride: stride[size], before: padding[before], extent: (taps - 1) * dilation[size] + 1 };
    }
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D': {
      const { stride, padding, filter } = node.attributes;
      return { stride: stride[size], before: padding[before], extent: filter[size] };
    }
    case 'TRANSPOSE_CONV': {
      // Tap t of row y meets row (y + padding - t) / stride, where that is whole.
      const per = node.attributes.stride[size];
      const extent = Math.ceil(tensorAt(graph, node.inputs[1]).shape[dimension]! / per);
      return { stride: 1, before: (extent - 1) * per - node.attributes.padding[before], extent, per };
    }
    case 'RESIZE_BILINEAR':
    case 'RESIZE_NEAREST_NEIGHBOR':
      return windowOfResize(graph, node, axis);
    case 'PAD':
      return { ...SAME_ROW, before: node.attributes.before[dimension]! };
    case 'STRIDED_SLICE': {
      const [begin, stride] = [node.attributes.begin[dimension]!, node.attributes.stride[dimension]!];
      return stride > 0 ? { stride, before: -begin, extent: 1 } : null;
    }
    default:
      return null;
  }
}

/** Of a node's first input and its output, both images. */
export function sizesAlong(
  graph: Graph,
  node: Node,
  axis: Axis,
): { readonly inputSize: number; readonly outputSize: number } {
  const dimension = DIMENSION[axis];
  return {
    inputSize: tensorAt(graph, node.inputs[0]).shape[dimension]!,
    outputSize: outputOf(graph, node).shape[dimension]!,
  };
}

/** The smallest window that holds all that a resized image reads, by the tables of its kernels. */
function windowOfResize(
  graph: Graph,
  node: NodeOf<'RESIZE_BILINEAR'> | NodeOf<'RESIZE_NEAREST_NEIGHBOR'>,
  axis: Axis,
): RowWindow {
  const own = sizesAlong(graph, node, axis);
  const [from, to] = [own.inputSize, own.outputSize];
  const { attributes } = node;
  const part = attributes.part?.[axis];
  const { inputSize, outputSize } = part ?? own;
  const isNearest = node.kind === 'RESIZE_NEAREST_NEIGHBOR';
  const indices = isNearest ? nearestIndices(from, to, attributes, part) : null;
  const { lower, upper } = indices
    ? { lower: indices, upper: indices }
    : bilinearAxis(from, to, attributes, part);
  const [stride, per] = isNearest
    ? reduced(inputSize, outputSize)
    : reduced(Math.max(1, bilinearScale(inputSize, outputSize, attributes)), 1024);
  const before = Math.max(...[...lower].map((row, y) => y * stride - (row + 1) * per + 1));
  const extents = [...upper].map((row, y) => row - startOf({ stride, before, per }, y) + 1);
  return { stride, before, extent: Math.max(...extents), per };
}

function reduced(a: number, b: number): [number, number] {
  const divisor = greatestCommonDivisor(a, b);
  return [a / divisor, b / divisor];
}

/** How many rows of an output of `height` rows can be made when `rows` of the input's `inputHeight` are there. */
export function rowsReady(window: RowWindow, rows: number, inputHeight: number, height: number): number {
  if (rows >= inputHeight) return height;
  return Math.min(height, rowsMade(window, rows));
}

/** As many rows can be made of an input that has, or has so far, so many. */
export function rowsMade(window: RowWindow, rows: number): number {
  const { stride, per = 1 } = window;
  return Math.max(0, Math.floor((rows * per - reachOf(window)) / stride) + 1);
}

/** Row y can be made when there are (y * stride + reach) / per rows of the input. */
export function reachOf({ before, extent, per = 1 }: RowWindow): number {
  return (extent - 1) * per + 1 - before;
}

/** First row of the input, perhaps before its first one, that a row of the output reads. */
export function startOf({ stride, before, per = 1 }: Omit<RowWindow, 'extent'>, row: number): number {
  return Math.floor((row * stride - before) / per);
}

/** First row of the input that output rows from `row` on read. */
export function firstRow(window: RowWindow, row: number): number {
  return Math.max(0, startOf(window, row));
}
