/** The same layers on a smaller or larger image: what a network trained for that size would be, but for its weights. */
import { findProblem } from './check.js';
import { type Graph, tensorAt } from './graph.js';
import type { Node, OpKind, Padding } from './ops.js';
import { samePadding } from './same-padding.js';
import { equal, OUTPUT_SHAPES } from './shapes.js';
import type { Tensor, TensorId } from './tensor.js';
import { type Subject, Violation } from './violation.js';

/**
 * @param height, width of the graph's only input, an image
 * @returns null where its shapes are tied to one size, e.g. by a fully connected layer that reads a whole image
 */
export function withInputSize(graph: Graph, height: number, width: number): Graph | null {
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0 || tensorAt(graph, input).shape.length !== 4) return null;
  const tensors = [...graph.tensors];
  const reshape = (id: TensorId, shape: readonly number[]) => {
    tensors[id] = { ...tensorAt(graph, id), shape };
  };
  const { shape } = tensorAt(graph, input);
  reshape(input, [shape[0]!, height, width, shape[3]!]);
  try {
    const nodes = graph.nodes.map((node) => {
      const before = node.inputs[0] === null ? null : tensorAt(graph, node.inputs[0]);
      const after = tensors[node.inputs[0] ?? -1] ?? null;
      if (!before || !after || equal(before.shape, after.shape)) return node;
      const sized = resized(graph, node, before, after);
      const inputs = node.inputs.map((id) => (id === null ? null : tensors[id]!));
      const output = { ...tensorAt(graph, node.outputs[0]), shape: wishedShape(graph, node, before, after) };
      reshape(node.outputs[0]!, shapeOf(sized.kind, { attributes: sized.attributes, inputs, output }));
      return sized;
    });
    const made = { ...graph, tensors, nodes };
    return findProblem(made) ? null : made;
  } catch (error) {
    if (error instanceof Violation) return null;
    throw error;
  }
}

/** Correlates a kind with its attributes, which the type of `Node` guarantees. */
function shapeOf<K extends OpKind>(kind: K, subject: Subject<K>): readonly number[] {
  return OUTPUT_SHAPES[kind](subject);
}

/** The node with windows that see the new image as they saw the old one: padded to the same size, or all of it at once. */
function resized(graph: Graph, node: Node, before: Tensor, after: Tensor): Node {
  if (node.kind === 'CONV_2D' || node.kind === 'DEPTHWISE_CONV_2D') {
    const [, height = 1, width = 1] = tensorAt(graph, node.inputs[1]).shape;
    const { stride, dilation, padding } = node.attributes;
    const taps = {
      height: (height - 1) * dilation.height + 1,
      width: (width - 1) * dilation.width + 1,
    };
    const attributes = { ...node.attributes, padding: padded(padding, taps, stride, before, after) };
    return { ...node, attributes } as Node;
  }
  if (node.kind === 'AVERAGE_POOL_2D' || node.kind === 'MAX_POOL_2D') {
    const { filter, stride, padding } = node.attributes;
    const [, height = 1, width = 1] = after.shape;
    const isGlobal = filter.height === before.shape[1] && filter.width === before.shape[2];
    const attributes = isGlobal
      ? { ...node.attributes, filter: { height, width } }
      : { ...node.attributes, padding: padded(padding, filter, stride, before, after) };
    return { ...node, attributes };
  }
  return node;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Padding as it was, or what TensorFlow's SAME makes of the new size where it was that of the old one. */
function padded(padding: Padding, taps: Size, stride: Size, before: Tensor, after: Tensor): Padding {
  const [top, bottom] = same(before.shape[1]!, taps.height, stride.height);
  const [left, right] = same(before.shape[2]!, taps.width, stride.width);
  const isSame =
    padding.top === top && padding.bottom === bottom && padding.left === left && padding.right === right;
  if (!isSame) return padding;
  const [newTop, newBottom] = same(after.shape[1]!, taps.height, stride.height);
  const [newLeft, newRight] = same(after.shape[2]!, taps.width, stride.width);
  return { top: newTop, bottom: newBottom, left: newLeft, right: newRight };
}

function same(size: number, taps: number, stride: number): readonly [number, number] {
  const whole = samePadding(size, taps, stride);
  return [Math.floor(whole / 2), Math.ceil(whole / 2)];
}

/** What rules that leave the output's shape open are to check: images that are resized keep their factor, others their shape. */
function wishedShape(graph: Graph, node: Node, before: Tensor, after: Tensor): readonly number[] {
  const { shape } = tensorAt(graph, node.outputs[0]);
  if (node.kind !== 'RESIZE_BILINEAR' && node.kind !== 'RESIZE_NEAREST_NEIGHBOR') return shape;
  return shape.map((size, d) => Math.round((size * after.shape[d]!) / before.shape[d]!));
}
