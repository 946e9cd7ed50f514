// ADD and SUB.
import { row1, row4, row8, row_start } from './broadcast';
import { at, clamp, clamp_x4, mbqm_x4, store4, store8 } from './lanes';
import { mbqm } from './requantize';

/** Four products of pairs by two slopes of 32 bits each, modulo 2^32: dot products by their halves, of which the lower is signed. */
// @ts-ignore: decorator
@inline
function slope_pairs(pairs: v128, upper: v128, lower: v128): v128 {
  return i32x4.add(i32x4.shl(i32x4.dot_i16x8_s(pairs, upper), 16), i32x4.dot_i16x8_s(pairs, lower));
}

/** Eight sums as int16, saturated. */
// @ts-ignore: decorator
@inline
function sums_x8(x: v128, y: v128, upper: v128, lower: v128, offsets: v128, shift: i32): v128 {
  const low = slope_pairs(v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11), upper, lower);
  const high = slope_pairs(v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15), upper, lower);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, offsets), shift),
    i32x4.shr_s(i32x4.add(high, offsets), shift),
  );
}

/**
 * output = clamp((slope_a * a + slope_b * b + offset) >> shift), with a sum modulo 2^32. The generator has compared it
 * with TensorFlow Lite Micro's three rounded multiplications for all 65536 pairs of codes.
 */
// @ts-ignore: decorator
@inline
export function add_s8(
  output: usize, a: usize, b: usize, slope_a: i32, slope_b: i32, offset: i32, size_0: i32, size_1: i32,
  size_2: i32, size_3: i32, size_4: i32, a_stride_0: i32, a_stride_1: i32, a_stride_2: i32, a_stride_3: i32,
  a_stride_4: i32, b_stride_0: i32, b_stride_1: i32, b_stride_2: i32, b_stride_3: i32, b_stride_4: i32,
  shift: i32, act_min: i32, act_max: i32,
): void {
  const lower_a = <i32>(<i16>slope_a);
  const lower_b = <i32>(<i16>slope_b);
  const lower = i32x4.splat((lower_a & 0xffff) | (lower_b << 16));
  const upper = i32x4.splat(((slope_a - lower_a) >>> 16) | ((slope_b - lower_b) & 0xffff0000));
  const offsets = i32x4.splat(offset);
  const least = i16x8.splat(<i16>act_min);
  const greatest = i16x8.splat(<i16>act_max);
  for (let i = 0; i < size_0; i++) {
    for (let j = 0; j < size_1; j++) {
      for (let k = 0; k < size_2; k++) {
        for (let l = 0; l < size_3; l++) {
          const a_row = at<i8>(a, row_start(i, j, k, l, a_stride_0, a_stride_1, a_stride_2, a_stride_3));
          const b_row = at<i8>(b, row_start(i, j, k, l, b_stride_0, b_stride_1, b_stride_2, b_stride_3));
          let n = 0;
          for (; n <= size_4 - 8; n += 8) {
            const x = row8<i8>(a_row, n, a_stride_4);
            const y = row8<i8>(b_row, n, b_stride_4);
            const words = sums_x8(x, y, upper, lower, offsets, shift);
            store8<i8>(output + n, i16x8.min_s(i16x8.max_s(words, least), greatest));
          }
          for (; n < size_4; n++) {
            const sum =
              row1<i8>(a_row, n, a_stride_4) * slope_a + offset + row1<i8>(b_row, n, b_stride_4) * slope_b;
            store<i8>(output + n, <i8>clamp(sum >> shift, act_min, act_max));
          }
          output = at<i8>(output, size_4);
        }
      }
    }
  }
}

/**
 * TensorFlow Lite Micro's reference/add.h and sub.h for any scales; sign is 1 or -1. Each code less its zero point is
 * scaled up by 2^left_shift, so that its multiplier, at most 1, keeps precision. Shifts are not positive.
 */
// @ts-ignore: decorator
@inline
export function add_scaled<T>(
  output: usize, a: usize, b: usize, zero_point_a: i32, multiplier_a: i32, zero_point_b: i32, multiplier_b: i32,
  zero_point: i32, multiplier: i32, size_0: i32, size_1: i32, size_2: i32, size_3: i32, size_4: i32,
  a_stride_0: i32, a_stride_1: i32, a_stride_2: i32, a_stride_3: i32, a_stride_4: i32, b_stride_0: i32,
  b_stride_1: i32, b_stride_2: i32, b_stride_3: i32, b_stride_4: i32, shift_a: i32, shift_b: i32, sign: i32,
  shift: i32, act_min: i32, act_max: i32,
): void {
  const left_shift = sizeof<T>() == 1 ? 20 : 15;
  const zeros_a = i32x4.splat(zero_point_a);
  const zeros_b = i32x4.splat(zero_point_b);
  const zeros = i32x4.splat(zero_point);
  const multipliers_a = i32x4.splat(multiplier_a);
  const multipliers_b = i32x4.splat(multiplier_b);
  const multipliers = i32x4.splat(multiplier);
  const signs = i32x4.splat(sign);
  const least = i32x4.splat(act_min);
  const greatest = i32x4.splat(act_max);
  for (let i = 0; i < size_0; i++) {
    for (let j = 0; j < size_1; j++) {
      for (let k = 0; k < size_2; k++) {
        for (let l = 0; l < size_3; l++) {
          const a_row = at<T>(a, row_start(i, j, k, l, a_stride_0, a_stride_1, a_stride_2, a_stride_3));
          const b_row = at<T>(b, row_start(i, j, k, l, b_stride_0, b_stride_1, b_stride_2, b_stride_3));
          let n = 0;
          for (; n <= size_4 - 4; n += 4) {
            const x = i32x4.shl(i32x4.sub(row4<T>(a_row, n, a_stride_4), zeros_a), left_shift);
            const y = i32x4.shl(i32x4.sub(row4<T>(b_row, n, b_stride_4), zeros_b), left_shift);
            const scaled_y = i32x4.mul(mbqm_x4(y, multipliers_b, shift_b), signs);
            const sum = i32x4.add(mbqm_x4(x, multipliers_a, shift_a), scaled_y);
            const scaled = i32x4.add(mbqm_x4(sum, multipliers, shift), zeros);
            store4<T>(at<T>(output, n), clamp_x4(scaled, least, greatest));
          }
          for (; n < size_4; n++) {
            const x = (row1<T>(a_row, n, a_stride_4) - zero_point_a) << left_shift;
            const y = (row1<T>(b_row, n, b_stride_4) - zero_point_b) << left_shift;
            const sum = mbqm(x, multiplier_a, shift_a) + sign * mbqm(y, multiplier_b, shift_b);
            const scaled = mbqm(sum, multiplier, shift) + zero_point;
            store<T>(at<T>(output, n), <T>clamp(scaled, act_min, act_max));
          }
          output = at<T>(output, size_4);
        }
      }
    }
  }
}
