/** What each layer costs on a board with weights on each grid: planned, not guessed. */
import type { Board } from '../../../boards/board.js';
import type { Graph } from '../../graph/graph.js';
import type { Format, TensorId } from '../../graph/tensor.js';
import { evaluate } from '../../oracle/index.js';
import { optimize } from '../../passes/index.js';
import { planModel } from '../../plan/index.js';
import type { Plan } from '../../plan/plan.js';
import { assemble, type QuantizedConstants } from '../assemble.js';

export interface LayerCost {
  /** Of constants. */
  readonly bytes: number;
  readonly time: number;
}

/** The plan of a quantized graph as a user of its file would get it, passes included. */
export function planOf(quantized: Graph, board: Board): Plan {
  return planModel(optimize(quantized, evaluate), board, { prefix: 'model', modelHash: '' });
}

/**
 * @param constants of all linear layers, on one grid
 * @returns the cost of each linear layer, by its output
 */
export function layerCosts(
  graph: Graph,
  formats: ReadonlyMap<TensorId, Format>,
  constants: ReadonlyMap<TensorId, QuantizedConstants>,
  board: Board,
): ReadonlyMap<TensorId, LayerCost> {
  const { steps } = planOf(assemble(graph, formats, constants), board);
  const byNode = new Map<number, LayerCost>();
  for (const { node, cost } of steps) {
    const known = byNode.get(node.source.index) ?? { bytes: 0, time: 0 };
    byNode.set(node.source.index, { bytes: known.bytes + cost.constantBytes, time: known.time + cost.time });
  }
  const nodes = graph.nodes.filter((node) => constants.has(node.outputs[0]!));
  return new Map(
    // A layer whose channels hold one value each has no step.
    nodes.map((node) => [node.outputs[0]!, byNode.get(node.source.index) ?? { bytes: 0, time: 0 }]),
  );
}
