/**
 * The run-time half of requantization, exactly as gemmlowp's `fixedpoint/fixedpoint.h` and TFLM's
 * `kernels/internal/common.cc` (double-rounding build) define it. Products are split so that every intermediate is
 * an integer below 2^53: plain numbers give the bits of 64-bit integer arithmetic.
 */
import type { Multiplier } from './requantize.js';

export const INT32_MIN = -2147483648;
export const INT32_MAX = 2147483647;

/** `value` limited to [min, max]. */
export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/**
 * High half of 2ab, rounded: floor((ab + 2^30) / 2^31); INT32_MIN * INT32_MIN saturates. ARM's VQRDMULH.
 * Ties go up: gemmlowp's truncating division with its two nudges is this floor for either sign.
 */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  const low = Math.floor(((a & 0xffff) * b + 0x40000000) / 0x10000);
  const product = Math.floor(((a >> 16) * b + low) / 0x8000);
  return Math.min(product, INT32_MAX);
}

/** x / 2^exponent, nearest, ties away from zero; 0 <= exponent <= 31. ARM's rounding shift right, but for ties below 0. */
export function roundingDivideByPOT(x: number, exponent: number): number {
  const mask = 0x7fffffff >>> (31 - exponent);
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

/**
 * MBQM: x * real multiplier for an int32 x, rounded twice. `x * 2^shift` wraps like the reference; plans prove that
 * it does not happen.
 */
export function multiplyByQuantizedMultiplier(x: number, { multiplier, shift }: Multiplier): number {
  return shift > 0
    ? saturatingRoundingDoublingHighMul(x << shift, multiplier)
    : roundingDivideByPOT(saturatingRoundingDoublingHighMul(x, multiplier), -shift);
}

/** The 16-bit multiplier in Q15 that MBQM64 uses in place of the 32-bit one. */
export function reducedMultiplier(multiplier: number): number {
  return multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
}

/**
 * MBQM64: x * real multiplier for an accumulator of 48 bits, with a multiplier of 16 bits and one rounding (halves
 * go up). Requires |x| < 2^47 and -31 <= shift < 8. The result is an int32; larger values wrap as in the reference.
 */
export function multiplyByQuantizedMultiplier64(
  x: bigint | number,
  { multiplier, shift }: Multiplier,
): number {
  const value = Number(x);
  if (!(Math.abs(value) <= 2 ** 47) || shift >= 8) {
    throw new RangeError(
      `accumulator ${x} with shift ${shift} is beyond the 48 bits of a 16x8 requantization`,
    );
  }
  const reduced = reducedMultiplier(multiplier);
  const high = Math.floor(value / 0x1000000);
  const low = value - high * 0x1000000;
  const totalShift = 15 - shift;
  const lowProduct = low * reduced + 2 ** (totalShift - 1);
  if (totalShift <= 24) {
    // The high part may pass 2^53, but is exact as a product with a power of two: wrap it before adding.
    const wrappedHigh = (high * reduced * 2 ** (24 - totalShift)) | 0;
    return (wrappedHigh + Math.floor(lowProduct / 2 ** totalShift)) | 0;
  }
  return Math.floor((high * reduced + Math.floor(lowProduct / 0x1000000)) / 2 ** (totalShift - 24)) | 0;
}

/**
 * x * 2^exponent on int32, saturating; exponent > 0. gemmlowp's `SaturatingRoundingMultiplyByPOT`: its bound is
 * symmetric, so that the one value whose product is exactly -2^31 + 2^exponent saturates too.
 */
export function saturatingShiftLeft(x: number, exponent: number): number {
  const threshold = 2 ** (31 - exponent) - 1;
  return x > threshold ? INT32_MAX : x < -threshold ? INT32_MIN : x << exponent;
}

/** The int16 form of `saturatingRoundingDoublingHighMul`: floor((ab + 2^14) / 2^15). */
export function saturatingRoundingDoublingHighMul16(a: number, b: number): number {
  const product = (a * b + 0x4000) >> 15;
  return Math.min(product, 32767);
}

/** trunc(ab / 2^15) on int16, saturating: the truncating form that HARD_SWISH ends with (`reference/hard_swish.h`). */
export function saturatingDoublingHighMul16(a: number, b: number): number {
  const product = Math.trunc((a * b) / 0x8000);
  return Math.min(product, 32767);
}

/**
 * The int16 form of `roundingDivideByPOT`. Its mask has 16 bits too, so that beyond exponent 15 gemmlowp gives 1 for
 * x >= 0 and -1 for x < 0.
 */
export function roundingDivideByPOT16(x: number, exponent: number): number {
  return exponent > 15 ? (x < 0 ? -1 : 1) : roundingDivideByPOT(x, exponent);
}

/** x * 2^amount on int16, saturating (`SaturatingLeftShift` of `reference/hard_swish.h`). */
export function saturatingShiftLeft16(x: number, amount: number): number {
  return clamp(x * 2 ** amount, -32768, 32767);
}
