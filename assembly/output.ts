// The end of every sum of products: requantization, zero point, clamp. Shifts are int32: 2^(32 + shift) where every
// shift is in -31..-1 (`right_shift`), since WASM has no shift by lane.
import { mbqm, mbqm64, mbqm_right_lanes } from './requantize';

/** Codes of four complete 32-bit sums, before the output's zero point. */
// @ts-ignore: decorator
@inline
export function requantize_x4(sums: v128, multiplier: usize, shift: usize, right_shift: i32): v128 {
  if (right_shift) return mbqm_right_lanes(sums, v128.load(multiplier), v128.load(shift));
  let y = i32x4.splat(mbqm(i32x4.extract_lane(sums, 0), load<i32>(multiplier), load<i32>(shift)));
  y = i32x4.replace_lane(y, 1, mbqm(i32x4.extract_lane(sums, 1), load<i32>(multiplier, 4), load<i32>(shift, 4)));
  y = i32x4.replace_lane(y, 2, mbqm(i32x4.extract_lane(sums, 2), load<i32>(multiplier, 8), load<i32>(shift, 8)));
  return i32x4.replace_lane(y, 3, mbqm(i32x4.extract_lane(sums, 3), load<i32>(multiplier, 12), load<i32>(shift, 12)));
}

/** The same of two pairs of 64-bit sums. */
// @ts-ignore: decorator
@inline
export function requantize64_x4(a: v128, b: v128, multiplier: usize, shift: usize): v128 {
  let y = i32x4.splat(mbqm64(i64x2.extract_lane(a, 0), load<i32>(multiplier), load<i32>(shift)));
  y = i32x4.replace_lane(y, 1, mbqm64(i64x2.extract_lane(a, 1), load<i32>(multiplier, 4), load<i32>(shift, 4)));
  y = i32x4.replace_lane(y, 2, mbqm64(i64x2.extract_lane(b, 0), load<i32>(multiplier, 8), load<i32>(shift, 8)));
  return i32x4.replace_lane(y, 3, mbqm64(i64x2.extract_lane(b, 1), load<i32>(multiplier, 12), load<i32>(shift, 12)));
}

/** The code of one complete sum, before the output's zero point. */
// @ts-ignore: decorator
@inline
export function requantize_one<A>(sum: A, multiplier: usize, shift: usize, right_shift: i32): i32 {
  if (sizeof<A>() == 8) return mbqm64(sum, load<i32>(multiplier), load<i32>(shift));
  // Powers of two stand for right shifts: ctz(2^(32 + shift)) - 32 = shift.
  const s = right_shift ? ctz(load<i32>(shift)) - 32 : load<i32>(shift);
  return mbqm(<i32>sum, load<i32>(multiplier), s);
}

// @ts-ignore: decorator
@inline
export function clamp(x: i32, low: i32, high: i32): i32 {
  return min(max(x, low), high);
}

/** Writes the first `count` of eight codes, clamped. */
// @ts-ignore: decorator
@inline
export function store_x8<T>(output: usize, low: v128, high: v128, offset: i32, min: i32, max: i32, count: i32): void {
  const a = i32x4.min_s(i32x4.max_s(i32x4.add(low, i32x4.splat(offset)), i32x4.splat(min)), i32x4.splat(max));
  const b = i32x4.min_s(i32x4.max_s(i32x4.add(high, i32x4.splat(offset)), i32x4.splat(min)), i32x4.splat(max));
  let codes = i16x8.narrow_i32x4_s(a, b);
  if (sizeof<T>() == 1) codes = i8x16.narrow_i16x8_s(codes, codes);
  if (count == 8) {
    if (sizeof<T>() == 1) v128.store64_lane(output, codes, 0);
    else v128.store(output, codes);
    return;
  }
  let bits = i64x2.extract_lane(codes, 0);
  for (let i = 0; i < count; i++) {
    if (sizeof<T>() == 2 && i == 4) bits = i64x2.extract_lane(codes, 1);
    store<T>(output + (<usize>i << alignof<T>()), <T>bits);
    bits >>= <i64>(sizeof<T>() * 8);
  }
}
