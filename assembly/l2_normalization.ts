// L2_NORMALIZATION over rows: TensorFlow Lite Micro's reference/integer_ops/l2normalization.h.
import { saturating_shift_left } from './bits';
import { clamp } from './lanes';
import { mbqm, rdbp, srdhm } from './requantize';

/**
 * 1 / sqrt(x) for x >= 0; 0 counts as 1. Five Newton-Raphson steps in Q3.28: GetInvSqrtQuantizedMultiplierExp.
 * @returns the multiplier in the low half, the shift in the high half
 */
function inverse_sqrt(x: i32): i64 {
  if (x <= 1) return i32.MAX_VALUE;
  let right_shift = 11;
  for (; x >= 1 << 29; x >>= 2) right_shift++;
  const pairs = (<i32>clz(x) - 1) / 2 - 1;
  right_shift -= pairs;
  x <<= 2 * pairs;

  const half = rdbp(x >> 1, 1);
  let estimate = 1 << 28;
  for (let i = 0; i < 5; i++) {
    const cube = saturating_shift_left(srdhm(srdhm(estimate, estimate), estimate), 6);
    estimate = saturating_shift_left(srdhm(3 << 27, estimate) - srdhm(cube, half), 3);
  }
  const multiplier = srdhm(estimate, 1518500250);
  return right_shift < 0 ? <i64>(multiplier << -right_shift) : (<i64>-right_shift << 32) | <i64>multiplier;
}

/** The output's scale is 2^-7, its zero point 0. */
// @ts-ignore: decorator
@inline
export function l2_normalization_s8(
  output: usize,
  input: usize,
  zero_point: i32,
  rows: i32,
  depth: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < depth; i++) {
      const x = <i32>load<i8>(input + i) - zero_point;
      sum += x * x;
    }
    const inverse = inverse_sqrt(sum);
    const multiplier = <i32>inverse;
    const shift = <i32>(inverse >> 32) + 7;
    for (let i = 0; i < depth; i++) {
      const y = mbqm(<i32>load<i8>(input + i) - zero_point, multiplier, shift);
      store<i8>(output + i, <i8>clamp(y, i8.MIN_VALUE, i8.MAX_VALUE));
    }
    input += depth;
    output += depth;
  }
}
