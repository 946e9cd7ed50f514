import type { Node } from './ops.js';
import type { Tensor, TensorId } from './tensor.js';

/**
 * A network: operators in execution order over a tensor table. Immutable. `graph/check.ts` states what
 * must hold. Every activation is written by exactly one node or is a graph input.
 */
export interface Graph {
  readonly name: string;
  readonly tensors: readonly Tensor[];
  readonly nodes: readonly Node[];
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** Set where the input is a window of a stream: the tensor, one row, that rows lead to and that the rest of the network reads. */
  readonly window?: { readonly end: TensorId };
  /** What the importer found worth saying about the model: order of elements, bounds of errors. */
  readonly notes?: readonly string[];
}

export function tensorAt(graph: Graph, id: TensorId | null | undefined): Tensor {
  const tensor = id === null || id === undefined ? undefined : graph.tensors[id];
  if (!tensor) throw new Error(`no tensor ${id} in graph '${graph.name}'`);
  return tensor;
}

/** The node's i-th input tensor, or null where an optional input is absent. */
export function inputOf(graph: Graph, node: Node, i: number): Tensor | null {
  const id = node.inputs[i];
  return id === null || id === undefined ? null : tensorAt(graph, id);
}

/** The node's i-th input tensor, which must be there. */
export function requireInput(graph: Graph, node: Node, i: number): Tensor {
  return tensorAt(graph, node.inputs[i]);
}

export function outputOf(graph: Graph, node: Node, i = 0): Tensor {
  return tensorAt(graph, node.outputs[i]);
}

/** A tensor's or operator's name in messages: whole up to 60 characters, as converters chain names without end. */
export function shortName(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name;
}

/** "CONV_2D #3 ('name of its output')": how messages name a node. */
export function describeNode(graph: Graph, node: Node): string {
  return `${node.source.operator} #${node.source.index} ('${shortName(outputOf(graph, node).name)}')`;
}
