/**
 * Which values of a tensor its codes cover. Values beyond are clipped; the fewer are covered, the finer is a step.
 * Each method proposes a range; `observe.ts` takes the one by which layers err least.
 */
import { BINS, type Histogram, middleOf, type Range } from './histogram.js';

export const RANGE_METHODS = [
  'min-max',
  'percentile 99.99',
  'percentile 99.9',
  'entropy',
  'mean squared error',
] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

/** Shares of the whole range that `entropy` and `mean squared error` try: both ends come nearer to 0. */
const SHARES = Array.from({ length: 36 }, (_, i) => 1 - 0.02 * i);

/** @param levels number of codes */
export function rangeBy(method: RangeMethod, histogram: Histogram, levels: number): Range {
  switch (method) {
    case 'min-max':
      return { low: histogram.low, high: histogram.high };
    case 'percentile 99.99':
      return percentile(histogram, 1e-4);
    case 'percentile 99.9':
      return percentile(histogram, 1e-3);
    case 'entropy':
      return leastBy(histogram, (range) => divergence(histogram, range, levels));
    case 'mean squared error':
      return leastBy(histogram, (range) => squaredError(histogram, range, levels));
  }
}

/** Without the outermost values, half of `share` on each side. */
function percentile(histogram: Histogram, share: number): Range {
  const { counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const beyond = (total * share) / 2;
  const end = (bins: Iterable<number>, fallback: number) => {
    let sum = 0;
    for (const bin of bins) {
      sum += counts[bin]!;
      if (sum > beyond) return middleOf(histogram, bin);
    }
    return fallback;
  };
  const upwards = Array.from({ length: BINS }, (_, bin) => bin);
  const low = end(upwards, histogram.low);
  const high = end(upwards.toReversed(), histogram.high);
  return { low: histogram.low < 0 ? Math.min(0, low) : 0, high: histogram.high > 0 ? Math.max(0, high) : 0 };
}

function leastBy(histogram: Histogram, error: (range: Range) => number): Range {
  const ranges = SHARES.map((share) => ({ low: share * histogram.low, high: share * histogram.high }));
  const errors = ranges.map(error);
  return ranges[errors.indexOf(Math.min(...errors))]!;
}

/** Sum of squared errors: of rounding within the range, uniform over a step, and of clipping beyond it. */
export function squaredError(histogram: Histogram, { low, high }: Range, levels: number): number {
  const step = (high - low) / (levels - 1);
  const rounding = (step * step) / 12;
  let sum = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const count = histogram.counts[bin]!;
    if (count === 0) continue;
    const value = middleOf(histogram, bin);
    const beyond = value < low ? low - value : value > high ? value - high : 0;
    sum += count * (beyond > 0 ? beyond * beyond : rounding);
  }
  return sum;
}

/**
 * Kullback-Leibler divergence of the values from what codes can tell of them: clipped values count at the ends, and values of a code
 * are spread over those of its bins that hold any. As in TensorRT's calibration (Migacz, GTC 2017), with a zero point.
 */
function divergence(histogram: Histogram, range: Range, levels: number): number {
  const { low, high, counts } = histogram;
  const binOf = (value: number) =>
    Math.min(BINS - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * BINS)));
  const [first, last] = [binOf(range.low), binOf(range.high)];
  const width = last - first + 1;
  const reference = counts.slice(first, last + 1);
  for (let bin = 0; bin < first; bin++) reference[0]! += counts[bin]!;
  for (let bin = last + 1; bin < BINS; bin++) reference[width - 1]! += counts[bin]!;
  const total = reference.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  for (let code = 0; code < levels; code++) {
    const from = Math.floor((code * width) / levels);
    const to = Math.max(from + 1, Math.floor(((code + 1) * width) / levels));
    let [told, held] = [0, 0];
    for (let bin = from; bin < to && bin < width; bin++) {
      told += counts[first + bin]!;
      if (reference[bin]! > 0) held += 1;
    }
    for (let bin = from; bin < to && bin < width; bin++) {
      const p = reference[bin]! / total;
      // What codes tell nothing of counts as a little: a divergence without end would say nothing of ranges.
      const q = Math.max(told / held / total, 1e-12);
      if (p > 0) sum += p * Math.log(p / q);
    }
  }
  return sum;
}
