/** A node that computes a part of its output out of a part of its first input, along one axis of images or both. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node, NodeOf, Padding } from '../../graph/ops.js';
import { withPadding } from '../stages/images.js';
import { type Axis, DIMENSION, sizesAlong } from '../stages/row-window.js';
import { type Interval, lengthOf, type Read } from './window.js';

/** What is computed along an axis, and what is read for it. */
export interface Part {
  readonly output: Interval;
  readonly read: Read;
}

export type Parts = Readonly<Partial<Record<Axis, Part>>>;

/** @param node on whole images, those of the graph */
export function onParts(graph: Graph, node: Node, parts: Parts): Node {
  switch (node.kind) {
    case 'TRANSPOSE_CONV':
      return transposed(graph, node, parts);
    case 'RESIZE_BILINEAR':
    case 'RESIZE_NEAREST_NEIGHBOR':
      return resized(graph, node, parts);
    case 'STRIDED_SLICE': {
      const { stride } = node.attributes;
      const begin = node.attributes.begin.map((first, d) => (isPartial(parts, d) ? 0 : first));
      return { ...node, attributes: { begin, stride } };
    }
    default:
      return padded(node, parts);
  }
}

function isPartial(parts: Parts, dimension: number): boolean {
  return Object.keys(parts).some((axis) => DIMENSION[axis as Axis] === dimension);
}

/** With that padding which its part of the image has. */
function padded(node: Node, { rows, columns }: Parts): Node {
  return withPadding(node, {
    ...(rows && { top: rows.read.before, bottom: rows.read.after }),
    ...(columns && { left: columns.read.before, right: columns.read.after }),
  });
}

/** `padding` is that of the forward convolution, from the output's part to the input's. */
function transposed(graph: Graph, node: NodeOf<'TRANSPOSE_CONV'>, { rows, columns }: Parts): Node {
  const { stride, padding } = node.attributes;
  const [, height = 1, width = 1] = tensorAt(graph, node.inputs[1]).shape;
  const forward = ({ output, read: { interval } }: Part, step: number, taps: number, before: number) => {
    const first = before + output.first - interval.first * step;
    const reach = (lengthOf(interval) - 1) * step + taps;
    return [first, Math.max(0, reach - lengthOf(output) - first)] as const;
  };
  const sides: { -readonly [side in keyof Padding]: number } = { ...padding };
  if (rows) [sides.top, sides.bottom] = forward(rows, stride.height, height, padding.top);
  if (columns) [sides.left, sides.right] = forward(columns, stride.width, width, padding.left);
  return { ...node, attributes: { ...node.attributes, padding: sides } };
}

function resized(
  graph: Graph,
  node: NodeOf<'RESIZE_BILINEAR'> | NodeOf<'RESIZE_NEAREST_NEIGHBOR'>,
  parts: Parts,
): Node {
  const partAlong = (axis: Axis) => {
    const part = parts[axis];
    if (!part) return {};
    const firsts = { inputFirst: part.read.interval.first, outputFirst: part.output.first };
    return { [axis]: { ...sizesAlong(graph, node, axis), ...firsts } };
  };
  const part = { ...partAlong('rows'), ...partAlong('columns') };
  return { ...node, attributes: { ...node.attributes, part } };
}
