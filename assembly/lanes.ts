// Elements of tensors as SIMD lanes. The type parameter is an element's type: i8, u8, i16 or i32.
import { mbqm_right_x4, srdhm_x4 } from './requantize';

/** Eight elements of i8, u8 or i16 as i16x8. */
// @ts-ignore: decorator
@inline
export function load8<T>(at: usize): v128 {
  if (sizeof<T>() == 2) return v128.load(at);
  return isSigned<T>() ? v128.load8x8_s(at) : v128.load8x8_u(at);
}

/** Eight lanes of i16 as elements, saturated. */
// @ts-ignore: decorator
@inline
export function store8<T>(at: usize, words: v128): void {
  if (sizeof<T>() == 2) v128.store(at, words);
  else if (isSigned<T>()) v128.store64_lane(at, i8x16.narrow_i16x8_s(words, words), 0);
  else v128.store64_lane(at, i8x16.narrow_i16x8_u(words, words), 0);
}

/** Four elements as i32x4. */
// @ts-ignore: decorator
@inline
export function load4<T>(at: usize): v128 {
  if (sizeof<T>() == 4) return v128.load(at);
  if (sizeof<T>() == 2) return v128.load16x4_s(at);
  const bytes = v128.load32_zero(at);
  return isSigned<T>()
    ? i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes))
    : i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_u(bytes));
}

/** Four lanes of i32 as elements, saturated. */
// @ts-ignore: decorator
@inline
export function store4<T>(at: usize, words: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(at, words);
    return;
  }
  const halves = i16x8.narrow_i32x4_s(words, words);
  if (sizeof<T>() == 2) v128.store64_lane(at, halves, 0);
  else if (isSigned<T>()) v128.store32_lane(at, i8x16.narrow_i16x8_s(halves, halves), 0);
  else v128.store32_lane(at, i8x16.narrow_i16x8_u(halves, halves), 0);
}

/** An element as i32. */
// @ts-ignore: decorator
@inline
export function load1<T>(at: usize): i32 {
  return <i32>load<T>(at);
}

/** Address of element `i`. */
// @ts-ignore: decorator
@inline
export function at<T>(base: usize, i: i32): usize {
  return base + <usize>(i * <i32>sizeof<T>());
}

/** Least code of a signed type. */
// @ts-ignore: decorator
@inline
export function least_code<T>(): i32 {
  return -1 << (8 * <i32>sizeof<T>() - 1);
}

/** Greatest code of a signed type. */
// @ts-ignore: decorator
@inline
export function greatest_code<T>(): i32 {
  return ~least_code<T>();
}

/** Lanes of i32 limited to [min, max]. */
// @ts-ignore: decorator
@inline
export function clamp_x4(x: v128, min: v128, max: v128): v128 {
  return i32x4.min_s(i32x4.max_s(x, min), max);
}

// @ts-ignore: decorator
@inline
export function clamp(x: i32, low: i32, high: i32): i32 {
  return min(max(x, low), high);
}

/** MBQM of four lanes with one multiplier each and one shift of -31..30 for all. */
// @ts-ignore: decorator
@inline
export function mbqm_x4(x: v128, m: v128, shift: i32): v128 {
  return shift < 0 ? mbqm_right_x4(x, m, shift) : srdhm_x4(i32x4.shl(x, shift), m);
}
