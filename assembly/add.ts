// ADD and SUB.
import { row1, row4, row8, row_start } from './broadcast';
import { at, clamp, clamp_x4, mbqm_x4, store4, store8 } from './lanes';
import { mbqm } from './requantize';

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
  const slopes_a = i32x4.splat(slope_a);
  const slopes_b = i32x4.splat(slope_b);
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
            const low = i32x4.add(
              i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_s(x), slopes_a), offsets),
              i32x4.mul(i32x4.extend_low_i16x8_s(y), slopes_b),
            );
            const high = i32x4.add(
              i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_s(x), slopes_a), offsets),
              i32x4.mul(i32x4.extend_high_i16x8_s(y), slopes_b),
            );
            const words = i16x8.narrow_i32x4_s(i32x4.shr_s(low, shift), i32x4.shr_s(high, shift));
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
