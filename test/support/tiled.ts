import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { layersOf } from '../../src/plan/candidates.js';
import { choose } from '../../src/plan/choose.js';
import { planChoice } from '../../src/plan/index.js';
import { stepsOf } from '../../src/plan/lower.js';
import type { Plan } from '../../src/plan/plan.js';
import { lowerTiles, type PlannedLayers, type Tiling, withTiles } from '../../src/plan/tiles/lower.js';
import { Random } from './random/random.js';

/**
 * A plan in which the longest stretch of layers that can be, from a random one on, runs by strips or patches; null where none can.
 * @param fed whether it is the first layers, by strips whose input the caller brings by rows
 */
export function planTiled(
  graph: Graph,
  board: string,
  seed: number,
  fed = false,
): { plan: Plan; tiling: Tiling } | null {
  if (fed && graph.inputs.length > 1) return null;
  const random = new Random(seed);
  const target = loadBoard(board);
  const layers = layersOf(graph, target);
  const plain: PlannedLayers = { graph, layers, choice: choose(layers, 'speed'), stages: [], tiles: [] };
  const patches = random.chance(0.3) && !fed;
  const tiles = random.pick([2, 2, 3, 4]);
  const grid = { rows: patches ? tiles : 1, columns: tiles };
  const stage = patches ? null : { rows: random.pick([1, 1, 2, 3]), spare: random.chance(0.3) };
  const from = random.integer(0, layers.length - 1);
  for (let length = layers.length; length > 0; length--) {
    for (let i = 0; i + length <= (fed ? length : layers.length); i++) {
      const first = fed ? 0 : (from + i) % (layers.length - length + 1);
      const tiling = { first, last: first + length - 1, grid, stage, fed };
      if (!lowerTiles(graph, target, layers, tiling)) continue;
      const made = withTiles(plain, target, [tiling]);
      const options = { prefix: 'tiled', modelHash: '0'.repeat(64), optimize: 'speed' } as const;
      const steps = stepsOf(made.layers, made.choice);
      return { plan: planChoice(made.graph, target, steps, options, made), tiling };
    }
  }
  return null;
}
