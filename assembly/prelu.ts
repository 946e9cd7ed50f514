// PRELU and LEAKY_RELU: TensorFlow Lite Micro's reference/prelu.h and leaky_relu.h.
import { row1, row4, row_start } from './broadcast';
import { at, clamp, greatest_code, least_code, load4, mbqm_x4, store4 } from './lanes';
import { mbqm } from './requantize';

/** Operand a is the activation, b the slope of its negative half, one for each channel or any other broadcast shape. */
// @ts-ignore: decorator
@inline
export function prelu<T>(
  output: usize, input: usize, alpha: usize, zero_point_in: i32, zero_point_alpha: i32, zero_point: i32,
  multiplier: i32, multiplier_alpha: i32, size_0: i32, size_1: i32, size_2: i32, size_3: i32, size_4: i32,
  a_stride_0: i32, a_stride_1: i32, a_stride_2: i32, a_stride_3: i32, a_stride_4: i32, b_stride_0: i32,
  b_stride_1: i32, b_stride_2: i32, b_stride_3: i32, b_stride_4: i32, shift: i32, shift_alpha: i32,
): void {
  const zeros_in = i32x4.splat(zero_point_in);
  const zeros_alpha = i32x4.splat(zero_point_alpha);
  const zeros = i32x4.splat(zero_point);
  const multipliers = i32x4.splat(multiplier);
  const multipliers_alpha = i32x4.splat(multiplier_alpha);
  for (let i = 0; i < size_0; i++) {
    for (let j = 0; j < size_1; j++) {
      for (let k = 0; k < size_2; k++) {
        for (let l = 0; l < size_3; l++) {
          const a_row = at<T>(input, row_start(i, j, k, l, a_stride_0, a_stride_1, a_stride_2, a_stride_3));
          const b_row = at<i8>(alpha, row_start(i, j, k, l, b_stride_0, b_stride_1, b_stride_2, b_stride_3));
          let n = 0;
          for (; n <= size_4 - 4; n += 4) {
            const x = i32x4.sub(row4<T>(a_row, n, a_stride_4), zeros_in);
            const slope = i32x4.sub(row4<i8>(b_row, n, b_stride_4), zeros_alpha);
            const positive = mbqm_x4(x, multipliers, shift);
            const negative = mbqm_x4(i32x4.mul(x, slope), multipliers_alpha, shift_alpha);
            const y = v128.bitselect(negative, positive, i32x4.shr_s(x, 31));
            store4<T>(at<T>(output, n), i32x4.add(y, zeros));
          }
          for (; n < size_4; n++) {
            const x = row1<T>(a_row, n, a_stride_4) - zero_point_in;
            const slope = row1<i8>(b_row, n, b_stride_4) - zero_point_alpha;
            const y = x >= 0 ? mbqm(x, multiplier, shift) : mbqm(x * slope, multiplier_alpha, shift_alpha);
            store<T>(at<T>(output, n), <T>clamp(y + zero_point, least_code<T>(), greatest_code<T>()));
          }
          output = at<T>(output, size_4);
        }
      }
    }
  }
}

/** `sign` is -1 where alpha is negative: the multiplier is that of its magnitude. */
// @ts-ignore: decorator
@inline
export function leaky_relu_s16(
  output: usize, input: usize, zero_point_in: i32, zero_point: i32, multiplier: i32, multiplier_alpha: i32,
  size: i32, shift: i32, shift_alpha: i32, sign: i32,
): void {
  const zeros_in = i32x4.splat(zero_point_in);
  const zeros = i32x4.splat(zero_point);
  const multipliers = i32x4.splat(multiplier);
  const multipliers_alpha = i32x4.splat(multiplier_alpha);
  const signs = i32x4.splat(sign);
  let n = 0;
  for (; n <= size - 4; n += 4) {
    const x = i32x4.sub(load4<i16>(at<i16>(input, n)), zeros_in);
    const positive = mbqm_x4(x, multipliers, shift);
    const negative = i32x4.mul(mbqm_x4(x, multipliers_alpha, shift_alpha), signs);
    const y = v128.bitselect(negative, positive, i32x4.shr_s(x, 31));
    store4<i16>(at<i16>(output, n), i32x4.add(y, zeros));
  }
  for (; n < size; n++) {
    const x = <i32>load<i16>(at<i16>(input, n)) - zero_point_in;
    const y = x >= 0 ? mbqm(x, multiplier, shift) : sign * mbqm(x, multiplier_alpha, shift_alpha);
    store<i16>(at<i16>(output, n), <i16>clamp(y + zero_point, i16.MIN_VALUE, i16.MAX_VALUE));
  }
}
