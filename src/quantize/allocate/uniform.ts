/** Every linear layer on each of several grids, solved for the float network's own inputs. */
import type { Graph } from '../../graph/graph.js';
import type { Format, TensorId } from '../../graph/tensor.js';
import type { QuantizedConstants } from '../assemble.js';
import { type LinearForm, linearForm } from '../execute/linear-form.js';
import { layerRows, ordinaryRows, pickRows } from '../execute/rows.js';
import { type Solver, solveLayer } from '../solve-layer.js';
import type { WeightedFloat } from '../weighted.js';
import type { Algebra } from '../weights/algebra.js';
import type { Grid } from '../weights/grid.js';
import { MomentSums, type Moments } from '../weights/moments.js';

/** All linear layers on one grid, by their outputs. */
export interface UniformGrid<Name extends string> {
  readonly grid: Name;
  readonly constants: ReadonlyMap<TensorId, QuantizedConstants>;
  /** By which share of its energy a layer's output errs. */
  readonly shares: ReadonlyMap<TensorId, number>;
}

/** Rows of inputs by which a layer's formats are compared. */
const ROWS = 1024;

/** Of the inputs of each group of a layer. */
export function layerMoments(
  algebra: Algebra,
  form: LinearForm,
  x: readonly Float32Array[],
): readonly Moments[] {
  const groups = layerRows(form, x, ROWS);
  const kept = ordinaryRows(groups, form.columns);
  return groups.map((rows) => {
    const sums = new MomentSums(algebra, form.columns);
    sums.add(pickRows(rows, form.columns, kept));
    return sums.moments();
  });
}

/**
 * @param moments of each linear layer
 * @param seen told before each layer
 */
export async function uniformGrids<Name extends string>(
  algebra: Algebra,
  graph: Graph,
  formats: ReadonlyMap<TensorId, Format>,
  moments: ReadonlyMap<WeightedFloat, readonly Moments[]>,
  grids: readonly (readonly [Name, Grid])[],
  solver: Solver,
  seen: () => void | Promise<void>,
): Promise<readonly UniformGrid<Name>[]> {
  const found = grids.map(([name, grid]) => ({
    grid: name,
    codes: grid,
    constants: new Map<TensorId, QuantizedConstants>(),
    shares: new Map<TensorId, number>(),
  }));
  for (const [node, groups] of moments) {
    await seen();
    const id = node.outputs[0]!;
    const form = linearForm(graph, node);
    const scale = formats.get(node.inputs[0]!)!.scales[0]!;
    for (const { codes, constants, shares } of found) {
      const solved = solveLayer(algebra, graph, node, form, groups, scale, codes, solver);
      constants.set(id, solved.constants);
      shares.set(id, solved.share);
    }
  }
  return found;
}
