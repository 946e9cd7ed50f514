/** The graph as a node sees it that computes only some rows: what kernels are lowered and priced on. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node, Padding } from '../../graph/ops.js';
import type { Tensor, TensorId } from '../../graph/tensor.js';
import { accumulates, type RowWindow } from './row-window.js';

/**
 * The node on images of `rows` rows of output and as many of the inputs as these meet, without padding above and below.
 * @param windows of `rowWindows`
 */
export function withRows(
  graph: Graph,
  node: Node,
  windows: readonly (RowWindow | null)[],
  rows: number,
): { readonly graph: Graph; readonly node: Node } {
  const heights = new Map<TensorId, number>();
  if (!accumulates(graph, node)) heights.set(node.outputs[0]!, rows);
  for (const [i, id] of node.inputs.entries()) {
    const window = windows[i];
    if (id === null || !window) continue;
    const met = Math.floor(((rows - 1) * window.stride) / (window.per ?? 1)) + window.extent;
    heights.set(id, Math.min(met, tensorAt(graph, id).shape[1]!));
  }
  const tensors = graph.tensors.map((tensor, id) => withHeight(tensor, heights.get(id)));
  const few = fromFirstRow(node);
  return { graph: { ...graph, tensors, nodes: [few] }, node: few };
}

function withHeight(tensor: Tensor, height: number | undefined): Tensor {
  if (height === undefined) return tensor;
  const [batches, , ...rest] = tensor.shape;
  return { ...tensor, shape: [batches!, height, ...rest] };
}

/** The node without padding above and below, and without rows that it leaves out. */
export function fromFirstRow(node: Node): Node {
  if (node.kind !== 'STRIDED_SLICE') return withPadding(node, { top: 0, bottom: 0 });
  const { begin, stride } = node.attributes;
  return { ...node, attributes: { begin: begin.with(1, 0), stride: stride.with(1, 1) } };
}

/** What cuts a part out of an image, for a node that reads it. */
export function sliceOf(from: TensorId, part: TensorId, begin: readonly number[], { source }: Node): Node {
  return {
    kind: 'STRIDED_SLICE',
    attributes: { begin, stride: [1, 1, 1, 1] },
    inputs: [from],
    outputs: [part],
    source: { operator: 'STRIDED_SLICE', index: source.index },
  };
}

/** The node with other padding on the sides that are given; one that has none as it is. */
export function withPadding(node: Node, sides: Partial<Padding>): Node {
  switch (node.kind) {
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D':
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D': {
      const padding = { ...node.attributes.padding, ...sides };
      return { ...node, attributes: { ...node.attributes, padding } } as Node;
    }
    case 'PAD': {
      const { before, after, value } = node.attributes;
      const { top = before[1]!, left = before[2]!, bottom = after[1]!, right = after[2]! } = sides;
      const attributes = {
        before: before.with(1, top).with(2, left),
        after: after.with(1, bottom).with(2, right),
        value,
      };
      return { ...node, attributes };
    }
    default:
      return node;
  }
}
