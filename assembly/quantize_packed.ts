// TABLE and QUANTIZE to packed types, and DEQUANTIZE from them, by rows.
import { clamp } from './output';
import { code_of, load_code, row_bytes, store_code } from './packed';
import { mbqm } from './requantize';

/** `table`: what memory holds of the code for each byte. */
// @ts-ignore: decorator
@inline
export function look_up_packed(output: usize, input: usize, table: usize, rows: i32, depth: i32, bits: i32): void {
  for (let row = 0; row < rows; row++, output += row_bytes(depth, bits)) {
    for (let i = 0; i < depth; i++) store_code(output, i, <i32>load<u8>(table + <usize>load<u8>(input++)), bits);
  }
}

// @ts-ignore: decorator
@inline
export function requantize_packed<I>(
  output: usize, input: usize, zero_point_in: i32, zero_point: i32, multiplier: i32, rows: i32, depth: i32, bits: i32,
  shift: i32, act_min: i32, act_max: i32,
): void {
  for (let row = 0; row < rows; row++, output += row_bytes(depth, bits)) {
    for (let i = 0; i < depth; i++, input += sizeof<I>()) {
      const scaled = mbqm(<i32>load<I>(input) - zero_point_in, multiplier, shift) + zero_point;
      store_code(output, i, clamp(scaled, act_min, act_max), bits);
    }
  }
}

/** `scale` holds the bits of a float. As quantize.ts; I is f32. */
// @ts-ignore: decorator
@inline
export function quantize_packed<I>(
  output: usize, input: usize, scale: i32, zero_point: i32, rows: i32, depth: i32, bits: i32, act_min: i32,
  act_max: i32,
): void {
  const low = <f32>(act_min - zero_point);
  const high = <f32>(act_max - zero_point);
  for (let row = 0; row < rows; row++, output += row_bytes(depth, bits)) {
    for (let i = 0; i < depth; i++, input += 4) {
      let quotient = load<f32>(input) / reinterpret<f32>(scale);
      if (!(quotient > low)) quotient = low;
      if (quotient > high) quotient = high;
      const whole = <i32>quotient;
      const rest = quotient - <f32>whole;
      store_code(output, i, whole + <i32>(rest >= 0.5) - <i32>(rest <= -0.5) + zero_point, bits);
    }
  }
}

// @ts-ignore: decorator
@inline
export function dequantize_packed(
  output: usize, input: usize, scale: i32, zero_point: i32, rows: i32, depth: i32, bits: i32,
): void {
  for (let row = 0; row < rows; row++, input += row_bytes(depth, bits)) {
    for (let i = 0; i < depth; i++, output += 4) {
      const code = code_of(load_code(input, i, bits), bits) - zero_point;
      store<f32>(output, reinterpret<f32>(scale) * <f32>code);
    }
  }
}

/** The code is `act_min` and how many of `count` rising thresholds x reaches; NaN reaches none. */
// @ts-ignore: decorator
@inline
export function quantize_thresholds(
  output: usize, input: usize, thresholds: usize, rows: i32, depth: i32, bits: i32, count: i32, act_min: i32,
): void {
  for (let row = 0; row < rows; row++, output += row_bytes(depth, bits)) {
    for (let i = 0; i < depth; i++, input += 4) {
      const x = load<f32>(input);
      let reached = 0;
      for (let t = 0; t < count; t++) reached += <i32>(x >= load<f32>(thresholds + (<usize>t << 2)));
      store_code(output, i, bits == 1 ? 1 - reached : act_min + reached, bits);
    }
  }
}

/** `table`: the code, of int32, for each that is stored. */
// @ts-ignore: decorator
@inline
export function requantize_few(
  output: usize, input: usize, table: usize, rows: i32, depth: i32, bits: i32, output_bits: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < depth; i++) {
      store_code(output, i, load<i32>(table + (<usize>load_code(input, i, bits) << 2)), output_bits);
    }
    input += row_bytes(depth, bits);
    output += row_bytes(depth, output_bits);
  }
}
