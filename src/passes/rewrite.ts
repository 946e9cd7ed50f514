import type { Graph } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import type { Tensor, TensorId, TypedArray } from '../graph/tensor.js';

/** Computes every tensor of a graph, one array a tensor id: the oracle, handed in so that passes need not know it. */
export type Evaluate = (graph: Graph, inputs: readonly TypedArray[]) => readonly TypedArray[];

/** A graph with the same outputs to the bit. The same object where there was nothing to do. */
export type Pass = (graph: Graph, evaluate: Evaluate) => Graph;

/** Who writes and who reads each tensor. */
export interface Links {
  readonly producers: ReadonlyMap<TensorId, Node>;
  /** Each reading node once. */
  readonly readers: ReadonlyMap<TensorId, readonly Node[]>;
}

export function linksOf(graph: Graph): Links {
  const producers = new Map<TensorId, Node>();
  const readers = new Map<TensorId, Node[]>();
  for (const node of graph.nodes) {
    for (const id of node.outputs) producers.set(id, node);
    for (const id of new Set(node.inputs)) {
      if (id === null) continue;
      const list = readers.get(id);
      if (list) list.push(node);
      else readers.set(id, [node]);
    }
  }
  return { producers, readers };
}

/** A rewriting of the surroundings of one node: the new graph, or null where the rule does not apply. */
export type Rule = (graph: Graph, node: Node, links: Links) => Graph | null;

/**
 * Tries `rule` on each node in execution order and goes on in the rewritten graph. Each rewriting must leave less to
 * rewrite. One that removes an earlier node may skip a node; the fixed point over all passes sees it again.
 */
export function applyRule(graph: Graph, rule: Rule): Graph {
  let current = graph;
  let links = linksOf(current);
  let i = 0;
  while (i < current.nodes.length) {
    const next = rule(current, current.nodes[i]!, links);
    if (next) {
      current = next;
      links = linksOf(current);
    } else {
      i++;
    }
  }
  return current;
}

/** The single node that reads `id`, null if there are several or none or the caller of the model reads it too. */
export function onlyReader(graph: Graph, links: Links, id: TensorId): Node | null {
  const readers = links.readers.get(id) ?? [];
  return readers.length === 1 && !graph.outputs.includes(id) ? readers[0]! : null;
}

/** Puts `replacement` where `node` was; null takes it away. */
export function replaceNode(graph: Graph, node: Node, replacement: Node | null): Graph {
  const nodes = graph.nodes.flatMap((n) => {
    if (n !== node) return [n];
    return replacement ? [replacement] : [];
  });
  return { ...graph, nodes };
}

/** Lets every node that reads `from` read `to`. */
export function replaceUses(graph: Graph, from: TensorId, to: TensorId): Graph {
  const nodes = graph.nodes.map((node) =>
    node.inputs.includes(from) ? { ...node, inputs: node.inputs.map((id) => (id === from ? to : id)) } : node,
  );
  return { ...graph, nodes };
}

export function replaceTensor(graph: Graph, id: TensorId, tensor: Tensor): Graph {
  return { ...graph, tensors: graph.tensors.with(id, tensor) };
}

export function sameShape(a: Tensor, b: Tensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, i) => size === b.shape[i]);
}
