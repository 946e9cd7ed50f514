/** Multipliers as kernels read them. */
import { reducedMultiplier } from '../numerics/fixed-point.js';
import type { Multiplier } from '../numerics/requantize.js';
import type { ConstantArgument } from './kernel.js';

export interface PackedMultipliers {
  /** `multiplier` int32 and `shift` int8, an element a channel. */
  readonly constants: readonly ConstantArgument[];
  /** 1 where every shift is in -31..-1, so that requantization needs neither a left shift nor a test. */
  readonly rightShift: 0 | 1;
}

/** A multiplier of 0 has no shift of its own; it takes one that suits the short form of requantization. */
const shiftOf = ({ multiplier, shift }: Multiplier): number => (multiplier === 0 ? -1 : shift);

/** For int32 accumulators (MBQM). */
export function packMultipliers(multipliers: readonly Multiplier[]): PackedMultipliers {
  const shift = Int8Array.from(multipliers, shiftOf);
  return {
    constants: [
      { name: 'multiplier', data: Int32Array.from(multipliers, (m) => m.multiplier) },
      { name: 'shift', data: shift },
    ],
    rightShift: shift.every((s) => s < 0) ? 1 : 0,
  };
}

/** For int64 accumulators (MBQM64), which multiply by 16 bits. */
export function packReducedMultipliers(multipliers: readonly Multiplier[]): PackedMultipliers {
  return {
    constants: [
      { name: 'multiplier', data: Int32Array.from(multipliers, (m) => reducedMultiplier(m.multiplier)) },
      { name: 'shift', data: Int8Array.from(multipliers, (m) => m.shift) },
    ],
    rightShift: 0,
  };
}
