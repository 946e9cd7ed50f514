/** The default solver: coordinate descent ends at an optimum near to where it began, so it begins at several places. */
import { octavScale } from './clip.js';
import { descend } from './coordinate-descent.js';
import type { Grid } from './grid.js';
import { gptq } from './rounding.js';
import type { Solution } from './solution.js';

/** Starts for grids of few codes, in parts of the scale of OCTAV. */
const PARTS = [0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.35, 1.6];

/** The most codes that such a grid has. With more, the best scale is known well enough. */
const FEW_CODES = 16;
const PARTS_OF_MANY = [0.8, 1, 1.25];

/**
 * Leaves in `solution` the best codes and scale of each row, from GPTQ at several scales and descent from there. The products of
 * these codes are not kept: it is the last that is done with a solution.
 */
export function descendFromScales(solution: Solution, grid: Grid): void {
  const { problem, scales, codes } = solution;
  const { rows, inputs } = problem;
  const round = gptq(problem);
  const middle = scales.map((_, row) => octavScale(solution, grid, row));
  const gains = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  const bestCodes = codes.slice();
  const bestScales = scales.slice();
  for (const part of grid.codes.length > FEW_CODES ? PARTS_OF_MANY : PARTS) {
    for (let row = 0; row < rows; row++) scales[row] = Math.fround(part * middle[row]!);
    round(solution, grid);
    descend(solution, grid);
    for (let row = 0; row < rows; row++) {
      const gain = solution.gain(row);
      if (gain <= gains[row]!) continue;
      gains[row] = gain;
      bestScales[row] = scales[row]!;
      bestCodes.set(codes.subarray(row * inputs, (row + 1) * inputs), row * inputs);
    }
  }
  codes.set(bestCodes);
  scales.set(bestScales);
}
