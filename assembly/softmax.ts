// SOFTMAX over rows: TensorFlow Lite Micro's reference/softmax.h, with its exponentials as tables.
import { saturating_shift_left } from './bits';
import { at, clamp, greatest_code, least_code } from './lanes';
import { mbqm, rdbp, srdhm } from './requantize';

/** 1 / (1 + a) in Q0.31 for a in Q0.31, 0 <= a < 1: gemmlowp's Newton-Raphson division. */
function one_over_one_plus(a: i32): i32 {
  const half_denominator = <i32>((<u32>a + 0x80000000) >> 1);
  let x = 1515870810 + srdhm(-1010580540, half_denominator);
  for (let i = 0; i < 3; i++) {
    const error = (1 << 29) - srdhm(x, half_denominator);
    x += saturating_shift_left(srdhm(error, x), 2);
  }
  return saturating_shift_left(x, 1);
}

/**
 * exp_table[d], i32, is the exponential of -d codes in Q0.31; that of a difference of table_size or more counts as 0.
 * Beyond 31 bits a share of the sum is less than half a code.
 */
// @ts-ignore: decorator
@inline
function softmax_rows<O>(
  output: usize, input: usize, exp_table: usize, rows: i32, depth: i32, table_size: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let largest: i32 = i8.MIN_VALUE;
    for (let i = 0; i < depth; i++) largest = max(largest, <i32>load<i8>(input + i));
    let sum: u32 = 0;
    for (let i = 0; i < depth; i++) {
      const difference = largest - <i32>load<i8>(input + i);
      if (difference < table_size) sum += rdbp(load<i32>(at<i32>(exp_table, difference)), 12);
    }
    const headroom = <i32>clz(sum);
    const scale = one_over_one_plus((sum << headroom) & 0x7fffffff);
    const exponent = 12 - headroom + 31 - 8 * <i32>sizeof<O>();
    for (let i = 0; i < depth; i++) {
      const difference = largest - <i32>load<i8>(input + i);
      let code: i32 = least_code<O>();
      if (difference < table_size && exponent <= 31) {
        code += rdbp(srdhm(load<i32>(at<i32>(exp_table, difference)), scale), exponent);
      }
      store<O>(at<O>(output, i), <O>min(code, greatest_code<O>()));
    }
    input += depth;
    output = at<O>(output, depth);
  }
}

// @ts-ignore: decorator
@inline
export function softmax_s8(
  output: usize, input: usize, exp_table: usize, rows: i32, depth: i32, table_size: i32,
): void {
  softmax_rows<i8>(output, input, exp_table, rows, depth, table_size);
}

// @ts-ignore: decorator
@inline
export function softmax_s8_s16(
  output: usize, input: usize, exp_table: usize, rows: i32, depth: i32, table_size: i32,
): void {
  softmax_rows<i16>(output, input, exp_table, rows, depth, table_size);
}

/** A table of 513 entries by 9 bits of the code, interpolated by the other 7. */
// @ts-ignore: decorator
@inline
function look_up_s16(table: usize, code: i32): i32 {
  const entry = at<i16>(table, 256 + (code >> 7));
  const base = <i32>load<i16>(entry);
  return base + (((<i32>load<i16>(entry, 2) - base) * (code & 127) + 64) >> 7);
}

/** Exponentials of [-10, 0] in `exp_table`, 1 / (1 + x) for [0, 1] in `reciprocal_table`, both in Q0.15. */
// @ts-ignore: decorator
@inline
export function softmax_s16(
  output: usize, input: usize, exp_table: usize, reciprocal_table: usize, multiplier: i32, rows: i32,
  depth: i32, shift: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let largest: i32 = i16.MIN_VALUE;
    for (let i = 0; i < depth; i++) largest = max(largest, <i32>load<i16>(at<i16>(input, i)));
    let sum = 0;
    for (let i = 0; i < depth; i++) {
      const scaled = mbqm(<i32>load<i16>(at<i16>(input, i)) - largest, multiplier, shift);
      const e = look_up_s16(exp_table, max(scaled, -65535) + 32767);
      store<i16>(at<i16>(output, i), <i16>e);
      sum += e;
    }
    // sum = (1 + fraction) * 2^(30 - zeros), at least one; the fraction is rounded to 16 bits.
    const zeros = <i32>clz(sum);
    const fraction = <i32>(((<u32>sum << (zeros - 1)) + (1 << 13)) >> 14) - (1 << 16);
    const reciprocal = look_up_s16(reciprocal_table, min(fraction - (1 << 15), i16.MAX_VALUE));
    const right_shift = 31 - zeros;
    for (let i = 0; i < depth; i++) {
      const product = <i32>load<i16>(at<i16>(output, i)) * reciprocal;
      const code = (product + (1 << (right_shift - 1))) >> right_shift;
      store<i16>(at<i16>(output, i), <i16>clamp(code, 0, i16.MAX_VALUE));
    }
    input = at<i16>(input, depth);
    output = at<i16>(output, depth);
  }
}
