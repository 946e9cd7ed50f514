/** Codes and scales for the weights of a layer, and what they cost. */
import type { Algebra } from './algebra.js';
import { fullScale, octavScale, outputErrorScale, type ScaleRule, squaredErrorScale } from './clip.js';
import type { Grid } from './grid.js';
import type { Moments, PairedMoments } from './moments.js';
import { meanErrors, outputErrors } from './output-error.js';
import { type Problem, type ProblemOptions, problemOf } from './problem.js';
import { gpfq, gptq, type Round, roundAll } from './rounding.js';
import { Solution } from './solution.js';
import { descendFromScales } from './starts.js';

/** The weights of a layer and what is known of its inputs. */
export interface Layer {
  /** [rows, inputs]: a row an output channel, its elements in the order of an im2col row. */
  readonly weights: Float32Array;
  /** One a group, of equally many consecutive rows each. A depthwise layer has one for each channel. */
  readonly groups: readonly (Moments | PairedMoments)[];
}

export interface QuantizedWeights {
  /** [rows, inputs], values of the grid */
  readonly codes: Int16Array;
  /** [rows], positive float32 numbers; a weight is `scale * code`. */
  readonly scales: Float64Array;
  /** What is to be added to the bias of each row [rows]: zeros where the layer has none. */
  readonly offsets: Float64Array;
}

export interface RelativeErrors {
  /** The part of each row's output power that is error [rows]. */
  readonly errors: Float64Array;
  /** The same of the whole layer: t^2. */
  readonly error: number;
}

const SCALE_RULES = {
  full: fullScale,
  'squared-error': squaredErrorScale,
  'output-error': outputErrorScale,
  octav: octavScale,
} as const satisfies Record<string, ScaleRule>;

const ROUNDING = {
  round: () => roundAll,
  gptq,
  gpfq,
} as const satisfies Record<string, (problem: Problem) => Round>;

export interface SolveOptions extends ProblemOptions {
  /** Default: descent, which finds its scales itself. */
  readonly method?: 'descent' | keyof typeof ROUNDING;
  /** How the other methods find scales. Default: output-error. */
  readonly scale?: keyof typeof SCALE_RULES;
}

/**
 * Solves each group of a layer on its own; the same arguments give the same bits. `descent` minimises the error against
 * the float layer's output whatever the inputs; the other methods, as published, that of the weights on these inputs.
 */
export function quantizeWeights(
  algebra: Algebra,
  layer: Layer,
  grid: Grid,
  { method = 'descent', scale = 'output-error', ...options }: SolveOptions = {},
): QuantizedWeights & RelativeErrors {
  return solveGroups(algebra, layer, options, (problem) => {
    const solution = new Solution(problem);
    if (method === 'descent') descendFromScales(solution, grid);
    else {
      for (let row = 0; row < problem.rows; row++)
        solution.scales[row] = SCALE_RULES[scale](solution, grid, row);
      ROUNDING[method](problem)(solution, grid);
    }
    return solution;
  });
}

/**
 * Keeps `codes` [rows, inputs] and finds the scales and biases that bring them nearest to the float layer's output on the
 * inputs of `layer`: least squares, where a layer behind quantized ones sees other inputs than it was solved for.
 */
export function refitScales(
  algebra: Algebra,
  layer: Layer,
  { codes, scales }: QuantizedWeights,
  options: ProblemOptions = {},
): QuantizedWeights & RelativeErrors {
  let first = 0;
  return solveGroups(algebra, layer, { damping: 0, ...options }, (problem) => {
    const solution = new Solution(problem);
    for (let row = 0; row < problem.rows; row++, first++) {
      const { inputs } = problem;
      solution.load(row, codes.subarray(first * inputs, (first + 1) * inputs));
      solution.scales[row] = scales[first]!;
      solution.fitScale(row);
    }
    return solution;
  });
}

/** What quantized weights cost on the inputs of `layer`, which may be others than they were solved for. */
export function errorsOf(
  algebra: Algebra,
  layer: Layer,
  { codes, scales, offsets }: QuantizedWeights,
): RelativeErrors {
  const size = layer.weights.length / layer.groups.length;
  const count = scales.length / layer.groups.length;
  const parts = layer.groups.map((moments, group) => {
    const weights = layer.weights.subarray(group * size, (group + 1) * size);
    const rows = [group * count, (group + 1) * count] as const;
    const quantized = realWeights(codes.subarray(group * size, (group + 1) * size), scales.subarray(...rows));
    return outputErrors(algebra, weights, quantized, moments, offsets.subarray(...rows));
  });
  const errors = concatenate(parts.map(({ errors }) => errors));
  const powers = concatenate(parts.map(({ powers }) => powers));
  // A row without output has no error either.
  const ratio = (error: number, power: number) => (power > 0 ? error / power : 0);
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  return {
    errors: errors.map((error, n) => ratio(error, powers[n]!)),
    error: ratio(sum(errors), sum(powers)),
  };
}

function solveGroups(
  algebra: Algebra,
  layer: Layer,
  options: ProblemOptions,
  solve: (problem: Problem) => Pick<Solution, 'codes' | 'scales'>,
): QuantizedWeights & RelativeErrors {
  const { weights, groups } = layer;
  const size = weights.length / groups.length;
  const codes = new Int16Array(weights.length);
  const parts = groups.map((moments, group) => {
    const part = weights.subarray(group * size, (group + 1) * size);
    const solution = solve(problemOf(algebra, part, moments, options));
    codes.set(solution.codes, group * size);
    const means = meanErrors(part, realWeights(solution.codes, solution.scales), moments);
    return { scales: solution.scales, offsets: options.hasBias === false ? means.fill(0) : means };
  });
  const solved = {
    codes,
    scales: concatenate(parts.map(({ scales }) => scales)),
    offsets: concatenate(parts.map(({ offsets }) => offsets)),
  };
  return { ...solved, ...errorsOf(algebra, layer, solved) };
}

/** Codes [rows, inputs] times their row's scale. */
function realWeights(codes: Int16Array, scales: Float64Array): Float64Array {
  const inputs = codes.length / scales.length;
  return Float64Array.from(codes, (code, i) => code * scales[Math.floor(i / inputs)]!);
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
