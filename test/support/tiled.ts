import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { layersOf } from '../../src/plan/candidates.js';
import { choose } from '../../src/plan/choose.js';
import { planChoice } from '../../src/plan/index.js';
import { stepsOf } from '../../src/plan/lower.js';
import type { Plan } from '../../src/plan/plan.js';
import { lowerTiles, type PlannedLayers, withTiles } from '../../src/plan/tiles/lower.js';
import { Random } from './random/random.js';

/**
 * A plan in which the longest stretch of layers that can be, from a random one on, runs by tiles; null where none can.
 * @param tiling strips, patches, or the first layers by strips whose input the caller brings by rows
 */
export function planTiled(
  graph: Graph,
  board: string,
  seed: number,
  tiling: 'strips' | 'patches' | 'fed strips',
): Plan | null {
  const fed = tiling === 'fed strips';
  const random = new Random(seed);
  const target = loadBoard(board);
  const layers = layersOf(graph, target);
  const plain: PlannedLayers = { graph, layers, choice: choose(layers, 'speed'), stages: [], tiles: [] };
  const patches = tiling === 'patches';
  const tiles = random.pick([2, 2, 3, 4]);
  const grid = { rows: patches ? tiles : 1, columns: tiles };
  const stage = patches ? null : { rows: random.pick([1, 1, 2, 3]), spare: random.chance(0.3) };
  const from = random.integer(0, layers.length - 1);
  for (let length = layers.length; length > 0; length--) {
    for (let i = 0; i + length <= (fed ? length : layers.length); i++) {
      const first = fed ? 0 : (from + i) % (layers.length - length + 1);
      const tried = { first, last: first + length - 1, grid, stage, fed };
      if (!lowerTiles(graph, target, layers, tried)) continue;
      const made = withTiles(plain, target, [tried]);
      const options = { prefix: 'tiled', modelHash: '0'.repeat(64), optimize: 'speed' } as const;
      const steps = stepsOf(made.layers, made.choice);
      return planChoice(made.graph, target, steps, options, made);
    }
  }
  return null;
}
