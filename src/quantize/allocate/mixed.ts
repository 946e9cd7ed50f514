/** Formats of weights by layer: what errors cost, what each format makes a layer err by, and the best within a board's flash. */
import type { Board } from '../../../boards/board.js';
import type { Graph } from '../../graph/graph.js';
import type { Format, TensorId } from '../../graph/tensor.js';
import { linearForm } from '../execute/linear-form.js';
import type { Solver } from '../solve-layer.js';
import type { Tools } from '../tools.js';
import type { WeightedFloat } from '../weighted.js';
import { GRIDS, type GridName } from '../weights/grid.js';
import type { Moments } from '../weights/moments.js';
import { chooseWithin, type MixedGrids } from './choose-within.js';
import { type Sensitivity, sensitivities } from './sensitivity.js';
import { uniformGrids } from './uniform.js';

/** What is chosen among, from the widest on. */
const MIXED = ['int8', 'int4', 'int3', 'int2', 'ternary'] as const satisfies readonly GridName[];

export interface MixedChoice {
  readonly sensitivities: readonly Sensitivity[];
  readonly grids: MixedGrids<GridName>;
}

export interface MixedOptions {
  readonly solver: Solver;
  readonly board: Board;
  /** Bytes of constants; what the board's flash leaves beside code unless given. */
  readonly limit: number | undefined;
  /** What to call for each of so many steps. */
  readonly counted: (doing: string, of: number) => () => void | Promise<void>;
}

/** @param moments of the inputs of each layer's groups */
export async function chooseMixed(
  { matmul, algebra }: Tools,
  graph: Graph,
  formats: ReadonlyMap<TensorId, Format>,
  inferences: readonly (readonly Float32Array[])[],
  moments: ReadonlyMap<WeightedFloat, readonly Moments[]>,
  { solver, board, limit, counted }: MixedOptions,
): Promise<MixedChoice> {
  const layers = [...moments.keys()];
  const few = inferences.slice(0, affordable(graph, layers));
  const found = await sensitivities(matmul, graph, few, counted('measuring sensitivities', layers.length));
  const grids = MIXED.map((name) => [name, GRIDS[name]] as const);
  const seen = counted('trying weights', layers.length);
  const uniform = await uniformGrids(algebra, graph, formats, moments, grids, solver, seen);
  return { sensitivities: found, grids: await chooseWithin(graph, formats, found, uniform, board, limit) };
}

/** Multiply-accumulates that sensitivities may take: half a minute's. */
const MOST_MACS = 6e10;
const MOST_INFERENCES = 16;

/** As many inferences as sensitivities may be measured on: behind each layer the network runs once more. */
function affordable(graph: Graph, layers: readonly WeightedFloat[]): number {
  const macs = layers.reduce((sum, node) => {
    const { positions, channels, columns } = linearForm(graph, node);
    return sum + positions * channels * columns;
  }, 0);
  const runs = layers.length / 2;
  return Math.min(MOST_INFERENCES, Math.max(1, Math.floor(MOST_MACS / (macs * runs))));
}
