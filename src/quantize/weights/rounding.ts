/** Codes of rows at their scales, found column by column. */
import { ALIGNMENT } from './algebra.js';
import { factor } from './factor.js';
import type { Grid } from './grid.js';
import { type Problem, ROWS_AT_ONCE } from './problem.js';
import type { Solution } from './solution.js';

/** Finds the codes of all rows. */
export type Round = (solution: Solution, grid: Grid) => void;

/** The nearest codes of a row. */
export function roundToNearest(solution: Solution, grid: Grid, row: number): void {
  const { problem, scales } = solution;
  const { inputs, weights } = problem;
  for (let i = 0; i < inputs; i++) {
    solution.set(row, i, grid.nearest(weights[row * inputs + i]! / scales[row]!));
  }
}

/** The nearest codes of all rows. */
export function roundAll(solution: Solution, grid: Grid): void {
  for (let row = 0; row < solution.problem.rows; row++) roundToNearest(solution, grid, row);
}

/**
 * GPTQ (arXiv 2210.17323): after each code the columns behind move to where they make the least error, in the order of falling
 * power. Error feedback by a triangular factor of the second moment gives the codes that one of its inverse gives.
 * Takes the problem's spare matrix.
 */
export function gptq(problem: Problem): Round {
  const { spare, order } = problem;
  factor(problem);
  return (solution, grid) => roundWithFeedback(solution, grid, spare, order);
}

/** GPFQ (arXiv 2201.11113): each code makes good what the codes before have done to the output, in the order of inputs. */
export function gpfq({ second, inputs }: Problem): Round {
  const order = Int32Array.from({ length: inputs }, (_, i) => i);
  return (solution, grid) => roundWithFeedback(solution, grid, second, order);
}

/**
 * @param matrix row i: what an error of the i-th weight of the order asks of those behind it, in parts of their own diagonal
 *   elements
 */
function roundWithFeedback(solution: Solution, grid: Grid, matrix: Float64Array, order: Int32Array): void {
  const { problem, scales } = solution;
  const { rows, inputs, width, weights, algebra, carried } = problem;
  for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
    const end = Math.min(rows, first + ROWS_AT_ONCE);
    carried.fill(0);
    for (let i = 0; i < inputs; i++) {
      const column = order[i]!;
      const power = matrix[i * (width + 1)]!;
      // From a whole four of elements: what is not behind is read no more.
      const start = i - (i % ALIGNMENT);
      for (let row = first; row < end; row++) {
        const own = (row - first) * width;
        const weight = weights[row * inputs + column]!;
        const moved = weight + (power > 0 ? carried[own + i]! / power : 0);
        const code = grid.nearest(moved / scales[row]!);
        solution.set(row, column, code);
        const error = weight - code * scales[row]!;
        algebra.addScaledPart(carried, own + start, matrix, i * width + start, error, width - start);
      }
    }
  }
}
