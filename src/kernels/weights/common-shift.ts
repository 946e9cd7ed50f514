/**
 * Requantization by ARM's long multiplications that keep the high word, for weights and biases scaled by powers of two.
 * With e = -shift >= 1, MBQM(x, m, -e) is floor((x * m + 2^(30 + e) + (x < 0 ? -2^30 : 2^30)) / 2^(31 + e)), as one sees
 * from nested floors. Times 2^scale, and with the zero point:
 *   highWord(x * 2^scale * m + low) + addend, shifted right by `right` = e + scale - 1, where
 *   addend = (zeroPoint << right) + 2^(right - 1), and low = +-2^(30 + scale), which is
 *    - for scale = 1 the rounding of SMMLAR, and one less in the addend if x < 0;
 *    - for scale > 1 also part of the addend, +-2^(scale - 2), for SMMLA. Where the clamp takes away what lies below the
 *      zero point, its sign may be wrong: x < 0 then gives codes that are at most the zero point either way.
 * The second form lets each channel have a scale by which all have the same shift, a literal of SSAT.
 */
import type { Multiplier } from '../../numerics/requantize.js';

export interface ScaledChannel {
  readonly scale: number;
  readonly multiplier: number;
  readonly addend: number;
  /** The right shift that remains. */
  readonly right: number;
}

/** A channel's sums before requantization, and the most by which they may be scaled. */
export interface ChannelSums {
  readonly multiplier: Multiplier;
  readonly mostScale: number;
}

/** The common shift that most layers can have; layers that have the same share their code. */
const USUAL_SHIFT = 10;

/** Channels by the second form, or null where no shift suits all. */
export function withCommonShift(sums: readonly ChannelSums[], zeroPoint: number): ScaledChannel[] | null {
  const live = sums.filter(({ multiplier }) => multiplier.multiplier > 0);
  if (live.some(({ multiplier }) => multiplier.shift > -1)) return null;
  const least = Math.max(1, ...live.map(({ multiplier }) => 1 - multiplier.shift));
  const most = Math.min(23, ...live.map(({ multiplier, mostScale }) => mostScale - 1 - multiplier.shift));
  if (least > most) return null;
  const right = Math.min(most, Math.max(least, USUAL_SHIFT));
  return sums.map(({ multiplier: { multiplier, shift } }) => {
    const scale = multiplier === 0 ? 0 : right + 1 + shift;
    const half = scale > 1 ? 2 ** (scale - 2) : 0;
    return { scale, multiplier, addend: zeroPoint * 2 ** right + 2 ** (right - 1) + half, right };
  });
}

/** Channels by the first form, with shifts of their own, or null where one does not shift right. */
export function withOwnShifts(sums: readonly ChannelSums[], zeroPoint: number): ScaledChannel[] | null {
  const channels = sums.map(({ multiplier: { multiplier, shift }, mostScale }) => {
    const right = multiplier === 0 ? 1 : -shift;
    // The zero point must keep its place in the addend.
    if (right < 1 || right > 23 || mostScale < 1) return null;
    return { scale: 1, multiplier, addend: zeroPoint * 2 ** right + 2 ** (right - 1), right };
  });
  return channels.every((channel) => channel !== null) ? channels : null;
}
