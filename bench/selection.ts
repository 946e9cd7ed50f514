/** Few rates by which counts make up measured values, chosen one after the other. */

/** A measured value and the counts that it is to be made up of. */
export interface Observation {
  readonly value: number;
  readonly work: Readonly<Record<string, number>>;
}

export interface SelectionOptions {
  /** The count that comes first, and the rate from which it departs only as far as observations speak for it. */
  readonly base: string;
  readonly rate: number;
  readonly most: number;
  /** What is known of each value: the rates make up what is left of it. */
  readonly known?: readonly number[];
  /** Which counts may be chosen; all unless given. */
  readonly counts?: RegExp;
}

/** Weight of the departure from `rate`, and from 0 of the others, against the squared relative error. */
const RESTRAINT = 0.03;
/** A further count must lower the loss to this share. */
const GAIN = 0.93;
/** A count for so many observations. */
const OBSERVATIONS = 5;

/** Rates that make the sum of squared relative errors small, by ridge regression with forward selection. */
export function selectRates(
  observations: readonly Observation[],
  { base, rate, most, known = [], counts = /^/ }: SelectionOptions,
): Record<string, number> {
  const names = [...new Set(observations.flatMap(({ work }) => Object.keys(work)))].filter(
    (name) => name !== base && counts.test(name),
  );
  const left = observations.map(({ value }, i) => 1 - (known[i] ?? 0) / value);
  const columns = new Map(
    [base, ...names].map((name) => [
      name,
      Float64Array.from(observations, ({ work, value }) => (work[name] ?? 0) / value),
    ]),
  );
  const useful = names.filter((name) => columns.get(name)!.some((x) => x !== 0));
  const limit = Math.min(most, 1 + Math.floor(observations.length / OBSERVATIONS));
  const fitOf = (chosen: readonly string[]) =>
    ridge(
      chosen.map((name) => columns.get(name)!),
      rate,
      left,
    );
  let chosen = [base];
  let best = fitOf(chosen);
  while (chosen.length < limit) {
    const tried = useful
      .filter((name) => !chosen.includes(name))
      .map((name) => ({ name, fit: fitOf([...chosen, name]) }))
      .reduce<{ name: string; fit: Fit } | null>((a, b) => (a && a.fit.loss <= b.fit.loss ? a : b), null);
    if (!tried || tried.fit.loss > best.loss * GAIN) break;
    chosen = [...chosen, tried.name];
    best = tried.fit;
  }
  return Object.fromEntries(chosen.map((name, i) => [name, Number(best.rates[i]!.toPrecision(4))]));
}

interface Fit {
  readonly rates: readonly number[];
  readonly loss: number;
}

/** Least squares of `columns` times rates less `left`; the first rate is drawn to `rate`, the others to 0. */
function ridge(columns: readonly Float64Array[], rate: number, left: readonly number[]): Fit {
  const n = columns[0]!.length;
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const prior = columns.map((_, j) => (j === 0 ? rate : 0));
  const weight = columns.map((column) => RESTRAINT * dot(column, column));
  const matrix = columns.map((a, i) =>
    columns.map((b, j) => dot(a, b) + (i === j ? weight[i]! * (1 + 1e-9) : 0)),
  );
  const right = columns.map(
    (a, i) => a.reduce((sum, x, k) => sum + x * left[k]!, 0) + weight[i]! * prior[i]!,
  );
  const rates = solve(matrix, right);
  let loss = 0;
  for (let i = 0; i < n; i++)
    loss += (columns.reduce((sum, column, j) => sum + column[i]! * rates[j]!, 0) - left[i]!) ** 2;
  rates.forEach((r, j) => {
    loss += weight[j]! * (r - prior[j]!) ** 2;
  });
  return { rates, loss };
}

/** Gaussian elimination; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= n; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}
