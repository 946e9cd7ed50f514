/** A grid for the weights of each layer: the least loss that a board has room for. */
import type { Board } from '../../../boards/board.js';
import type { Graph } from '../../graph/graph.js';
import type { Format, TensorId } from '../../graph/tensor.js';
import { checkFit } from '../../plan/fit.js';
import type { Plan } from '../../plan/plan.js';
import { assemble } from '../assemble.js';
import { type Allocation, Allocator, type Candidate } from './allocate.js';
import { layerCosts, planOf } from './costs.js';
import type { Sensitivity } from './sensitivity.js';
import type { UniformGrid } from './uniform.js';

/** A choice, and the grid that it gives to each layer, by the layer's output. */
export type GridAllocation<Name extends string> = Allocation & {
  readonly grids: ReadonlyMap<TensorId, Name>;
};

export interface MixedGrids<Name extends string> {
  readonly taken: GridAllocation<Name>;
  /** Some of the choices that none of fewer bytes beats. */
  readonly front: readonly GridAllocation<Name>[];
  /** Whether all fits. */
  readonly fits: boolean;
}

/** Points of the front. */
const POINTS = 12;

/** How often a budget is lowered by what the plan of its choice lacks: code of kernels and alignment are not in the program. */
const ROUNDS = 6;

/**
 * @param uniform candidates, from the widest on
 * @param limit bytes of constants; what the board's flash leaves beside code unless given
 */
export async function chooseWithin<Name extends string>(
  graph: Graph,
  formats: ReadonlyMap<TensorId, Format>,
  sensitivities: readonly Sensitivity[],
  uniform: readonly UniformGrid<Name>[],
  board: Board,
  limit?: number,
): Promise<MixedGrids<Name>> {
  const costs = uniform.map(({ constants }) => layerCosts(graph, formats, constants, board));
  const ids = sensitivities.map(({ node }) => node.outputs[0]!);
  const layers = sensitivities.map(({ perShare }, layer): Candidate[] => {
    const id = ids[layer]!;
    return uniform.map(({ shares }, i) => ({ loss: perShare * shares.get(id)!, ...costs[i]!.get(id)! }));
  });
  const gridsOf = ({ choice }: Allocation) =>
    new Map(ids.map((id, layer) => [id, uniform[choice[layer]!]!.grid]));
  const constantsOf = ({ choice }: Allocation) =>
    new Map(ids.map((id, layer) => [id, uniform[choice[layer]!]!.constants.get(id)!]));
  const planned = (allocation: Allocation) =>
    planOf(assemble(graph, formats, constantsOf(allocation)), board);

  const allocator = await Allocator.create();
  const smallest = allocator.smallest(layers);
  let taken = allocator.allocate(layers, {})!;
  let lack = lackOf(planned(taken), limit);
  for (let round = 0, bytes = taken.bytes; lack > 0 && round < ROUNDS && bytes > smallest.bytes; round++) {
    bytes = Math.max(smallest.bytes, Math.min(bytes, taken.bytes) - lack);
    taken = allocator.allocate(layers, { bytes }) ?? smallest;
    lack = lackOf(planned(taken), limit);
  }
  const withGrids = (allocation: Allocation) => ({ ...allocation, grids: gridsOf(allocation) });
  return {
    taken: withGrids(taken),
    front: allocator.front(layers, {}, POINTS).map(withGrids),
    fits: lack <= 0,
  };
}

/** Bytes of constants by which a plan is beyond the limit, or beyond its board's flash. */
function lackOf(plan: Plan, limit: number | undefined): number {
  if (limit !== undefined) return plan.totals.constantBytes - limit;
  const flash = plan.placement?.constants;
  const use = checkFit(plan).uses.find(({ region }) => region === flash);
  return use ? use.bytes - use.region.bytes : 0;
}
