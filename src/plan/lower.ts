import type { Board } from '../../boards/board.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import type { TensorId } from '../graph/tensor.js';
import { selectKernel } from '../kernels/index.js';
import type { Kernel, KernelCall } from '../kernels/kernel.js';

/** A kernel call before constants and memory are placed. */
export interface LoweredStep {
  readonly name: string;
  readonly node: Node;
  readonly kernel: Kernel;
  readonly call: KernelCall;
}

/** The kernel calls of the graph in order. A RESHAPE that shares its input's memory has none. */
export function lowerNodes(graph: Graph, board: Board): LoweredStep[] {
  const names = new Set<string>();
  return graph.nodes.flatMap((node) => {
    if (isAlias(graph, node)) return [];
    const kernel = selectKernel(graph, node, board.target);
    const count = kernel.calls?.(graph, node) ?? 1;
    return Array.from({ length: count }, (_, part) => ({
      name: uniqueName(`${node.kind.toLowerCase()}_${node.source.index}`, names),
      node,
      kernel,
      call: kernel.lower(graph, node, part),
    }));
  });
}

/**
 * Whether the node's output can be the memory of its input. A constant is not in the arena, and a state
 * changes while the output must not: there a RESHAPE is a copy.
 */
export function isAlias(graph: Graph, node: Node): boolean {
  if (node.kind !== 'RESHAPE') return false;
  const input = tensorAt(graph, node.inputs[0]);
  return input.data === null && !input.state;
}

/** The graph with a RESHAPE in front of each output that is a constant or a state, so that every output is an activation. */
export function activateOutputs(graph: Graph): Graph {
  const tensors = [...graph.tensors];
  const nodes = [...graph.nodes];
  const copies = new Map<TensorId, TensorId>();
  const outputs = graph.outputs.map((id) => {
    const tensor = tensorAt(graph, id);
    if (tensor.data === null && !tensor.state) return id;
    const known = copies.get(id);
    if (known !== undefined) return known;
    const copy = tensors.push({ ...tensor, name: `${tensor.name}_output`, data: null, state: false }) - 1;
    const source = { operator: 'RESHAPE', index: nodes.length };
    nodes.push({ kind: 'RESHAPE', attributes: {}, inputs: [id], outputs: [copy], source });
    copies.set(id, copy);
    return copy;
  });
  return copies.size === 0 ? graph : { ...graph, tensors, nodes, outputs };
}

/** `base`, or `base_2`, `base_3`, ... where that is taken; takes it. */
export function uniqueName(base: string, taken: Set<string>): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
  taken.add(name);
  return name;
}
