// Requantization: TensorFlow Lite Micro's MultiplyByQuantizedMultiplier with double rounding, to the bit.
// A multiplier stands for multiplier * 2^(shift - 31), 0 <= multiplier < 2^31; a positive shift is a left shift.

/** SaturatingRoundingDoublingHighMul for m >= 0, where saturation cannot happen: (x * m + 2^30) >> 31. */
// @ts-ignore: decorator
@inline
export function srdhm(x: i32, m: i32): i32 {
  return <i32>((<i64>x * <i64>m + (1 << 30)) >> 31);
}

/** RoundingDivideByPOT for 0 <= e <= 31 and INT32_MIN < x < INT32_MAX: what srdhm returns always qualifies. */
// @ts-ignore: decorator
@inline
export function rdbp(x: i32, e: i32): i32 {
  return e == 0 ? x : (((x + (x >> 31)) >> (e - 1)) + 1) >> 1;
}

/** MBQM for any shift in [-31, 30]; x * 2^shift must fit in 32 bits where shift > 0. */
// @ts-ignore: decorator
@inline
export function mbqm(x: i32, multiplier: i32, shift: i32): i32 {
  return shift > 0 ? srdhm(x << shift, multiplier) : rdbp(srdhm(x, multiplier), -shift);
}

/**
 * MBQM of a 64-bit accumulator, |x| < 2^47, shift in [-31, 7]. `multiplier` is the reduced 16-bit one:
 * m < 0x7fff0000 ? (m + 2^15) >> 16 : 0x7fff.
 */
// @ts-ignore: decorator
@inline
export function mbqm64(x: i64, multiplier: i32, shift: i32): i32 {
  return <i32>((x * <i64>multiplier + (<i64>1 << <i64>(14 - shift))) >> <i64>(15 - shift));
}

/** srdhm of four lanes with a multiplier each, m >= 0. */
// @ts-ignore: decorator
@inline
export function srdhm_x4(x: v128, m: v128): v128 {
  // Unsigned products of x + 2^31 keep the 64-bit shifts logical; the excess is exactly m.
  const u = v128.xor(x, i32x4.splat(i32.MIN_VALUE));
  const half = i64x2.splat(1 << 30);
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_u(u, m), half), 31);
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_u(u, m), half), 31);
  return i32x4.sub(v128.shuffle<i32>(low, high, 0, 2, 4, 6), m);
}

/** MBQM of four lanes with one multiplier each and one shift of -31..-1 for all. */
// @ts-ignore: decorator
@inline
export function mbqm_right_x4(x: v128, m: v128, shift: i32): v128 {
  const r = srdhm_x4(x, m);
  const floored = i32x4.shr_s(i32x4.add(r, i32x4.shr_s(r, 31)), ~shift);
  return i32x4.shr_s(i32x4.add(floored, i32x4.splat(1)), 1);
}

/**
 * MBQM of four lanes with a multiplier and a shift of -31..-1 each. WASM has no shift by lane: `scale` holds
 * 2^(32 + shift), and the high half of the product by it is the shifted value.
 */
// @ts-ignore: decorator
@inline
export function mbqm_right_lanes(x: v128, m: v128, scale: v128): v128 {
  const r = srdhm_x4(x, m);
  const u = v128.xor(i32x4.add(r, i32x4.shr_s(r, 31)), i32x4.splat(i32.MIN_VALUE));
  const half = i64x2.splat(<i64>1 << 31);
  const low = i64x2.add(i64x2.extmul_low_i32x4_u(u, scale), half);
  const high = i64x2.add(i64x2.extmul_high_i32x4_u(u, scale), half);
  return i32x4.sub(v128.shuffle<i32>(low, high, 1, 3, 5, 7), i32x4.shr_u(scale, 1));
}
