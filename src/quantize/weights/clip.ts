/** Scales of a row before its codes are known: how much of its largest weights is clipped. */
import type { Grid } from './grid.js';
import { roundToNearest } from './rounding.js';
import type { Solution } from './solution.js';

const OCTAV_ITERATIONS = 20;

/** Parts of the full scale that clips by error try. */
const RATIOS = Array.from({ length: 36 }, (_, i) => 1 - (0.7 * i) / 35);

/** Of rows without weights: they hold nothing in grids with a zero, next to nothing in others, and their bias has a fine step. */
const DEAD_SCALE = 2 ** -16;

/** A rule that gives rows their scales; the row's codes are undefined afterwards. */
export type ScaleRule = (solution: Solution, grid: Grid, row: number) => number;

/** Nothing is clipped: the largest weight is the grid's largest code ("min-max"). */
export function fullScale({ problem }: Solution, grid: Grid, row: number): number {
  let largest = 0;
  for (const weight of weightsOf(problem, row)) largest = Math.max(largest, Math.abs(weight));
  return Math.fround(largest / grid.reach) || DEAD_SCALE;
}

/** The least squared error of the weights. */
export function squaredErrorScale(solution: Solution, grid: Grid, row: number): number {
  const { problem } = solution;
  const full = fullScale(solution, grid, row);
  return bestOf(RATIOS, full, (scale) => {
    let error = 0;
    for (const weight of weightsOf(problem, row))
      error += (weight - scale * grid.nearest(weight / scale)) ** 2;
    return -error;
  });
}

/** The least squared error of the outputs. */
export function outputErrorScale(solution: Solution, grid: Grid, row: number): number {
  return bestOf(RATIOS, fullScale(solution, grid, row), (scale) => {
    solution.scales[row] = scale;
    roundToNearest(solution, grid, row);
    return solution.gain(row);
  });
}

/**
 * The scale at which rounding and clipping cost the same at the margin: OCTAV's iteration (arXiv 2206.06501) for the error of
 * outputs, as if inputs were independent. Cheap, and a good start whatever the weights' distribution.
 */
export function octavScale({ problem }: Solution, grid: Grid, row: number): number {
  const { second, width, inputs } = problem;
  const weights = weightsOf(problem, row).map(Math.abs);
  const power = (i: number) => second[i * (width + 1)]!;
  const resolution = 1 / (3 * (grid.codes.length + 1) ** 2);
  let clip = 0;
  for (let i = 0; i < OCTAV_ITERATIONS; i++) {
    let inside = 0;
    let outside = 0;
    let sum = 0;
    for (let j = 0; j < inputs; j++) {
      const weight = weights[j]!;
      if (weight <= clip) inside += power(j);
      else {
        outside += power(j);
        sum += power(j) * weight;
      }
    }
    if (outside === 0) break;
    clip = sum / (resolution * inside + outside);
  }
  return Math.fround(clip / grid.reach) || DEAD_SCALE;
}

function weightsOf(
  { weights, inputs }: { weights: Float32Array; inputs: number },
  row: number,
): Float32Array {
  return weights.subarray(row * inputs, (row + 1) * inputs);
}

function bestOf(ratios: readonly number[], full: number, worth: (scale: number) => number): number {
  let best = full;
  let most = Number.NEGATIVE_INFINITY;
  for (const ratio of ratios) {
    const scale = Math.fround(ratio * full);
    const value = worth(scale);
    if (value <= most) continue;
    most = value;
    best = scale;
  }
  return best;
}
