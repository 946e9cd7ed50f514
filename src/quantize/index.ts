/** From a float network and data to one of int8, with weights of fewer bits where that is asked for or a board needs it (docs/quantize.md). */
import type { Board } from '../../boards/board.js';
import { loadBoard } from '../../boards/index.js';
import { checkGraph } from '../graph/check.js';
import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, outputOf, shortName } from '../graph/graph.js';
import { planOf } from './allocate/costs.js';
import { chooseMixed } from './allocate/mixed.js';
import { layerMoments } from './allocate/uniform.js';
import { assemble } from './assemble.js';
import { activationFormats } from './calibrate/formats.js';
import { observe } from './calibrate/observe.js';
import { compareOutputs } from './compare.js';
import { foldAffine } from './fold-affine.js';
import { boardReport, choiceReport, layerReports, type QuantizeReport } from './report.js';
import { floatOutputs, quantizedOutputs } from './run.js';
import { solveInOrder } from './solve-in-order.js';
import type { Solver } from './solve-layer.js';
import { loadTools } from './tools.js';
import { isWeightedFloat, type WeightedFloat } from './weighted.js';
import { GRIDS, type GridName } from './weights/grid.js';
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
  /** What `mixed` chooses for: this machine, which has room for all, unless given. */
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

/**
 * @param source a graph of float32
 * @throws BitloomError BL304 where `layers` names what is not there; as `planModel`
 */
export async function quantize(source: Graph, options: QuantizeOptions): Promise<Quantized> {
  const { calibration, comparison = calibration, weights, solver, board, progress = () => {} } = options;
  const graph = foldAffine(source);
  const layers = graph.nodes.filter((node) => isWeightedFloat(graph, node));
  const nameOf = (node: WeightedFloat) => outputOf(graph, node).name;
  checkNames(options.layers, layers.map(nameOf));
  const tools = await loadTools();
  const counted = (doing: string, of: number) => {
    let done = 0;
    return () => progress(doing, done++, of);
  };

  const moments = new Map<WeightedFloat, readonly Moments[]>();
  const observed = await observe(tools.matmul, graph, calibration, {
    seen: counted('calibrating', graph.nodes.length),
    onLinear: (node, form, x) => {
      if (weights === 'mixed') moments.set(node, layerMoments(tools.algebra, form, x));
    },
  });
  const activations = activationFormats(graph, observed);
  const formats = new Map([...activations].map(([id, { format }]) => [id, format]));
  const mixed =
    weights === 'mixed'
      ? await chooseMixed(tools, graph, formats, calibration, moments, {
          solver,
          board: board ?? loadBoard('host'),
          limit: options.flash,
          counted,
        })
      : null;
  const gridOf = (node: WeightedFloat): GridName =>
    options.layers?.get(nameOf(node)) ??
    mixed?.grids.taken.grids.get(node.outputs[0]!) ??
    (weights as GridName);

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
  const findings = { solved, activations, gridOf, sensitivities: mixed?.sensitivities ?? [], plan };
  return {
    graph: quantized,
    layers: new Map(layers.map((node) => [nameOf(node), gridOf(node)])),
    report: {
      layers: layerReports(graph, layers, findings),
      agreement: { ...agreement, calibrated: comparison === calibration },
      choice: mixed && choiceReport(mixed.grids),
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
