/**
 * The build-time half of requantization: real multipliers to (multiplier, shift).
 * Source: TensorFlow Lite Micro, kernels/internal/quantization_util.cc, double-rounding build.
 */

/** A positive real r as `multiplier * 2^(shift - 31)`, multiplier in [2^30, 2^31) or 0. shift > 0 is a left shift. */
export interface Multiplier {
  readonly multiplier: number;
  readonly shift: number;
}

/** C's `frexp` for finite x >= 0: x = fraction * 2^exponent, fraction in [0.5, 1). */
export function frexp(x: number): { fraction: number; exponent: number } {
  if (x === 0) return { fraction: 0, exponent: 0 };
  let exponent = Math.max(-1023, Math.floor(Math.log2(x)) + 1);
  let fraction = x * 2 ** -exponent;
  while (fraction < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (fraction >= 1) {
    fraction /= 2;
    exponent++;
  }
  return { fraction, exponent };
}

/** C's `round`: nearest, ties away from zero. */
export function roundHalfAway(x: number): number {
  const magnitude = Math.abs(x);
  const floor = Math.floor(magnitude);
  const rounded = magnitude - floor >= 0.5 ? floor + 1 : floor;
  return x < 0 ? -rounded : rounded;
}

/** QuantizeMultiplier. `real` must be finite and not negative. */
export function quantizeMultiplier(real: number): Multiplier {
  if (real === 0) return { multiplier: 0, shift: 0 };
  const { fraction, exponent } = frexp(real);
  let multiplier = roundHalfAway(fraction * 2 ** 31);
  let shift = exponent;
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    shift++;
  }
  if (shift < -31) return { multiplier: 0, shift: 0 };
  return { multiplier, shift };
}
