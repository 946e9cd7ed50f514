/** Which elements of its inputs an operator needs, along one axis of images, for an interval of its output. */
import { type Graph, outputOf, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import {
  isElementwise,
  isImage,
  type RowWindow,
  rowWindows,
  SAME_ROW,
  startOf,
  windowAlong,
} from '../stages/row-window.js';

/** Elements `first` to `last` of an axis, inclusive. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** What is read for an interval, as far as the image reaches, and by how many elements windows leave it. */
export interface Read {
  readonly interval: Interval;
  readonly before: number;
  readonly after: number;
}

/** What the outputs of an interval read of an axis of `size` elements. */
export function readFor(window: RowWindow, output: Interval, size: number): Read {
  const first = startOf(window, output.first);
  const last = startOf(window, output.last) + window.extent - 1;
  const interval = { first: Math.max(0, first), last: Math.min(size - 1, last) };
  return { interval, before: interval.first - first, after: last - interval.last };
}

export function lengthOf({ first, last }: Interval): number {
  return last - first + 1;
}

/** The smallest interval that holds both. */
export function hull(a: Interval, b: Interval | undefined): Interval {
  return b ? { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) } : a;
}

/** The `index`-th of `count` parts of an axis of `size` elements that are as equal as can be. */
export function partOf(size: number, count: number, index: number): Interval {
  return {
    first: Math.floor((index * size) / count),
    last: Math.floor(((index + 1) * size) / count) - 1,
  };
}

/**
 * By input: its window of columns; null where it is the same for all columns.
 * @returns null where the operator cannot be computed for some columns
 */
export function columnWindows(graph: Graph, node: Node): readonly (RowWindow | null)[] | null {
  if (!rowWindows(graph, node)) return null;
  const window = windowAlong(graph, node, 'columns');
  if (window) return node.inputs.map((_, i) => (i === 0 ? window : null));
  return isColumnwise(node) && node.inputs.every((id) => isOfColumns(graph, node, id))
    ? node.inputs.map((id) => (id !== null && isWide(graph, node, id) ? SAME_ROW : null))
    : null;
}

function isColumnwise(node: Node): boolean {
  return isElementwise(node) || (node.kind === 'CONCATENATION' && node.attributes.axis === 3);
}

/** Whether an operand has the output's columns, or is the same for all of them. */
function isOfColumns(graph: Graph, node: Node, id: number | null): boolean {
  return id === null || isWide(graph, node, id) || (tensorAt(graph, id).shape.at(-2) ?? 1) === 1;
}

function isWide(graph: Graph, node: Node, id: number): boolean {
  const tensor = tensorAt(graph, id);
  return tensor.data === null && isImage(tensor) && tensor.shape[2] === outputOf(graph, node).shape[2];
}
