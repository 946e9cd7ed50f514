/** The schedules that a network has beside that of whole layers. */
import type { Graph } from '../../src/graph/graph.js';
import type { Plan } from '../../src/plan/plan.js';
import { planStaged } from './staged.js';
import { planTiled } from './tiled.js';

export const SCHEDULES = ['stages', 'strips', 'patches', 'rows', 'rows by strips'] as const;

export type ScheduleName = (typeof SCHEDULES)[number];

const PLANNERS: Readonly<Record<ScheduleName, (graph: Graph, board: string, seed: number) => Plan | null>> = {
  stages(graph, board, seed) {
    const plan = planStaged(graph, board, seed);
    return plan.stages.length > 0 ? plan : null;
  },
  strips: (graph, board, seed) => planTiled(graph, board, seed, 'strips'),
  patches: (graph, board, seed) => planTiled(graph, board, seed, 'patches'),
  rows(graph, board, seed) {
    if (!isOneImage(graph)) return null;
    const plan = planStaged(graph, board, seed, true);
    return plan.feed ? plan : null;
  },
  'rows by strips': (graph, board, seed) =>
    isOneImage(graph) ? planTiled(graph, board, seed, 'fed strips') : null,
};

/** A plan by a schedule; null where the network has none. */
export function planBy(name: ScheduleName, graph: Graph, board: string, seed: number): Plan | null {
  return PLANNERS[name](graph, board, seed);
}

/** How often a fed model's image is pushed. */
export function passesOf({ stages }: Plan): number {
  return stages.filter(({ fed }) => fed).length;
}

function isOneImage(graph: Graph): boolean {
  return graph.inputs.length === 1 && graph.nodes[0]?.inputs[0] === graph.inputs[0];
}
