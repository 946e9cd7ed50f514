// MUL: TensorFlow Lite Micro's reference/integer_ops/mul.h.
import { row1, row4, row_start } from './broadcast';
import { at, clamp, clamp_x4, mbqm_x4, store4 } from './lanes';
import { mbqm } from './requantize';

// @ts-ignore: decorator
@inline
export function mul<T>(
  output: usize, a: usize, b: usize, zero_point_a: i32, zero_point_b: i32, zero_point: i32, multiplier: i32,
  size_0: i32, size_1: i32, size_2: i32, size_3: i32, size_4: i32, a_stride_0: i32, a_stride_1: i32,
  a_stride_2: i32, a_stride_3: i32, a_stride_4: i32, b_stride_0: i32, b_stride_1: i32, b_stride_2: i32,
  b_stride_3: i32, b_stride_4: i32, shift: i32, act_min: i32, act_max: i32,
): void {
  const zeros_a = i32x4.splat(zero_point_a);
  const zeros_b = i32x4.splat(zero_point_b);
  const zeros = i32x4.splat(zero_point);
  const multipliers = i32x4.splat(multiplier);
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
            const x = i32x4.sub(row4<T>(a_row, n, a_stride_4), zeros_a);
            const y = i32x4.sub(row4<T>(b_row, n, b_stride_4), zeros_b);
            const scaled = i32x4.add(mbqm_x4(i32x4.mul(x, y), multipliers, shift), zeros);
            store4<T>(at<T>(output, n), clamp_x4(scaled, least, greatest));
          }
          for (; n < size_4; n++) {
            const x = row1<T>(a_row, n, a_stride_4) - zero_point_a;
            const y = row1<T>(b_row, n, b_stride_4) - zero_point_b;
            store<T>(at<T>(output, n), <T>clamp(mbqm(x * y, multiplier, shift) + zero_point, act_min, act_max));
          }
          output = at<T>(output, size_4);
        }
      }
    }
  }
}
