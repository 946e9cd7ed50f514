// Rows by their greatest distance from the zero point: ABSMAX finds it, ABSMAX_NORMALIZATION divides by it (docs/formats.md).
import { at, load1, load8, store8 } from './lanes';

/** T is the type of the codes, the zero point of int16 is 0. */
// @ts-ignore: decorator
@inline
function absmax_of<T>(input: usize, depth: i32, zero_point: i32): i32 {
  let low = zero_point;
  let high = zero_point;
  let i = 0;
  if (depth >= 8) {
    let lows = i16x8.splat(<i16>zero_point);
    let highs = lows;
    for (; i <= depth - 8; i += 8) {
      const x = load8<T>(at<T>(input, i));
      lows = i16x8.min_s(lows, x);
      highs = i16x8.max_s(highs, x);
    }
    low = least_lane(lows);
    // ~ turns the order of numbers round.
    high = ~least_lane(v128.not(highs));
  }
  for (; i < depth; i++) {
    const x = load1<T>(at<T>(input, i));
    low = min(low, x);
    high = max(high, x);
  }
  return min(max(high - zero_point, zero_point - low), i16.MAX_VALUE);
}

// @ts-ignore: decorator
@inline
function least_lane(x: v128): i32 {
  const four = i16x8.min_s(x, v128.shuffle<i64>(x, x, 1, 0));
  const two = i16x8.min_s(four, v128.shuffle<i32>(four, four, 1, 0, 3, 2));
  return min(<i32>i16x8.extract_lane_s(two, 0), <i32>i16x8.extract_lane_s(two, 1));
}

/**
 * steps * d / most of four lanes, half away from zero, 127 at most, 1 <= most <= 32767; `twice` is two times the steps, 127 or 128. The
 * dividend is at most 257 * most; `skipped` of its bits are shifted out, so that it keeps at most 17, and the reciprocal is
 * 2^(23 + skipped) / (2 * most). The estimate lacks less than 2^-8 by the bits skipped and 2^-6 by the reciprocal's, so that it is the
 * quotient or one less.
 */
// @ts-ignore: decorator
@inline
function shares(d: v128, twice: v128, most: v128, divisor: v128, reciprocal: v128, skipped: i32): v128 {
  const dividend = i32x4.add(i32x4.mul(i32x4.abs(d), twice), most);
  const estimate = i32x4.shr_u(i32x4.mul(i32x4.shr_u(dividend, skipped), reciprocal), 23);
  const rest = i32x4.sub(dividend, i32x4.mul(estimate, divisor));
  const share = i32x4.sub(estimate, i32x4.ge_s(rest, divisor));
  const sign = i32x4.shr_s(d, 31);
  return i32x4.min_s(i32x4.sub(v128.xor(share, sign), sign), i32x4.splat(i8.MAX_VALUE));
}

// @ts-ignore: decorator
@inline
export function absmax<T>(output: usize, input: usize, zero_point: i32, rows: i32, depth: i32): void {
  for (let row = 0; row < rows; row++) {
    store<i16>(output + (<usize>row << 1), <i16>absmax_of<T>(at<T>(input, row * depth), depth, zero_point));
  }
}

// @ts-ignore: decorator
@inline
export function absmax_normalization<T>(
  output: usize, input: usize, zero_point: i32, steps: i32, rows: i32, depth: i32,
): void {
  const twice = i32x4.splat(2 * steps);
  const zeros = i16x8.splat(<i16>zero_point);
  for (let row = 0; row < rows; row++) {
    // A row of zeros is as good as divided by any number.
    const most = max(absmax_of<T>(input, depth, zero_point), 1);
    const skipped = max(0, 24 - <i32>clz(most));
    const mosts = i32x4.splat(most);
    const divisor = i32x4.splat(2 * most);
    const reciprocal = i32x4.splat(<i32>((<u32>1 << (23 + skipped)) / <u32>(2 * most)));
    let i = 0;
    for (; i <= depth - 8; i += 8) {
      const x = load8<T>(at<T>(input, i));
      const d = sizeof<T>() == 1 ? i16x8.sub(x, zeros) : x;
      const low = shares(i32x4.extend_low_i16x8_s(d), twice, mosts, divisor, reciprocal, skipped);
      const high = shares(i32x4.extend_high_i16x8_s(d), twice, mosts, divisor, reciprocal, skipped);
      store8<i8>(output + i, i16x8.narrow_i32x4_s(low, high));
    }
    for (; i < depth; i++) {
      const d = i32x4.splat(load1<T>(at<T>(input, i)) - zero_point);
      store<i8>(output + i, <i8>i32x4.extract_lane(shares(d, twice, mosts, divisor, reciprocal, skipped), 0));
    }
    input = at<T>(input, depth);
    output += depth;
  }
}
