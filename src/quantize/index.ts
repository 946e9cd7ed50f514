/** From a float network and data to one of int8, with weights of fewer bits where that is asked for or a board needs it (docs/quantize.md). */
import type { Board } from '../../boards/board.js';
import { loadBoard } from '../../boards/index.js';
import { checkGraph } from '../graph/check.js';
import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, outputOf, shortName } from '../graph/graph.js';
import { chooseWithin } from './allocate/choose-within.js';
import { planOf } from './allocate/costs.js';
import { sensitivities } from './allocate/sensitivity.js';
import { layerMoments, uniformGrids } from './allocate/uniform.js';
import { assemble } from './assemble.js';
import { activationFormats } from './calibrate/formats.js';
import { observe } from './calibrate/observe.js';
import { compareOutputs } from './compare.js';
import { linearForm } from './execute/linear-form.js';
import { Matmul } from './execute/matmul.js';
import { foldAffine } from './fold-affine.js';
import { boardReport, choiceReport, layerReports, type QuantizeReport } from './report.js';
import { floatOutputs, quantizedOutputs } from './run.js';
import { solveInOrder } from './solve-in-order.js';
import type { Solver } from './solve-layer.js';
import { isWeightedFloat, type WeightedFloat } from './weighted.js';
import { Algebra } from './weights/algebra.js';
import { GRIDS, type Grid, type GridName } from './weights/grid.js';
import type { Moments } from './weights/moments.js';

export type { FrontPoint, LayerReport, QuantizeReport } from './report.js';
export { SOLVERS, type Solver } from './solve-layer.js';

export { GRID_NAMES, type GridName } from './weights/grid.js';

/** Contents of each input in one inference, in real values. */
export type Inference = readonly Float32Array[];

/** Told what is being done, and how far it is. */
export type Progress = (doing: string, done: number, of: number) => void | Promise<void>;

export interface QuantizeOptions {
  readonly calibration: readonly Inference[];
  /** Inferences on which both networks are compared; those of the calibration unless given. */
  readonly comparison?: readonly Inference[];
  /** Right classes of the inferences that are compared. */
  readonly labels?: readonly number[];
  /** One grid for all filters but those of `layers`; `mixed` chooses by what the board's flash has room for. */
  readonly weights: GridName | 'mixed';
  /** Grids by the name of a layer's output. */
  readonly layers?: ReadonlyMap<string, GridName>;
  readonly solver: Solver;
  /** Needed by `mixed`. */
  readonly board?: Board;
  /** Bytes that constants may take; what the board's flash has room for unless given. */
  readonly flash?: number;
  readonly progress?: Progress;
}

export interface Quantized {
  /** Inputs and outputs are int8. */
  readonly graph: Graph;
  /** By the name of a layer's output. */
  readonly layers: ReadonlyMap<string, GridName>;
  readonly report: QuantizeReport;
}

/** What `mixed` chooses among, from the widest on. */
const MIXED: readonly GridName[] = ['int8', 'int4', 'int3', 'int2', 'ternary'];

/**
 * @param source a graph of float32
 * @throws BitloomError BL304 where `layers` names what is not there; as `planModel`
 */
export async function quantize(source: Graph, options: QuantizeOptions): Promise<Quantized> {
  const { calibration, comparison = calibration, solver, board, progress = () => {} } = options;
  const graph = foldAffine(source);
  const layers = graph.nodes.filter((node) => isWeightedFloat(graph, node));
  checkNames(
    options.layers,
    layers.map((node) => outputOf(graph, node).name),
  );
  const tools = { matmul: await Matmul.create(), algebra: await Algebra.load() };
  const counted = (doing: string, of: number) => {
    let done = 0;
    return () => progress(doing, done++, of);
  };

  const moments = new Map<WeightedFloat, readonly Moments[]>();
  const observed = await observe(tools.matmul, graph, calibration, {
    seen: counted('calibrating', graph.nodes.length),
    onLinear: (node, form, x) => {
      if (options.weights === 'mixed') moments.set(node, layerMoments(tools.algebra, form, x));
    },
  });
  const activations = activationFormats(graph, observed);
  const formats = new Map([...activations].map(([id, { format }]) => [id, format]));
  const choice = options.weights === 'mixed' ? await choose() : null;
  const nameOf = (node: WeightedFloat) => outputOf(graph, node).name;
  const gridOf = (node: WeightedFloat) => options.layers?.get(nameOf(node)) ?? chosenGrid(node);

  function chosenGrid(node: WeightedFloat): GridName {
    return options.weights === 'mixed' ? choice!.mixed.taken.grids.get(node.outputs[0]!)! : options.weights;
  }

  async function choose() {
    const found = await sensitivities(
      tools.matmul,
      graph,
      calibration.slice(0, inferencesWithin(graph, calibration.length)),
      counted('measuring sensitivities', layers.length),
    );
    const grids = Object.fromEntries(MIXED.map((name) => [name, GRIDS[name]])) as Record<GridName, Grid>;
    const seen = counted('trying weights', layers.length);
    const uniform = await uniformGrids(tools.algebra, graph, formats, moments, grids, solver, seen);
    return {
      found,
      mixed: await chooseWithin(graph, formats, found, uniform, board ?? loadBoard('host'), options.flash),
    };
  }

  const solved = await solveInOrder(tools, graph, calibration, formats, {
    solver,
    gridOf: (node) => GRIDS[gridOf(node)],
    seen: counted('choosing weights', layers.length),
  });
  const quantized = assemble(graph, formats, solved.constants);
  checkGraph(quantized);

  await progress('comparing', 0, 1);
  const float =
    comparison === calibration ? observed.outputs[0]! : await floatOutputs(tools.matmul, graph, comparison);
  const agreement = compareOutputs(
    float,
    await quantizedOutputs(quantized, comparison),
    options.labels ?? null,
  );
  const plan = board ? planOf(quantized, board) : null;
  const findings = { solved, activations, gridOf, sensitivities: choice?.found ?? [], plan };
  return {
    graph: quantized,
    layers: new Map(layers.map((node) => [nameOf(node), gridOf(node)])),
    report: {
      layers: layerReports(graph, layers, findings),
      agreement: { ...agreement, calibrated: comparison === calibration },
      choice: choice && choiceReport(choice.mixed),
      board: plan && boardReport(plan),
    },
  };
}

/** @throws BitloomError BL304 where there is no such layer */
function checkNames(asked: QuantizeOptions['layers'] = new Map(), names: readonly string[]): void {
  const unknown = [...asked.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const known = names.map((name) => `'${shortName(name)}'`).join(', ');
  throw new BitloomError('BL304', `no layer with weights '${shortName(unknown)}'`, `There are ${known}`);
}

/** Multiply-accumulates that sensitivities may take: half a minute's. */
const MOST_MACS = 6e10;

/** As many inferences as sensitivities may be measured on: the network runs behind each of its layers. */
function inferencesWithin(graph: Graph, most: number): number {
  const layers = graph.nodes.filter((node) => isWeightedFloat(graph, node));
  const macs = layers.reduce((sum, node) => {
    const { positions, channels, columns } = linearForm(graph, node);
    return sum + positions * channels * columns;
  }, 0);
  return Math.min(most, 16, Math.max(1, Math.floor(MOST_MACS / ((macs * layers.length) / 2))));
}
