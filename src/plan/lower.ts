import type { Board } from '../../boards/board.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
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

/** Whether the node's output is the memory of its input. A constant is not in the arena: its RESHAPE is a copy. */
export function isAlias(graph: Graph, node: Node): boolean {
  return node.kind === 'RESHAPE' && tensorAt(graph, node.inputs[0]).data === null;
}

/** `base`, or `base_2`, `base_3`, ... where that is taken; takes it. */
export function uniqueName(base: string, taken: Set<string>): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
  taken.add(name);
  return name;
}
