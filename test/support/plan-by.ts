import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { layersOf } from '../../src/plan/candidates.js';
import { planChoice } from '../../src/plan/index.js';
import { stepsOf } from '../../src/plan/lower.js';
import type { Plan } from '../../src/plan/plan.js';

/** A plan in which layers are computed in turn by all the rows named by `ids` that accept them; by others only where none does. */
export function planBy(graph: Graph, board: string, ids: RegExp): Plan {
  const target = loadBoard(board);
  const layers = layersOf(graph, target);
  const choice = layers.map(({ candidates }, i) => {
    const named = candidates.filter(({ kernel }) => ids.test(kernel.id));
    return named[i % named.length] ?? candidates[0]!;
  });
  const options = { prefix: 'layers', modelHash: '0'.repeat(64), optimize: 'speed' } as const;
  return planChoice(graph, target, stepsOf(layers, choice), options);
}
