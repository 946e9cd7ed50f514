import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';

/**
 * Runs all inferences abreast, layer by layer, and forgets what no later layer reads.
 * @param T what is known of an activation in one inference
 * @param inferences of the graph's inputs, one list an inference
 * @param visit makes of a node's inputs by position, null for constants and absent ones, what is known of its output
 * @returns of the graph's outputs, one list an output
 */
export async function walk<T>(
  graph: Graph,
  inferences: readonly (readonly T[])[],
  visit: (node: Node, inputs: readonly (readonly T[] | null)[]) => readonly T[] | Promise<readonly T[]>,
): Promise<readonly (readonly T[])[]> {
  const last = lastReaders(graph);
  const live = new Map<TensorId, readonly T[]>(
    graph.inputs.map((id, i) => [id, inferences.map((inputs) => inputs[i]!)]),
  );
  for (const [at, node] of graph.nodes.entries()) {
    const inputs = node.inputs.map((id) => (id === null ? null : (live.get(id) ?? null)));
    live.set(node.outputs[0]!, await visit(node, inputs));
    for (const id of node.inputs) if (id !== null && last.get(id) === at) live.delete(id);
  }
  return graph.outputs.map((id) => live.get(id)!);
}

/** Index of the last node that reads a tensor; an output of the graph outlives all. */
function lastReaders(graph: Graph): ReadonlyMap<TensorId, number> {
  const last = new Map<TensorId, number>();
  graph.nodes.forEach((node, at) => {
    for (const id of node.inputs) if (id !== null) last.set(id, at);
  });
  for (const id of graph.outputs) last.delete(id);
  return last;
}
