import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node } from '../../src/graph/ops.js';
import { layersOf } from '../../src/plan/candidates.js';
import { choose } from '../../src/plan/choose.js';
import { planChoice } from '../../src/plan/index.js';
import { stepsOf } from '../../src/plan/lower.js';
import type { Plan } from '../../src/plan/plan.js';
import type { LoweredStage } from '../../src/plan/stages/lower.js';
import { StageLowering } from '../../src/plan/stages/lower.js';
import { scheduleStage } from '../../src/plan/stages/schedule.js';
import { Random } from './random/random.js';

/**
 * A plan with stages wherever layers can be one: each as long as it can be from where it begins, by a few rows a round.
 * @param fed whether a stage at the beginning is brought its input by rows
 */
export function planStaged(graph: Graph, board: string, seed: number, fed = false): Plan {
  const random = new Random(seed);
  const slides = new Random(seed);
  const target = loadBoard(board);
  const layers = layersOf(graph, target);
  const nodes = layers.map(({ node }) => node);
  const lowering = new StageLowering(graph, target, layers);
  const lowered = (
    some: readonly Node[],
    rows: number,
    spare: boolean,
    sliding: boolean,
  ): LoweredStage | null => {
    const schedule = scheduleStage(graph, some, rows, fed && some[0] === nodes[0], sliding);
    const choices = schedule ? [...lowering.choices(schedule)] : [];
    const layers = choices.at(spare ? -1 : 0);
    return schedule && layers ? { schedule, layers } : null;
  };
  const stages: LoweredStage[] = [];
  for (let first = 0; first < nodes.length - 1; ) {
    const rows = random.pick([1, 1, 2, 3, 5]);
    const isFed = fed && first === 0;
    const ends = Array.from({ length: nodes.length - first - (isFed ? 0 : 1) }, (_, i) => nodes.length - i);
    const found =
      isFed || random.chance(0.8)
        ? ends
            .map((end) => lowered(nodes.slice(first, end), rows, random.chance(0.3), slides.chance(0.5)))
            .find((stage) => stage !== null)
        : undefined;
    if (found) stages.push(found);
    first += found?.schedule.layers.length ?? 1;
  }
  const options = { prefix: 'staged', modelHash: '0'.repeat(64), optimize: 'speed' } as const;
  return planChoice(graph, target, stepsOf(layers, choose(layers, 'speed')), options, { stages, tiles: [] });
}
