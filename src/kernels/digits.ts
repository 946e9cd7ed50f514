import type { Multiplier } from '../numerics/requantize.js';
import { packMultipliers } from './requantizer.js';

/**
 * Multipliers as `codegen/c/kernels/requantize_digits.h` reads them: by channel three digits, of 11, 10 and 10 bits from
 * the lowest on, and -shift - 1.
 */
export function digitScales(multipliers: readonly Multiplier[]): { data: Int16Array; rightShift: boolean } {
  const { multiplier, shift, rightShift } = packMultipliers(multipliers);
  const data = Int16Array.from({ length: 4 * multipliers.length }, (_, i) => {
    const m = multiplier[i >> 2]!;
    return [m & 0x7ff, (m >> 11) & 0x3ff, m >> 21, -1 - shift[i >> 2]!][i & 3]!;
  });
  return { data, rightShift: rightShift === 1 };
}
