import type { Multiplier } from '../../numerics/requantize.js';
import { packMultipliers } from './requantizer.js';

/**
 * Multipliers as `codegen/c/kernels/requantize_digits.h` reads them: by channel three digits, of 11, 10 and 10 bits from
 * the lowest on, and -shift - 1. A single one is there four times, for functions that take four channels at once.
 */
export function digitScales(multipliers: readonly Multiplier[]): { data: Int16Array; rightShift: boolean } {
  const { multiplier, shift, rightShift } = packMultipliers(multipliers);
  const digits = Array.from(multiplier, (m, c) => [m & 0x7ff, (m >> 11) & 0x3ff, m >> 21, -1 - shift[c]!]);
  const [only] = digits;
  const all = only && digits.length === 1 ? [only, only, only, only] : digits;
  return { data: Int16Array.from(all.flat()), rightShift: rightShift === 1 };
}
