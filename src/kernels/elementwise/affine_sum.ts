/**
 * ADD and SUB of int8 without a multiplier pipeline. The reference rescales both operands and their sum with three
 * rounded multiplications. But it is a function of only 2^16 pairs of codes, so a much shorter formula can be proved
 * equal to it when the model is built:
 *
 *     y = clamp((slopeA * a + slopeB * b + offset) >> shift)
 *
 * The sum is taken modulo 2^32; only its final value must fit in an int32.
 */
import type { Clamp } from '../../graph/ops.js';

export interface AffineSum {
  readonly slopeA: number;
  readonly slopeB: number;
  readonly offset: number;
  readonly shift: number;
}

/** Slopes are tried up to this many units beside the real ones. */
const REACH = 12;
/** Corrections of the two slopes, small ones first. Those away from 0 send ties on both sides of it away from 0 too. */
const NUDGES: readonly (readonly [number, number])[] = Array.from({ length: REACH + 1 }, (_, r) => {
  const side = Array.from({ length: 2 * r + 1 }, (_, i) => r - i);
  return side
    .flatMap((a) => side.map((b) => [a, b] as const))
    .filter(([a, b]) => Math.max(a, b, -a, -b) === r);
}).flat();

/** Offsets, least and greatest, with which slopes give the expected outputs; none where least > most. */
interface Interval {
  readonly least: number;
  readonly most: number;
}

interface Slopes {
  readonly a: number;
  readonly b: number;
  /** 2^shift. */
  readonly unit: number;
}

/** A wanted output by its pair: codes a and b at index (a + 128) * 256 + b + 128. */
interface Wanted {
  readonly expected: Int8Array;
  readonly clamp: Clamp;
}

const ALL_PAIRS = Uint16Array.from({ length: 65536 }, (_, i) => i);

/**
 * Finds the formula that gives `expected` for every pair of codes, or null where the search finds none.
 *
 * @param expected outputs, clamped; that of codes a and b at index (a + 128) * 256 + b + 128
 * @param a real slope of the output code by operand a, of either sign
 * @param b the same by operand b
 */
export function findAffineSum(expected: Int8Array, a: number, b: number, clamp: Clamp): AffineSum | null {
  const wanted = { expected, clamp };
  const realOffset = middle(offsets(wanted, { a, b, unit: 1 }, ALL_PAIRS));
  const largest = Math.max(128 * Math.abs(a), 128 * Math.abs(b), ...extremes(a, b, realOffset));
  const shift = Math.min(30, Math.floor(31 - Math.log2(largest + 1)));
  if (!(shift >= 1)) return null;

  const unit = 2 ** shift;
  const base = { a: Math.round(a * unit), b: Math.round(b * unit), unit };
  const critical = criticalPairs(wanted, base);
  for (const [nudgeA, nudgeB] of NUDGES) {
    const slopes = { a: base.a + nudgeA * Math.sign(a), b: base.b + nudgeB * Math.sign(b), unit };
    if (isEmpty(offsets(wanted, slopes, critical))) continue;
    const proved = offsets(wanted, slopes, ALL_PAIRS);
    const offset = middle(proved);
    const fits = Math.max(128 * Math.abs(slopes.a), 128 * Math.abs(slopes.b), Math.abs(offset)) < 2 ** 31;
    if (isEmpty(proved) || !fits || Math.max(...extremes(slopes.a, slopes.b, offset)) >= 2 ** 31) continue;
    return { slopeA: slopes.a, slopeB: slopes.b, offset, shift };
  }
  return null;
}

function isEmpty({ least, most }: Interval): boolean {
  return least > most;
}

/** The safest offset of an interval; also of one that is empty, or open because all outputs are clamped. */
function middle({ least, most }: Interval): number {
  if (least === -Infinity) return most === Infinity ? 0 : most;
  return most === Infinity ? least : Math.floor((least + most) / 2);
}

/** Magnitudes of the sum at the corners of its domain. */
function extremes(a: number, b: number, offset: number): number[] {
  return [-128, 127].flatMap((x) => [-128, 127].map((y) => Math.abs(a * x + b * y + offset)));
}

function sumOf({ a, b }: Slopes, pair: number): number {
  return a * ((pair >> 8) - 128) + b * ((pair & 255) - 128);
}

function offsets({ expected, clamp }: Wanted, slopes: Slopes, pairs: Uint16Array): Interval {
  const { unit } = slopes;
  let least = -Infinity;
  let most = Infinity;
  for (const pair of pairs) {
    const y = expected[pair]!;
    const sum = sumOf(slopes, pair);
    if (y > clamp.min) least = Math.max(least, y * unit - sum);
    if (y < clamp.max) most = Math.min(most, (y + 1) * unit - 1 - sum);
  }
  return { least, most };
}

/** The pairs whose bound is near enough to the tightest that other slopes could make it the tightest. */
function criticalPairs({ expected, clamp }: Wanted, base: Slopes): Uint16Array {
  const { unit } = base;
  const { least, most } = offsets({ expected, clamp }, base, ALL_PAIRS);
  const margin = 2 * 256 * REACH;
  return ALL_PAIRS.filter((pair) => {
    const y = expected[pair]!;
    const sum = sumOf(base, pair);
    const bindsLeast = y > clamp.min && y * unit - sum >= least - margin;
    const bindsMost = y < clamp.max && (y + 1) * unit - 1 - sum <= most + margin;
    return bindsLeast || bindsMost;
  });
}
