// MEAN and SUM: TensorFlow Lite Micro's QuantizedMeanOrSum of reference/reduce.h. The input is seen as six dimensions,
// of which every second is summed.
import { at, clamp, greatest_code, least_code, load1, load8, mbqm_x4, store8 } from './lanes';
import { mbqm } from './requantize';

/** Sum of `count` neighbours. */
// @ts-ignore: decorator
@inline
export function sum_run<T>(from: usize, count: i32): i32 {
  let sum = 0;
  let i = 0;
  if (count >= 8) {
    let sums = i32x4.splat(0);
    for (; i <= count - 8; i += 8) {
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(load8<T>(at<T>(from, i))));
    }
    sum =
      i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3);
  }
  for (; i < count; i++) sum += load1<T>(at<T>(from, i));
  return sum;
}

/** `offset` is the zero point times the number of summed elements. */
// @ts-ignore: decorator
@inline
export function reduce_sum<T>(
  output: usize, input: usize, offset: i32, zero_point: i32, multiplier: i32, shift: i32, kept_0: i32,
  summed_0: i32, kept_1: i32, summed_1: i32, kept_2: i32, summed_2: i32,
): void {
  const stride_2 = kept_2 * summed_2;
  const stride_1 = kept_1 * summed_1 * stride_2;
  // So many sum up within int16.
  const run = sizeof<T>() == 1 ? 256 : 1;
  const multipliers = i32x4.splat(multiplier);
  const zeros = i32x4.splat(zero_point);
  for (let k0 = 0; k0 < kept_0; k0++) {
    for (let k1 = 0; k1 < kept_1; k1++) {
      const block = at<T>(input, k0 * summed_0 * stride_1 + k1 * summed_1 * stride_2);
      let k2 = 0;
      if (summed_2 == 1) {
        for (; k2 <= kept_2 - 8; k2 += 8) {
          let low = i32x4.splat(-offset);
          let high = low;
          for (let r0 = 0; r0 < summed_0; r0++) {
            let from = at<T>(block, r0 * stride_1 + k2);
            for (let left = summed_1; left > 0; left -= run) {
              let sums = i16x8.splat(0);
              for (let i = min(left, run); i > 0; i--) {
                sums = i16x8.add(sums, load8<T>(from));
                from = at<T>(from, stride_2);
              }
              low = i32x4.add(low, i32x4.extend_low_i16x8_s(sums));
              high = i32x4.add(high, i32x4.extend_high_i16x8_s(sums));
            }
          }
          low = i32x4.add(mbqm_x4(low, multipliers, shift), zeros);
          high = i32x4.add(mbqm_x4(high, multipliers, shift), zeros);
          store8<T>(output, i16x8.narrow_i32x4_s(low, high));
          output = at<T>(output, 8);
        }
      }
      for (; k2 < kept_2; k2++) {
        let sum = -offset;
        for (let r0 = 0; r0 < summed_0; r0++) {
          for (let r1 = 0; r1 < summed_1; r1++) {
            sum += sum_run<T>(at<T>(block, r0 * stride_1 + r1 * stride_2 + k2 * summed_2), summed_2);
          }
        }
        const scaled = mbqm(sum, multiplier, shift) + zero_point;
        store<T>(output, <T>clamp(scaled, least_code<T>(), greatest_code<T>()));
        output = at<T>(output, 1);
      }
    }
  }
}
