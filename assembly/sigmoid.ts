// LOGISTIC and TANH of 16-bit codes by one table of the sigmoid, interpolated: TensorFlow Lite Micro's
// reference/integer_ops/logistic.h and tanh.h. The table holds sigmoid(i / 24) * 65536 - 32768 for i = 0..255.
import { at } from './lanes';

/** The code in the table's unit, 1/12288; 0 <= multiplier < 2^15, 0 <= shift <= 31. */
// @ts-ignore: decorator
@inline
function to_table_unit(code: i32, multiplier: i32, shift: i32): i32 {
  return (code * multiplier + (shift > 0 ? 1 << (shift - 1) : 0)) >> shift;
}

/** The sigmoid of magnitude / 2^bits steps of the table, in Q0.(16 + bits). */
// @ts-ignore: decorator
@inline
function sigmoid_at(table: usize, magnitude: i32, bits: i32, saturated: i32): i32 {
  const index = magnitude >> bits;
  if (index >= 255) return saturated;
  const here = <i32>load<i16>(at<i16>(table, index));
  const next = <i32>load<i16>(at<i16>(table, index), 2);
  return ((here + 32768) << bits) + (magnitude & ((1 << bits) - 1)) * (next - here);
}

// @ts-ignore: decorator
@inline
export function logistic_s16(
  output: usize, input: usize, table: usize, multiplier: i32, shift: i32, size: i32,
): void {
  for (let n = 0; n < size; n++) {
    const x = to_table_unit(<i32>load<i16>(at<i16>(input, n)), multiplier, shift);
    const y = sigmoid_at(table, abs(x), 9, 0x7fff << 10);
    const rounded: i32 = x >= 0 ? y + (1 << 9) : (1 << 25) - y + (1 << 9) - 1;
    store<i16>(at<i16>(output, n), <i16>(rounded >> 10));
  }
}

/** tanh(x) = 2 sigmoid(2x) - 1 */
// @ts-ignore: decorator
@inline
export function tanh_s16(
  output: usize, input: usize, table: usize, multiplier: i32, shift: i32, size: i32,
): void {
  for (let n = 0; n < size; n++) {
    const x = to_table_unit(<i32>load<i16>(at<i16>(input, n)), multiplier, shift);
    const y = sigmoid_at(table, abs(x), 8, 0xffff << 8) - (1 << 23);
    const rounded: i32 = x >= 0 ? y + (1 << 7) : -y + (1 << 7) - 1;
    store<i16>(at<i16>(output, n), <i16>(rounded >> 8));
  }
}
