/** What a quantization did, layer by layer, and what it cost. */
import { type Graph, outputOf } from '../graph/graph.js';
import type { TensorId } from '../graph/tensor.js';
import { checkFit } from '../plan/fit.js';
import type { Plan } from '../plan/plan.js';
import type { MixedGrids } from './allocate/choose-within.js';
import type { Sensitivity } from './allocate/sensitivity.js';
import type { ActivationFormat } from './calibrate/formats.js';
import type { RangeMethod } from './calibrate/ranges.js';
import type { Agreement } from './compare.js';
import type { Solved } from './solve-in-order.js';
import type { WeightedFloat } from './weighted.js';

/** A layer with weights. */
export interface LayerReport {
  /** Of its output. */
  readonly name: string;
  readonly operator: string;
  /** Number of weights. */
  readonly weights: number;
  readonly grid: string;
  /** Signal-to-noise ratio of the output, float against quantized: what all layers so far have added. */
  readonly decibels: number;
  /** How the range of the output was found; null where its operator fixes it. */
  readonly range: RangeMethod | null;
  /** Loss of the network's outputs by the share of the layer's energy that errs; null where nothing was chosen by it. */
  readonly sensitivity: number | null;
  /** Predicted for the board; null without one. */
  readonly cost: { readonly bytes: number; readonly instructions: number } | null;
}

/** A choice of grids that none of fewer bytes beats. */
export interface FrontPoint {
  /** Of constants. */
  readonly bytes: number;
  readonly loss: number;
  /** How many layers have which grid. */
  readonly grids: Readonly<Record<string, number>>;
}

export interface QuantizeReport {
  readonly layers: readonly LayerReport[];
  /** `calibrated`: the inferences are those of the calibration. */
  readonly agreement: Agreement & { readonly calibrated: boolean };
  /** Null where grids were not chosen. */
  readonly choice: {
    readonly taken: FrontPoint;
    readonly front: readonly FrontPoint[];
    readonly fits: boolean;
  } | null;
  /** Predicted; null without a board. */
  readonly board: {
    readonly id: string;
    readonly constantBytes: number;
    readonly arenaBytes: number;
    readonly instructions: number;
    readonly fits: boolean;
    readonly sentence: string;
  } | null;
}

export interface Findings {
  readonly solved: Solved;
  readonly activations: ReadonlyMap<TensorId, ActivationFormat>;
  readonly gridOf: (node: WeightedFloat) => string;
  readonly sensitivities: readonly Sensitivity[];
  readonly plan: Plan | null;
}

/** Of each linear layer of a float graph, in order. */
export function layerReports(
  graph: Graph,
  layers: readonly WeightedFloat[],
  findings: Findings,
): LayerReport[] {
  const { solved, activations, gridOf, sensitivities, plan } = findings;
  const perShare = new Map(sensitivities.map((found) => [found.node, found.perShare]));
  return layers.map((node) => {
    const id = node.outputs[0]!;
    return {
      name: outputOf(graph, node).name,
      operator: node.source.operator,
      weights: solved.constants.get(id)!.codes.length,
      grid: gridOf(node),
      decibels: solved.decibels.get(id)!,
      range: activations.get(id)?.method ?? null,
      sensitivity: perShare.get(node) ?? null,
      cost: plan && costOf(plan, node),
    };
  });
}

function costOf({ steps }: Plan, { source }: WeightedFloat): LayerReport['cost'] {
  const own = steps.filter(({ node }) => node.source.index === source.index);
  return {
    bytes: own.reduce((sum, { cost }) => sum + cost.constantBytes, 0),
    instructions: own.reduce((sum, { cost }) => sum + cost.instructions, 0),
  };
}

export function choiceReport({ taken, front, fits }: MixedGrids<string>): QuantizeReport['choice'] {
  const pointOf = ({ bytes, loss, grids }: MixedGrids<string>['taken']): FrontPoint => {
    const counts: Record<string, number> = {};
    for (const grid of grids.values()) counts[grid] = (counts[grid] ?? 0) + 1;
    return { bytes, loss, grids: counts };
  };
  return { taken: pointOf(taken), front: front.map(pointOf), fits };
}

export function boardReport(plan: Plan): QuantizeReport['board'] {
  const { constantBytes, arenaBytes, instructions } = plan.totals;
  const { fits, sentence } = checkFit(plan);
  return { id: plan.board.id, constantBytes, arenaBytes, instructions, fits, sentence };
}
