const ROUNDS = 20_000;

/**
 * Non-negative coefficients that make `rows` times them as near to `values` as can be, by the sum of squared relative
 * errors. Coordinate descent: each step sets one coefficient to its best value, given the others.
 */
export function fitRelative(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const scaled = rows.map((row, i) => row.map((feature) => feature / values[i]!));
  const columns = Array.from({ length: rows[0]!.length }, (_, j) => scaled.map((row) => row[j]!));
  const norms = columns.map((column) => dot(column, column));
  const coefficients = columns.map(() => 0);
  const residual = values.map(() => 1);
  for (let round = 0; round < ROUNDS; round++) {
    columns.forEach((column, j) => {
      if (norms[j] === 0) return;
      const before = coefficients[j]!;
      coefficients[j] = Math.max(0, before + dot(column, residual) / norms[j]!);
      const step = coefficients[j]! - before;
      for (let i = 0; i < residual.length; i++) residual[i]! -= step * column[i]!;
    });
  }
  return coefficients;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
