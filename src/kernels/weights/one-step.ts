/**
 * Requantization in one float64 step, and the proof that it gives TFLM's two roundings. For x >= 0 and a right shift e >= 1,
 * MBQM(x) = floor(x * m / 2^(31 + e) + 1/2 + 2^-(e + 1)) by nested floors; without a right shift it rounds only once. The sum
 * is computed beside 1.5 * 2^20, where the high word of a float64 counts ones: it is the floor, up to a rounding at 2^-32.
 */
import { multiplyByQuantizedMultiplier } from '../../numerics/fixed-point.js';
import type { Multiplier } from '../../numerics/requantize.js';

/** Has no fraction in its high word, and room for 2^19 to either side. */
const MAGIC = 1.5 * 2 ** 20;
const ROOM = 2 ** 18;

export interface OneStep {
  readonly scale: number;
  /** 1.5 * 2^20 and the offset of the floor. */
  readonly offset: number;
}

/** What leads to 0 whatever the sum. */
export const NO_STEP: OneStep = { scale: 0, offset: MAGIC };

/** What `assembly/one_step.ts` computes, without the clamp: JavaScript's numbers round as f64x2 does. */
export function oneStepOf(x: number, { scale, offset }: OneStep): number {
  const floored = Math.floor(Math.abs(x) * scale + offset) - MAGIC;
  return x < 0 ? -floored : floored;
}

/**
 * Scale and offset of a channel, or null where some sum comes out different. Both roundings are monotone in x: they agree
 * everywhere if they agree on both sides of each step between two results.
 * @param bound largest magnitude of a sum
 * @param results least and greatest result that the clamp lets pass; steps beyond do not matter
 */
export function oneStep(
  multiplier: Multiplier,
  bound: number,
  results: { readonly min: number; readonly max: number },
): OneStep | null {
  if (multiplier.multiplier === 0) return NO_STEP;
  const scale = multiplier.multiplier * 2 ** (multiplier.shift - 31);
  if (bound * scale >= ROOM) return null;
  const step = { scale, offset: MAGIC + 0.5 + (multiplier.shift < 0 ? 2 ** (multiplier.shift - 1) : 0) };
  const agree = (q: number, sign: 1 | -1): boolean => {
    let x = Math.ceil((q + MAGIC - step.offset) / scale);
    if (oneStepOf(x - 1, step) >= q) x--;
    else if (oneStepOf(x, step) < q) x++;
    const rounded = (magnitude: number) => sign * multiplyByQuantizedMultiplier(sign * magnitude, multiplier);
    return rounded(Math.min(x - 1, bound)) < q && (x > bound || rounded(x) >= q);
  };
  for (let q = 1; q <= Math.max(results.max, -results.min); q++) {
    if ((q <= results.max && !agree(q, 1)) || (q <= -results.min && !agree(q, -1))) return null;
  }
  return step;
}
