import type { Multiplier } from '../../numerics/requantize.js';
import { packMultipliers } from './requantizer.js';

/** Sums below this take products with single digits. */
const NARROW = 2 ** 20;

/**
 * Multipliers as `codegen/c/kernels/requantize_digits.h` reads them, four halfwords a channel: `narrow` ones as three
 * digits, of 11, 10 and 10 bits from the lowest on, and -shift; others as two halves, the low one first, and the shift.
 * A single one is there four times, for functions that take four channels at once.
 * @param bounds largest magnitude of the sums by channel
 */
export function digitScales(
  multipliers: readonly Multiplier[],
  bounds: readonly number[],
): { data: Int16Array; narrow: boolean } {
  const { multiplier, shift, rightShift } = packMultipliers(multipliers);
  const narrow = rightShift === 1 && bounds.every((bound) => bound < NARROW);
  const scales = Array.from(multiplier, (m, c) =>
    narrow ? [m & 0x7ff, (m >> 11) & 0x3ff, m >> 21, -shift[c]!] : [m & 0xffff, m >> 16, shift[c]!, 0],
  );
  const [only] = scales;
  const all = only && scales.length === 1 ? [only, only, only, only] : scales;
  return { data: Int16Array.from(all.flat()), narrow };
}
