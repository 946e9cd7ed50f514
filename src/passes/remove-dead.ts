import type { Node } from '../graph/ops.js';
import type { TensorId } from '../graph/tensor.js';
import type { Pass } from './rewrite.js';

/** Drops nodes that no output needs, then tensors that nothing names. Inputs stay even if nothing reads them. */
export const removeDead: Pass = (graph) => {
  const needed = new Set<TensorId>(graph.outputs);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((id) => needed.has(id))) continue;
    nodes.unshift(node);
    for (const id of [...node.inputs, ...node.outputs]) if (id !== null) needed.add(id);
  }
  for (const id of graph.inputs) needed.add(id);
  if (nodes.length === graph.nodes.length && needed.size === graph.tensors.length) return graph;

  const kept = [...needed].sort((a, b) => a - b);
  const places = new Map(kept.map((id, place) => [id, place]));
  const place = (id: TensorId) => places.get(id)!;
  return {
    ...graph,
    tensors: kept.map((id) => graph.tensors[id]!),
    nodes: nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((id) => (id === null ? null : place(id))),
      outputs: node.outputs.map(place),
    })),
    inputs: graph.inputs.map(place),
    outputs: graph.outputs.map(place),
  };
};
