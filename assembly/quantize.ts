// QUANTIZE and DEQUANTIZE, and activations that are a change of scale with a clamp. Scales are the bits of a float.
import { at, clamp, clamp_x4, load1, load4, mbqm_x4, store4 } from './lanes';
import { mbqm } from './requantize';

/** reference/requantize.h: from one scale to another. The zero points wrap, as they do there. */
// @ts-ignore: decorator
@inline
export function requantize<I, O>(
  output: usize, input: usize, zero_point_in: i32, zero_point: i32, multiplier: i32, size: i32, shift: i32,
  act_min: i32, act_max: i32,
): void {
  const zeros_in = i32x4.splat(zero_point_in);
  const zeros = i32x4.splat(zero_point);
  const multipliers = i32x4.splat(multiplier);
  const least = i32x4.splat(act_min);
  const greatest = i32x4.splat(act_max);
  let n = 0;
  for (; n <= size - 4; n += 4) {
    const x = i32x4.sub(load4<I>(at<I>(input, n)), zeros_in);
    const scaled = i32x4.add(mbqm_x4(x, multipliers, shift), zeros);
    store4<O>(at<O>(output, n), clamp_x4(scaled, least, greatest));
  }
  for (; n < size; n++) {
    const scaled = mbqm(load1<I>(at<I>(input, n)) - zero_point_in, multiplier, shift) + zero_point;
    store<O>(at<O>(output, n), <O>clamp(scaled, act_min, act_max));
  }
}

// @ts-ignore: decorator
@inline
export function clamp_s16(output: usize, input: usize, act_min: i32, act_max: i32, size: i32): void {
  const least = i16x8.splat(<i16>act_min);
  const greatest = i16x8.splat(<i16>act_max);
  let n = 0;
  for (; n <= size - 8; n += 8) {
    const x = v128.load(at<i16>(input, n));
    v128.store(at<i16>(output, n), i16x8.min_s(i16x8.max_s(x, least), greatest));
  }
  for (; n < size; n++) store<i16>(at<i16>(output, n), <i16>clamp(load<i16>(at<i16>(input, n)), act_min, act_max));
}

/**
 * reference/quantize.h: round(x / scale), ties away from zero, clamped; NaN gives the least code. The remainder after
 * truncation is exact, where adding 0.5 would not be. I is f32.
 */
// @ts-ignore: decorator
@inline
export function quantize<I, O>(
  output: usize, input: usize, scale: i32, zero_point: i32, act_min: i32, act_max: i32, size: i32,
): void {
  const scales = i32x4.splat(scale);
  const zeros = i32x4.splat(zero_point);
  const least = f32x4.splat(<f32>(act_min - zero_point));
  const greatest = f32x4.splat(<f32>(act_max - zero_point));
  const half = f32x4.splat(0.5);
  const minus_half = f32x4.splat(-0.5);
  let n = 0;
  for (; n <= size - 4; n += 4) {
    const quotient = f32x4.pmin(
      f32x4.pmax(least, f32x4.div(v128.load(at<f32>(input, n)), scales)),
      greatest,
    );
    const whole = i32x4.trunc_sat_f32x4_s(quotient);
    const rest = f32x4.sub(quotient, f32x4.convert_i32x4_s(whole));
    // Comparisons give -1 where they hold.
    const up = i32x4.sub(whole, f32x4.ge(rest, half));
    const rounded = i32x4.add(up, f32x4.le(rest, minus_half));
    store4<O>(at<O>(output, n), i32x4.add(rounded, zeros));
  }
  for (; n < size; n++) {
    let quotient = load<f32>(at<f32>(input, n)) / reinterpret<f32>(scale);
    if (!(quotient > <f32>(act_min - zero_point))) quotient = <f32>(act_min - zero_point);
    if (quotient > <f32>(act_max - zero_point)) quotient = <f32>(act_max - zero_point);
    const whole = <i32>quotient;
    const rest = quotient - <f32>whole;
    store<O>(at<O>(output, n), <O>(whole + <i32>(rest >= 0.5) - <i32>(rest <= -0.5) + zero_point));
  }
}

/** reference/dequantize.h. Its product is binary64; code less zero point is exact in a float: one rounding too. */
// @ts-ignore: decorator
@inline
export function dequantize<I>(output: usize, input: usize, scale: i32, zero_point: i32, size: i32): void {
  const scales = i32x4.splat(scale);
  const zeros = i32x4.splat(zero_point);
  let n = 0;
  for (; n <= size - 4; n += 4) {
    const codes = i32x4.sub(load4<I>(at<I>(input, n)), zeros);
    v128.store(at<f32>(output, n), f32x4.mul(scales, f32x4.convert_i32x4_s(codes)));
  }
  for (; n < size; n++) {
    const code = load1<I>(at<I>(input, n)) - zero_point;
    store<f32>(at<f32>(output, n), reinterpret<f32>(scale) * <f32>code);
  }
}

/** An int32 need not be exact in a float: the product is binary64. */
// @ts-ignore: decorator
@inline
export function dequantize_s32(output: usize, input: usize, scale: i32, zero_point: i32, size: i32): void {
  const real_scale = <f64>reinterpret<f32>(scale);
  for (let n = 0; n < size; n++) {
    store<f32>(at<f32>(output, n), <f32>(real_scale * (<f64>load<i32>(at<i32>(input, n)) - <f64>zero_point)));
  }
}

/** Each channel of a row by a scale of its own. */
// @ts-ignore: decorator
@inline
export function dequantize_channels_s32(
  output: usize, input: usize, scales: usize, zero_point: i32, rows: i32, channels: i32,
): void {
  for (let row = 0, n = 0; row < rows; row++) {
    for (let c = 0; c < channels; c++, n++) {
      const scale = <f64>load<f32>(at<f32>(scales, c));
      store<f32>(at<f32>(output, n), <f32>(scale * (<f64>load<i32>(at<i32>(input, n)) - <f64>zero_point)));
    }
  }
}
