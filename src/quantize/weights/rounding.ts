/** Codes of a row at its scale, found column by column; each way gives the function that does so. */
import { factor } from './factor.js';
import type { Grid } from './grid.js';
import type { Problem } from './problem.js';
import type { Solution } from './solution.js';

export type RoundRow = (solution: Solution, grid: Grid, row: number) => void;

/** The nearest codes. */
export function roundToNearest(solution: Solution, grid: Grid, row: number): void {
  const { problem, scales } = solution;
  const { inputs, weights } = problem;
  for (let i = 0; i < inputs; i++) {
    solution.set(row, i, grid.nearest(weights[row * inputs + i]! / scales[row]!));
  }
}

/**
 * GPTQ (arXiv 2210.17323): after each code the columns behind move to where they make the least error, in the order of falling
 * power. Error feedback by a triangular factor of the second moment gives the codes that one of its inverse gives.
 * Takes the problem's spare matrix.
 */
export function gptq(problem: Problem): RoundRow {
  const { spare, order } = problem;
  factor(problem);
  return (solution, grid, row) => roundWithFeedback(solution, grid, row, spare, order);
}

/** GPFQ (arXiv 2201.11113): each code makes good what the codes before have done to the output, in the order of inputs. */
export function gpfq({ second, inputs }: Problem): RoundRow {
  const order = Int32Array.from({ length: inputs }, (_, i) => i);
  return (solution, grid, row) => roundWithFeedback(solution, grid, row, second, order);
}

/** @param matrix row i: what an error of the i-th weight of the order asks of those behind it, in parts of their own diagonal elements */
function roundWithFeedback(
  solution: Solution,
  grid: Grid,
  row: number,
  matrix: Float64Array,
  order: Int32Array,
): void {
  const { problem, scales } = solution;
  const { inputs, width, weights, algebra, carried } = problem;
  const scale = scales[row]!;
  carried.fill(0);
  for (let i = 0; i < inputs; i++) {
    const column = order[i]!;
    const weight = weights[row * inputs + column]!;
    const power = matrix[i * (width + 1)]!;
    const code = grid.nearest((weight + (power > 0 ? carried[i]! / power : 0)) / scale);
    solution.set(row, column, code);
    // From a whole four of elements: what is not behind is read no more.
    const start = i - (i % 4);
    algebra.addScaledPart(carried, start, matrix, i * width + start, weight - code * scale, width - start);
  }
}
