// SVDF: TensorFlow Lite Micro's EvalIntegerSvdfReference of svdf_common.cc.
import { at, clamp, greatest_code, least_code, load1, load8 } from './lanes';
import { mbqm } from './requantize';

// @ts-ignore: decorator
@inline
function sum_lanes(x: v128): i32 {
  return (
    i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3)
  );
}

/** Sum of a[i] * (b[i] - zero_point) modulo 2^32; b - zero_point must fit in 16 bits. */
// @ts-ignore: decorator
@inline
function dot<T>(a: usize, b: usize, count: i32, zero_point: i32): i32 {
  let sums = i32x4.splat(0);
  const zeros = i16x8.splat(<i16>zero_point);
  let i = 0;
  for (; i <= count - 8; i += 8) {
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(load8<T>(at<T>(a, i)), i16x8.sub(load8<T>(at<T>(b, i)), zeros)));
  }
  let sum = sum_lanes(sums);
  for (; i < count; i++) sum += load1<T>(at<T>(a, i)) * (load1<T>(at<T>(b, i)) - zero_point);
  return sum;
}

/**
 * Each of units * rank filters remembers `memory_size` results, oldest first; a run forgets the oldest and adds one. The
 * zero point of the input is folded into feature_bias: -zero point * sum of the filter's weights.
 */
// @ts-ignore: decorator
@inline
export function svdf<T>(
  output: usize, input: usize, weights_feature: usize, weights_time: usize, state: usize, feature_bias: usize,
  bias: usize, zero_point_state: i32, zero_point: i32, multiplier_feature: i32, shift_feature: i32,
  multiplier_time: i32, shift_time: i32, act_min: i32, act_max: i32, batches: i32, input_size: i32, units: i32,
  rank: i32, memory_size: i32,
): void {
  for (let batch = 0; batch < batches; batch++) {
    for (let unit = 0; unit < units; unit++) {
      let sum = load<i32>(at<i32>(bias, unit));
      for (let filter = unit * rank; filter < (unit + 1) * rank; filter++) {
        const acc =
          load<i32>(at<i32>(feature_bias, filter)) +
          dot<i8>(weights_feature + filter * input_size, input, input_size, 0);
        const newest = clamp(
          mbqm(acc, multiplier_feature, shift_feature),
          least_code<T>(),
          greatest_code<T>(),
        );
        memory.copy(state, at<T>(state, 1), (memory_size - 1) * <i32>sizeof<T>());
        store<T>(at<T>(state, memory_size - 1), <T>(newest + zero_point_state));
        sum += dot<T>(at<T>(weights_time, filter * memory_size), state, memory_size, zero_point_state);
        state = at<T>(state, memory_size);
      }
      const scaled = mbqm(sum, multiplier_time, shift_time) + zero_point;
      store<i8>(output++, <i8>clamp(scaled, act_min, act_max));
    }
    input += input_size;
  }
}
