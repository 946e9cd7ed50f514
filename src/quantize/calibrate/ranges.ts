/**
 * Which values of a tensor its codes cover. Values beyond are clipped; the fewer are covered, the finer is a step.
 * Each method proposes a range; `observe.ts` takes the one by which layers err least.
 */
import { cut, type Range, type Sample } from './sample.js';

export const RANGE_METHODS = [
  'min-max',
  'percentile 99.99',
  'percentile 99.9',
  'entropy',
  'mean squared error',
  'relative error',
] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

/** Shares of the whole range that `entropy` and `mean squared error` try: both ends come nearer to 0. */
const SHARES = Array.from({ length: 36 }, (_, i) => 1 - 0.02 * i);

/** Shares of all values that `relative error` tries to leave out, at each end. */
const CUTS = [0, 1e-4, 1e-3, 5e-3, 2e-2];

/** @param levels number of codes */
export function rangeBy(method: RangeMethod, sample: Sample, levels: number): Range {
  switch (method) {
    case 'min-max':
      return { low: sample.low, high: sample.high };
    case 'percentile 99.99':
      return cut(sample, 5e-5, 5e-5);
    case 'percentile 99.9':
      return cut(sample, 5e-4, 5e-4);
    case 'entropy': {
      const counts = countsOf(sample);
      return leastBy(sharesOf(sample), (range) => divergence(sample, counts, range, levels));
    }
    case 'mean squared error':
      return leastBy(sharesOf(sample), (range) => squaredError(sample, range, levels));
    case 'relative error': {
      const median = medianSize(sample);
      return leastBy(cutsOf(sample), (range) => relativeError(sample, range, levels, median));
    }
  }
}

function sharesOf({ low, high }: Range): readonly Range[] {
  return SHARES.map((share) => ({ low: share * low, high: share * high }));
}

/** Each end by itself: values far out may be on one side only. */
function cutsOf(sample: Sample): readonly Range[] {
  return CUTS.flatMap((below) => CUTS.map((above) => cut(sample, below, above)));
}

function leastBy(ranges: readonly Range[], error: (range: Range) => number): Range {
  const errors = ranges.map(error);
  return ranges[errors.indexOf(Math.min(...errors))]!;
}

/** Mean squared error: of rounding within the range, uniform over a step, and of clipping beyond it. */
export function squaredError(sample: Sample, range: Range, levels: number): number {
  return meanError(sample, range, levels, () => 1);
}

/**
 * The same by the square of each value, or of the median size where that is greater: a few values that are thousands of times as large
 * as all others do not decide how fine steps are for these.
 */
export function relativeError(
  sample: Sample,
  range: Range,
  levels: number,
  median = medianSize(sample),
): number {
  return meanError(sample, range, levels, (value) => 1 / Math.max(value * value, median * median));
}

/** Of the values that are not 0. */
function medianSize({ values }: Sample): number {
  const sizes = values.filter((value) => value !== 0).map(Math.abs);
  return sizes.sort()[sizes.length >> 1] ?? 1;
}

function meanError(
  { values }: Sample,
  { low, high }: Range,
  levels: number,
  weight: (value: number) => number,
): number {
  const step = (high - low) / (levels - 1);
  const rounding = (step * step) / 12;
  let sum = 0;
  for (const value of values) {
    const beyond = value < low ? low - value : value > high ? value - high : 0;
    sum += weight(value) * (beyond > 0 ? beyond * beyond : rounding);
  }
  return sum / values.length;
}

/** Bins of a range by which codes are judged. */
const BINS = 2048;

/**
 * Kullback-Leibler divergence of the values from what codes can tell of them: clipped values count at the ends, and values of a code
 * are spread over those of its bins that hold any. As in TensorRT's calibration (Migacz, GTC 2017), with a zero point.
 */
function divergence(whole: Range, counts: Float64Array, range: Range, levels: number): number {
  const [first, last] = [binOf(whole, range.low), binOf(whole, range.high)];
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

/** How many values lie in each of the bins between the least and the greatest. */
function countsOf(sample: Sample): Float64Array {
  const counts = new Float64Array(BINS);
  for (const value of sample.values) counts[binOf(sample, value)]! += 1;
  return counts;
}

function binOf({ low, high }: Range, value: number): number {
  if (high === low) return 0;
  return Math.min(BINS - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * BINS)));
}
