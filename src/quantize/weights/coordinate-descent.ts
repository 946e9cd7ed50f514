/** Coordinate descent over codes and scales (COMQ, arXiv 2403.07134; QuantEase, arXiv 2309.01885). */
import type { Grid } from './grid.js';
import { ROWS_AT_ONCE } from './problem.js';
import type { Solution } from './solution.js';

const SWEEPS = 20;

/**
 * Sets each code in turn to the best one while all others stand, and each scale to the best one after a sweep, until nothing
 * changes or `sweeps` are over. No row's error ever rises.
 */
export function descend(solution: Solution, grid: Grid, sweeps: number = SWEEPS): void {
  const { rows } = solution.problem;
  for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
    let active = Array.from({ length: Math.min(ROWS_AT_ONCE, rows - first) }, (_, i) => first + i);
    for (let i = 0; i < sweeps && active.length > 0; i++) {
      const changed = sweep(solution, grid, active);
      for (const row of active) if (solution.fitScale(row)) changed.add(row);
      active = active.filter((row) => changed.has(row));
    }
  }
}

/** Returns the rows that changed. */
export function sweep(solution: Solution, grid: Grid, rows: readonly number[]): Set<number> {
  const { codes, scales, problem } = solution;
  const { inputs, width, linear, products, second, order } = problem;
  const changed = new Set<number>();
  for (const column of order) {
    const power = second[column * (width + 1)]!;
    if (!(power > 0)) continue;
    for (const row of rows) {
      const at = row * width + column;
      const code = codes[row * inputs + column]!;
      const best = grid.nearest(code + (linear[at]! / scales[row]! - products[at]!) / power);
      if (best === code) continue;
      solution.set(row, column, best);
      changed.add(row);
    }
  }
  return changed;
}
