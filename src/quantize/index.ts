/** From a float network and data to one of int8, with weights of fewer bits where that is asked for or a board needs it (docs/quantize.md). */
import type { Board } from '../../boards/board.js';
import { BitloomError } from '../graph/diagnostics.js';
import { checkGraph } from '../graph/check.js';
import { describeNode, type Graph, outputOf, tensorAt } from '../graph/graph.js';
import type { Format, TensorId } from '../graph/tensor.js';
import { chooseWithin } from './allocate/choose-within.js';
import { assemble } from './assemble.js';
import { activationFormats } from './calibrate/formats.js';
import { observe } from './calibrate/observe.js';
import { compareOutputs, decibels } from './compare.js';
import { isLinear, type LinearNode } from './execute/linear-form.js';
import { Matmul } from './execute/matmul.js';
import { foldAffine } from './fold-affine.js';
import { runFloat, runQuantized } from './run.js';
import { solveInOrder } from './solve-in-order.js';
import { Algebra } from './weights/algebra.js';
import { GRIDS } from './weights/grid.js';
import type { Solver } from './weights/solve.js';
import type { BoardReport, LayerReport, QuantizeReport } from './report.js';

export type GridName = keyof typeof GRIDS;
export const GRID_NAMES = Object.keys(GRIDS) as readonly GridName[];

/** Contents of each input in one inference, in real values. */
export type Inference = readonly Float32Array[];

export interface QuantizeOptions {
  readonly calibration: readonly Inference[];
  /** Inferences on which both networks are compared; those of the calibration unless given. */
  readonly comparison?: readonly Inference[];
  /** Right classes of the inferences that are compared. */
  readonly labels?: readonly number[];
  /** One grid for all filters but those of `layers`; `mixed` chooses among `MIXED` for the board's flash. */
  readonly weights: GridName | 'mixed';
  /** Grids by the name of a layer's output. */
  readonly layers?: ReadonlyMap<string, GridName>;
  readonly solver: Solver;
  readonly board?: Board;
  /** Bytes of flash that constants may take on the board; what the board leaves unless given. */
  readonly flash?: number;
  /** Told what is being done, and how far it is. */
  readonly progress?: (doing: string, done: number, of: number) => void | Promise<void>;
}

export interface Quantized {
  /** Inputs and outputs are int8. */
  readonly graph: Graph;
  /** By the name of a layer's output. */
  readonly layers: ReadonlyMap<string, GridName>;
  readonly report: QuantizeReport;
}

/**
 * @param source of float32
 * @throws BitloomError BL701 where a layer cannot be quantized, BL702 where it fits the board by no choice
 */
export async function quantize(source: Graph, options: QuantizeOptions): Promise<Quantized> {
  const { calibration, solver, progress = () => {} } = options;
  const graph = foldAffine(source);
  const layers = graph.nodes.filter(isLinear);
  const [matmul, algebra] = [await Matmul.create(), await Algebra.load()];
  await progress('calibrating', 0, 1);
  const observed = await observe(matmul, graph, calibration);
  const activations = activationFormats(graph, observed);
  const formats = new Map([...activations].map(([id, { format }]) => [id, format]));
  const nameOf = (node: LinearNode) => outputOf(graph, node).name;
  const chosen = await choose(graph, formats, matmul, algebra, options);
  const gridOf = (node: LinearNode) => options.layers?.get(nameOf(node)) ?? chosen.gridOf(node);
  let done = 0;
  const { constants, ratios } = await solveInOrder({ matmul, algebra }, graph, calibration, formats, {
    solver,
    gridOf: (node) => GRIDS[gridOf(node)],
    seen: () => progress('choosing weights', done++, layers.length),
  });
}
