/** QuantMCU: feature maps of 4 and 2 bits, chosen by the values that they hold, and kept only where they pay (docs/quantmcu.md). */
import type { Board } from '../../boards/board.js';
import { loadBoard } from '../../boards/index.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import type { TypedArray } from '../graph/tensor.js';
import { planModel } from '../plan/index.js';
import type { Plan } from '../plan/plan.js';
import { type Evaluator, evaluatorOf } from '../verify/evaluator.js';
import { type Choice, chooseFormats, observe } from './choose.js';
import type { Bits } from './feature-maps.js';
import type { Formats } from './formats.js';

export { type Formats, formatsText, readFormats } from './formats.js';
export { narrow } from './narrow.js';

export interface QuantMcuOptions {
  /** What memory and instructions are predicted for. */
  readonly board?: Board;
  /** Bytes that the arena may have; needs a board. */
  readonly ram?: number;
  /** By which factor BitOPs are to fall at least; 1 unless given. */
  readonly factor?: number;
  /** How much an entropy that is lost counts against BitOPs that are saved; `LAMBDA` unless given. */
  readonly lambda?: number;
  /** By which share more time layers may take that run row by row; as in `PlanOptions`. */
  readonly minRam: number;
  /** Inferences on which both networks are compared; those of the calibration unless given. */
  readonly compare?: readonly (readonly TypedArray[])[];
}

/** Of the paper. */
export const LAMBDA = 0.6;

export interface MapReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly macs: number;
  readonly bits: Bits;
  /** Bits of entropy as int8, and as it is stored. */
  readonly entropy: { readonly before: number; readonly after: number };
}

/** Predicted. */
export interface Needs {
  readonly arenaBytes: number;
  readonly instructions: number;
}

export interface QuantMcuReport {
  readonly maps: readonly MapReport[];
  /** Multiply-accumulates, times bits of weight and activation. */
  readonly bitOps: { readonly before: number; readonly after: number };
  /** Null without a board. Both by stages. */
  readonly needs: { readonly board: string; readonly before: Needs; readonly after: Needs } | null;
  /** Inferences whose greatest output is the same one. */
  readonly agreement: { readonly inferences: number; readonly same: number; readonly calibrated: boolean };
  /** Whether the narrower maps are worth it; why, in a sentence. */
  readonly kept: boolean;
  readonly verdict: string;
}

/**
 * Chooses formats for the feature maps of an int8 network.
 * @param names of the model: see `planModel`
 * @param vectors calibration data
 * @returns the formats, none where they do not pay, and what was found
 */
export async function quantizeMaps(
  graph: Graph,
  names: Pick<Plan, 'prefix' | 'modelHash'>,
  vectors: readonly (readonly TypedArray[])[],
  options: QuantMcuOptions,
): Promise<{ readonly formats: Formats; readonly report: QuantMcuReport }> {
  const { board, ram, factor = 1, lambda = LAMBDA, minRam, compare } = options;
  const run = (some: Graph) => evaluatorOf(planModel(some, loadBoard('web'), names));
  const wide = await run(graph);
  const memory = ram ?? Number.POSITIVE_INFINITY;
  const choice = chooseFormats(graph, names.modelHash, observe(graph, wide, vectors), {
    lambda,
    factor,
    memory,
  });
  const needsOf = (some: Graph): Needs => {
    const { totals } = planModel(some, board!, { ...names, minRam });
    return { arenaBytes: totals.arenaBytes, instructions: totals.instructions };
  };
  const needs = board ? { board: board.id, before: needsOf(graph), after: needsOf(choice.graph) } : null;
  const agreement = {
    ...compareNetworks(graph, wide, choice.graph, await run(choice.graph), compare ?? vectors),
    calibrated: compare === undefined,
  };
  const { kept, verdict } = judge(choice, needs, ram, factor);
  const none = { model: names.modelHash, maps: {}, shifts: {} };
  const report = { maps: mapsOf(choice), bitOps: choice.bitOps, needs, agreement, kept, verdict };
  return { formats: kept ? choice.formats : none, report };
}

function mapsOf({ maps, steps }: Choice): readonly MapReport[] {
  return maps.map(({ id, tensor, macs, entropy }) => {
    const bits = steps.findLast(({ map }) => map.id === id)?.bits ?? 8;
    const { name, shape } = tensor;
    return { name, shape, macs, bits, entropy: { before: entropy[8], after: entropy[bits] } };
  });
}

/** Memory that was asked for must be got by it, or at least come nearer; BitOPs must have fallen as asked. */
function judge(
  { bitOps, steps }: Choice,
  needs: QuantMcuReport['needs'],
  ram: number | undefined,
  factor: number,
): { readonly kept: boolean; readonly verdict: string } {
  const no = (verdict: string) => ({ kept: false, verdict });
  if (steps.length === 0) return no('no feature map gains by fewer bits');
  if (needs && ram !== undefined) {
    const { before, after } = needs;
    if (before.arenaBytes <= ram) return no('8 bits fit the memory asked for');
    if (after.arenaBytes >= before.arenaBytes) return no('fewer bits save no memory');
    if (after.arenaBytes > ram) return { kept: true, verdict: 'less memory, but still more than asked for' };
  }
  const reached = bitOps.before / bitOps.after;
  if (reached < factor)
    return { kept: true, verdict: `no more BitOPs can be saved than by ${reached.toFixed(2)}` };
  return { kept: true, verdict: 'all that was asked for' };
}

/** How often both networks name the same class: the index of the greatest element of the first output. */
function compareNetworks(
  a: Graph,
  runA: Evaluator,
  b: Graph,
  runB: Evaluator,
  vectors: readonly (readonly TypedArray[])[],
): { readonly inferences: number; readonly same: number } {
  const classOf = (graph: Graph, run: Evaluator, vector: readonly TypedArray[]) => {
    const id = graph.outputs[0]!;
    const values = run(vector).get(id);
    if (!values) throw new Error(`no layer writes '${tensorAt(graph, id).name}'`);
    const numbers = Array.from(values as ArrayLike<number | bigint>, Number);
    return numbers.indexOf(Math.max(...numbers));
  };
  const same = vectors.filter((vector) => classOf(a, runA, vector) === classOf(b, runB, vector)).length;
  return { inferences: vectors.length, same };
}
