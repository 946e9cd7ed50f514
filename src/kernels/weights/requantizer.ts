/** Multipliers as kernels read them: one a channel. */
import { reducedMultiplier } from '../../numerics/fixed-point.js';
import type { Multiplier } from '../../numerics/requantize.js';

export interface PackedMultipliers {
  readonly multiplier: Int32Array;
  readonly shift: Int8Array;
  /** 1 where every shift is in -31..-1, so that requantization needs neither a left shift nor a test. */
  readonly rightShift: 0 | 1;
}

/** A multiplier of 0 has no shift of its own; it takes one that suits the short form of requantization. */
const shiftOf = ({ multiplier, shift }: Multiplier): number => (multiplier === 0 ? -1 : shift);

/** For int32 accumulators (MBQM). */
export function packMultipliers(multipliers: readonly Multiplier[]): PackedMultipliers {
  const shift = Int8Array.from(multipliers, shiftOf);
  return {
    multiplier: Int32Array.from(multipliers, (m) => m.multiplier),
    shift,
    rightShift: shift.every((s) => s < 0) ? 1 : 0,
  };
}

/** For int64 accumulators (MBQM64), which multiply by 16 bits. */
export function packReducedMultipliers(multipliers: readonly Multiplier[]): PackedMultipliers {
  return {
    multiplier: Int32Array.from(multipliers, (m) => reducedMultiplier(m.multiplier)),
    shift: Int8Array.from(multipliers, (m) => m.shift),
    rightShift: 0,
  };
}

/**
 * Shifts for SIMD128, which has no shift by lane: a right shift becomes the power of two whose product has the shifted
 * value in its high half, 2^(32 + shift). Where not all are right shifts, they stay as they are.
 */
export function laneShifts({ shift, rightShift }: PackedMultipliers): Int32Array {
  return Int32Array.from(shift, (s) => (rightShift ? 2 ** (32 + s) : s));
}
