/**
 * ADD and SUB of int8 without a multiplier pipeline. The reference rescales both operands and their sum with four
 * rounded multiplications. But it is a function of only 2^16 pairs of codes, so a much shorter formula can be proved
 * equal to it when the model is built:
 *
 *     y = clamp((slopeA * a + slopeB * b + offset) >> shift)
 */
import type { Clamp } from '../graph/ops.js';

export interface AffineSum {
  readonly slopeA: number;
  readonly slopeB: number;
  readonly offset: number;
  readonly shift: number;
}

/** Corrections of the two slopes, in units of 2^-shift. (1, 1) rounds ties away from zero on both sides of it. */
const NUDGES: readonly (readonly [number, number])[] = [0, 1, 2, 3].flatMap((r) => {
  const ring: [number, number][] = [];
  for (let a = r; a >= -r; a--) {
    for (let b = r; b >= -r; b--) if (Math.max(Math.abs(a), Math.abs(b)) === r) ring.push([a, b]);
  }
  return ring;
});

/**
 * Finds the formula that gives `expected` for every pair of codes, or null where the search finds none.
 *
 * @param expected outputs, clamped; that of codes a and b at index (a + 128) * 256 + b + 128
 * @param a real slope of the output code by operand a, of either sign
 * @param b the same by operand b
 */
export function findAffineSum(expected: Int8Array, a: number, b: number, clamp: Clamp): AffineSum | null {
  const reach = 256 * (Math.abs(a) + Math.abs(b) + 2);
  const shift = Math.min(30, 31 - Math.ceil(Math.log2(reach)));
  if (shift < 1) return null;
  const unit = 2 ** shift;
  for (const [nudgeA, nudgeB] of NUDGES) {
    const slopeA = Math.round(a * unit) + nudgeA * Math.sign(a);
    const slopeB = Math.round(b * unit) + nudgeB * Math.sign(b);
    const offset = offsetFor(expected, slopeA, slopeB, unit, clamp);
    if (offset !== null && fitsInt32(slopeA, slopeB, offset)) return { slopeA, slopeB, offset, shift };
  }
  return null;
}

/** The middle of the offsets with which the slopes give every expected output, null if there are none. */
function offsetFor(
  expected: Int8Array,
  slopeA: number,
  slopeB: number,
  unit: number,
  clamp: Clamp,
): number | null {
  let least = -Infinity;
  let most = Infinity;
  let i = 0;
  for (let a = -128; a < 128; a++) {
    for (let b = -128; b < 128; b++) {
      const y = expected[i++]!;
      const sum = slopeA * a + slopeB * b;
      if (y > clamp.min) least = Math.max(least, y * unit - sum);
      if (y < clamp.max) most = Math.min(most, (y + 1) * unit - 1 - sum);
    }
    if (least > most) return null;
  }
  if (least === -Infinity) return most === Infinity ? 0 : most;
  return most === Infinity ? least : Math.floor((least + most) / 2);
}

/** Whether no partial sum of the formula, taken in any order, leaves int32. */
function fitsInt32(slopeA: number, slopeB: number, offset: number): boolean {
  return 128 * (Math.abs(slopeA) + Math.abs(slopeB)) + Math.abs(offset) < 2 ** 31;
}
