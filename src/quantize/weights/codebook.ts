/** Codebooks of few integers for all weights of a layer. */
import { roundHalfAway } from '../../numerics/requantize.js';
import { codebookGrid, type Grid } from './grid.js';
import type { Layer } from './solve.js';

/** Entries are int8, because filters are. */
const REACH = 127;

const MOST_ITERATIONS = 100;

/**
 * The `size` entries that are nearest to a layer's weights: k-means of weights in units of their row's root mean square, each
 * counted by what an error of it costs in the output on its own. It begins with entries that stand for equal parts of all weights.
 */
export function fitCodebook({ weights, groups }: Layer, size: number): Grid {
  const { values, costs } = sorted(weights, groups);
  const count = runningSum(costs);
  const sum = runningSum(costs.map((cost, i) => cost * values[i]!));
  let entries = Array.from(
    { length: size },
    (_, i) => values[Math.floor(((i + 0.5) * values.length) / size)]!,
  );
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    const bounds = entries.slice(1).map((entry, k) => firstAtLeast(values, (entry + entries[k]!) / 2));
    const next = entries.map((entry, k) => {
      const from = bounds[k - 1] ?? 0;
      const to = bounds[k] ?? values.length;
      const mass = count[to]! - count[from]!;
      return mass > 0 ? (sum[to]! - sum[from]!) / mass : entry;
    });
    const isSettled = next.every((entry, k) => entry === entries[k]);
    entries = next;
    if (isSettled) break;
  }
  const reach = Math.max(...entries.map(Math.abs)) || 1;
  return codebookGrid(entries.map((entry) => roundHalfAway((entry * REACH) / reach)));
}

/** Weights by size, in parts of their row's root mean square, and what the square of each one's error costs. */
function sorted(weights: Float32Array, groups: Layer['groups']) {
  const { inputs } = groups[0]!;
  const rows = weights.length / inputs;
  const values = new Float64Array(weights.length);
  const costs = new Float64Array(weights.length);
  for (let row = 0; row < rows; row++) {
    const { mean, second } = groups[Math.floor((row * groups.length) / rows)]!;
    const start = row * inputs;
    const own = weights.subarray(start, start + inputs);
    const power = own.reduce((sum, weight) => sum + weight ** 2, 0) / inputs;
    for (let i = 0; i < inputs; i++) {
      values[start + i] = power > 0 ? own[i]! / Math.sqrt(power) : 0;
      costs[start + i] = power * Math.max(0, second[i * (inputs + 1)]! - mean[i]! ** 2);
    }
  }
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    costs: Float64Array.from(order, (i) => costs[i]!),
  };
}

/** Sums of the first 0, 1, ..., n elements. */
function runningSum(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  return sums;
}

/** Index of the first of rising `values` that is not below `bound`. */
function firstAtLeast(values: Float64Array, bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
