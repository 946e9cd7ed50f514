/** Which activations share a format, since operators between them copy codes (`src/graph/formats.ts`). */
import type { Graph } from '../../graph/graph.js';
import type { Node, OpKind } from '../../graph/ops.js';
import { type Format, perTensor, type TensorId } from '../../graph/tensor.js';
import type { ActivationType } from './affine.js';

/** Operators whose output has the format of their inputs, of those that come first. */
const COPIES: Partial<Record<OpKind, 'first' | 'all'>> = {
  AVERAGE_POOL_2D: 'first',
  MAX_POOL_2D: 'first',
  PAD: 'first',
  RESHAPE: 'first',
  TRANSPOSE: 'first',
  STRIDED_SLICE: 'first',
  GATHER: 'first',
  RESIZE_NEAREST_NEIGHBOR: 'first',
  RESIZE_BILINEAR: 'first',
  RELU6: 'first',
  CONCATENATION: 'all',
  MAXIMUM: 'all',
  MINIMUM: 'all',
};

/** Inputs of a node, by position, whose codes it copies. */
export function copiedInputs(node: Node): readonly number[] {
  const copies = COPIES[node.kind];
  if (copies === undefined) return [];
  return copies === 'first' ? [0] : node.inputs.map((_, i) => i);
}

/** The format of an operator's output that does not follow what it holds. */
export function fixedFormat(kind: OpKind, type: ActivationType): Format | null {
  const sixteen = type === 'int16';
  switch (kind) {
    case 'SOFTMAX':
    case 'LOGISTIC':
      return sixteen ? perTensor(type, 1 / 32768, 0) : perTensor(type, 1 / 256, -128);
    case 'TANH':
    case 'L2_NORMALIZATION':
      return sixteen ? perTensor(type, 1 / 32768, 0) : perTensor(type, 1 / 128, 0);
    default:
      return null;
  }
}

export interface FormatClass {
  readonly members: readonly TensorId[];
  /** The kind whose output fixes the format, or null. */
  readonly fixedBy: OpKind | null;
}

/**
 * Activations that have one format, together. An input of fixed format is not joined with others of a CONCATENATION, MAXIMUM or MINIMUM:
 * it becomes codes of the output's format by a QUANTIZE.
 */
export function formatClasses(graph: Graph): readonly FormatClass[] {
  const classes = new Map<TensorId, { members: TensorId[]; fixedBy: OpKind | null }>();
  const classOf = (id: TensorId) => {
    const known = classes.get(id) ?? { members: [id], fixedBy: null };
    classes.set(id, known);
    return known;
  };
  const join = (a: TensorId, b: TensorId) => {
    const [to, from] = [classOf(a), classOf(b)];
    if (to === from) return;
    to.fixedBy ??= from.fixedBy;
    for (const member of from.members) {
      to.members.push(member);
      classes.set(member, to);
    }
  };
  for (const id of graph.inputs) classOf(id);
  for (const node of graph.nodes) {
    const output = node.outputs[0]!;
    const copied = copiedInputs(node);
    classOf(output).fixedBy ??= fixedFormat(node.kind, 'int8') ? node.kind : null;
    for (const i of copied) {
      const id = node.inputs[i];
      if (id === null || id === undefined || !classes.has(id)) continue;
      if (copied.length === 1 || classOf(id).fixedBy === null) join(output, id);
    }
  }
  return [...new Set(classes.values())];
}
