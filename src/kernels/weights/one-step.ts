/**
 * Requantization in one float64 step, and the proof that it gives TFLM's two roundings. For x >= 0 and a right shift e >= 1,
 * MBQM(x) = floor(x * m / 2^(31 + e) + 1/2 + 2^-(e + 1)) by nested floors; without a right shift it rounds only once. The sum
 * is computed beside 1.5 * 2^20, where the high word of a float64 counts ones: it is the floor, up to a rounding at 2^-32.
 */
import { clamp, multiplyByQuantizedMultiplier } from '../../numerics/fixed-point.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { AccumulatorRange } from './accumulator-bound.js';

/** Has no fraction in its high word, and room for 2^19 to either side. */
const MAGIC = 1.5 * 2 ** 20;
const ROOM = 2 ** 18;

export interface OneStep {
  readonly scale: number;
  /** 1.5 * 2^20 and the offset of the floor. */
  readonly offset: number;
}

/** The high word of 1.5 * 2^20. */
export const EXCESS = 0x41380000;

/** What leads to 0 whatever the sum. */
export const NO_STEP: OneStep = { scale: 0, offset: MAGIC };

/** What `assembly/one_step.ts` computes, without the clamp: JavaScript's numbers round as f64x2 does. */
export function oneStepOf(x: number, { scale, offset }: OneStep): number {
  const floored = Math.floor(Math.abs(x) * scale + offset) - MAGIC;
  return x < 0 ? -floored : floored;
}

/** Results that the clamp lets pass; steps between others do not matter. */
export interface Results {
  readonly min: number;
  readonly max: number;
}

/**
 * Scale and offset of a channel, or null where some sum comes out different. Both roundings are monotone in x: they agree
 * everywhere if they agree on both sides of each step between two results.
 */
export function oneStep(multiplier: Multiplier, sums: AccumulatorRange, results: Results): OneStep | null {
  const constant = constantResult(multiplier, sums, results);
  if (constant !== null) return { scale: 0, offset: MAGIC + Math.abs(constant) };
  const scale = multiplier.multiplier * 2 ** (multiplier.shift - 31);
  if (Math.max(-sums.low, sums.high) * scale >= ROOM) return null;
  const step = { scale, offset: MAGIC + 0.5 + (multiplier.shift < 0 ? 2 ** (multiplier.shift - 1) : 0) };
  const above = { low: Math.max(sums.low, 0), high: Math.max(sums.high, 0) };
  const below = { low: Math.max(-sums.high, 0), high: Math.max(-sums.low, 0) };
  for (let q = 1; q <= Math.max(results.max, -results.min); q++) {
    if (q <= results.max && !agree(step, multiplier, q, 1, above)) return null;
    if (q <= -results.min && !agree(step, multiplier, q, -1, below)) return null;
  }
  return step;
}

/** Whether both roundings reach `sign` * `q` from the same sum on. @param sums range of their magnitudes */
function agree(
  step: OneStep,
  multiplier: Multiplier,
  q: number,
  sign: 1 | -1,
  { low, high }: AccumulatorRange,
): boolean {
  const x = smallestSum(step, q);
  if (x > high) return rounded(multiplier, high, sign) < q;
  if (rounded(multiplier, x, sign) < q) return false;
  return x <= low ? rounded(multiplier, low, sign) >= q : rounded(multiplier, x - 1, sign) < q;
}

function rounded(multiplier: Multiplier, magnitude: number, sign: 1 | -1): number {
  return sign * multiplyByQuantizedMultiplier(sign * magnitude, multiplier);
}

/** What every sum of a channel gives, with the sign that the kernel gives it; null where there is no such thing. */
function constantResult(
  multiplier: Multiplier,
  { low, high }: AccumulatorRange,
  { min, max }: Results,
): number | null {
  const [first, last] = [low, high].map((x) =>
    clamp(multiplyByQuantizedMultiplier(x, multiplier), min, max),
  ) as [number, number];
  if (first !== last) return null;
  const signed = first === 0 || (first > 0 ? low > 0 : high < 0);
  return min >= 0 || signed ? first : null;
}

/** The smallest sum that gives `q` >= 1. */
function smallestSum(step: OneStep, q: number): number {
  const x = Math.ceil((q + MAGIC - step.offset) / step.scale);
  if (oneStepOf(x - 1, step) >= q) return x - 1;
  return oneStepOf(x, step) >= q ? x : x + 1;
}

/** The same for each channel, or null where one has none. */
export function oneSteps(
  multipliers: readonly Multiplier[],
  sums: readonly AccumulatorRange[],
  results: Results,
): OneStep[] | null {
  return allOf(multipliers.map((multiplier, c) => () => oneStep(multiplier, sums[c]!, results)));
}

/** All of what is found, or null at the first that is not. */
export function allOf<T>(find: readonly (() => T | null)[]): T[] | null {
  const all: T[] = [];
  for (const one of find) {
    const found = one();
    if (found === null) return null;
    all.push(found);
  }
  return all;
}

/** One step in float32, for results that are not negative. */
export interface ShortStep {
  /** What the bias loses, so that sums lie around 0, where float32 is finest. */
  readonly shift: number;
  readonly scale: number;
  readonly offset: number;
}

/** 1.5 * 2^23, beside which a float32 counts ones. */
export const SHORT_MAGIC = 12582912;
/** Sums up to here are exact in float32, and results of them stay near the magic number. */
const SHORT_ROOM = 2 ** 24;
const RESULT_ROOM = 2 ** 20;

/** What `assembly/one_step.ts` computes of a sum, without the clamp; `centre` is what its shift takes from the result. */
export function shortStepOf(x: number, { shift, scale, offset }: ShortStep, centre: number): number {
  const product = Math.fround(Math.fround(x - shift) * scale);
  return Math.fround(Math.fround(product + offset) + SHORT_MAGIC) - SHORT_MAGIC + centre;
}

/**
 * Shifts of the sums that are tried, and scales around the right one: each rounds elsewhere. Nearly all channels need a few, but
 * a single one that finds none costs its whole layer float64.
 */
const SHIFTS = 16384;
const ULPS = [0, 1, -1, 2, -2, 3, -3];

/**
 * The same results in float32, or null. The smallest sum of each result and the one before it bound the offset; what lies
 * between the bounds is tried on all of them.
 * @param step proved to give TFLM's results
 * @param max largest result; all below 1 count as 0
 * @param centre result that is computed as 0
 */
export function shortStep(
  step: OneStep,
  sums: AccumulatorRange,
  max: number,
  centre: number,
): ShortStep | null {
  if (step.scale === 0) return { shift: 0, scale: 0, offset: step.offset - MAGIC - centre };
  const edges = edgesOf(step, sums, max);
  if (edges.at.length === 0) return null;
  const scale = Math.fround(step.scale);
  const ulp = 2 ** (Math.floor(Math.log2(scale)) - 23);
  const middle = Math.round((edges.at[0]! + edges.at.at(-1)!) / 2);
  const critical = criticalEdges(edges, step.scale);
  for (let i = 0; i < SHIFTS; i++) {
    const shift = middle + (i & 1 ? i : -i);
    const largest = Math.max(shift - sums.low, sums.high - shift);
    if (largest >= SHORT_ROOM || largest * scale >= RESULT_ROOM) return null;
    for (const ulps of ULPS) {
      const found = withOffset(edges, sums, max, centre, shift, scale + ulps * ulp, critical);
      if (found) return found;
    }
  }
  return null;
}

interface Edges {
  /** Result of the least sum. */
  readonly first: number;
  /** The smallest sums that give `first` + 1, ..., as far as sums reach. */
  readonly at: Float64Array;
}

function edgesOf(step: OneStep, { low, high }: AccumulatorRange, max: number): Edges {
  const at = new Float64Array(max);
  let [first, count] = [0, 0];
  for (let q = 1; q <= max; q++) {
    const x = smallestSum(step, q);
    if (x > high) break;
    if (x <= low) first = q;
    else at[count++] = x;
  }
  return { first, at: at.subarray(0, count) };
}

/** What roundings of float32, and scales of some ulps more or less, can move a result of up to 128 by. */
const ROUNDINGS = 2 ** -13;

/** The edges that can bound the offset, tight ones first: by index in `edges.at`. */
function criticalEdges({ at }: Edges, scale: number): Uint8Array {
  const least = Array.from(at, (x, i) => i - x * scale);
  const low = least.reduce((a, b) => Math.max(a, b));
  const high = least.reduce((a, b) => Math.min(a, b));
  const slack = (i: number) => Math.min(low - least[i]!, least[i]! - high);
  const near = least.map((_, i) => i).filter((i) => slack(i) <= ROUNDINGS);
  return Uint8Array.from(near.sort((a, b) => slack(a) - slack(b)));
}

/**
 * A step of this shift and scale, or null.
 * @param critical edges by which the offset is chosen; all are tried
 */
function withOffset(
  { first, at }: Edges,
  sums: AccumulatorRange,
  max: number,
  centre: number,
  shift: number,
  scale: number,
  critical: Uint8Array,
): ShortStep | null {
  const last = first + at.length;
  // What the offset must at least, and at most, be.
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (const i of critical) {
    const half = first + i + 0.5 - centre;
    low = Math.max(low, half - Math.fround((at[i]! - shift) * scale));
    high = Math.min(high, half - Math.fround((at[i]! - 1 - shift) * scale));
    if (low > high) return null;
  }
  if (first > 0) low = Math.max(low, first - 0.5 - centre - Math.fround((sums.low - shift) * scale));
  if (last < max) high = Math.min(high, last + 0.5 - centre - Math.fround((sums.high - shift) * scale));
  if (low > high) return null;
  const step = { shift, scale, offset: Math.fround((low + high) / 2) };
  const holds = (x: number, i: number) => {
    const q = first + i + 1;
    return shortStepOf(x, step, centre) >= q && shortStepOf(x - 1, step, centre) < q;
  };
  if (!critical.every((i) => holds(at[i]!, i)) || !at.every(holds)) return null;
  const ends =
    (first === 0 || shortStepOf(sums.low, step, centre) >= first) &&
    (last === max || shortStepOf(sums.high, step, centre) <= last);
  return ends ? step : null;
}
