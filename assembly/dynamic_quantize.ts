// ONNX's DynamicQuantizeLinear in three parts: scale, zero point, codes. Halves go to the even number. 0 is among the numbers; NaN is
// neither below nor above any, and becomes the least code. And back to floats: sums of such codes. T is f32, or i32 of sums.
import { at, store4 } from './lanes';

// @ts-ignore: decorator
@inline
function nearest_within(x: f32, least: i32, most: i32): i32 {
  if (!(x > <f32>least)) return least;
  return x >= <f32>most ? most : <i32>nearest(x);
}

// @ts-ignore: decorator
@inline
function least_of<T>(input: usize, size: i32): f32 {
  let lows = f32x4.splat(0);
  let n = 0;
  for (; n <= size - 4; n += 4) lows = f32x4.pmin(lows, v128.load(at<T>(input, n)));
  lows = f32x4.pmin(lows, v128.shuffle<i64>(lows, lows, 1, 0));
  lows = f32x4.pmin(lows, v128.shuffle<i32>(lows, lows, 1, 0, 3, 2));
  let low = f32x4.extract_lane(lows, 0);
  for (; n < size; n++) {
    const x = <f32>load<T>(at<T>(input, n));
    low = x < low ? x : low;
  }
  return low;
}

// @ts-ignore: decorator
@inline
function greatest_of<T>(input: usize, size: i32): f32 {
  let highs = f32x4.splat(0);
  let n = 0;
  for (; n <= size - 4; n += 4) highs = f32x4.pmax(highs, v128.load(at<T>(input, n)));
  highs = f32x4.pmax(highs, v128.shuffle<i64>(highs, highs, 1, 0));
  highs = f32x4.pmax(highs, v128.shuffle<i32>(highs, highs, 1, 0, 3, 2));
  let high = f32x4.extract_lane(highs, 0);
  for (; n < size; n++) {
    const x = <f32>load<T>(at<T>(input, n));
    high = x > high ? x : high;
  }
  return high;
}

// @ts-ignore: decorator
@inline
export function dynamic_scale<T>(output: usize, input: usize, size: i32): void {
  const low = least_of<T>(input, size);
  const high = greatest_of<T>(input, size);
  store<f32>(output, (high > low ? high - low : <f32>1) / <f32>255);
}

// @ts-ignore: decorator
@inline
export function dynamic_zero_point<T>(output: usize, input: usize, scale: usize, size: i32): void {
  store<u8>(output, <u8>nearest_within(-least_of<T>(input, size) / load<f32>(scale), 0, 255));
}

/**
 * `rows` of `width` numbers, in images of `height` rows; elements around rows and images are what 0 becomes. Codes of int8 are those of
 * uint8 less 128.
 */
// @ts-ignore: decorator
@inline
export function dynamic_quantize<T, O>(
  output: usize, input: usize, scale: usize, zero_point: usize, rows: i32, width: i32, height: i32, above: i32,
  left: i32, right: i32, below: i32,
): void {
  const step = load<f32>(scale);
  const zero = <i32>load<u8>(zero_point);
  const code = isSigned<O>() ? zero - 128 : zero;
  const steps = f32x4.splat(step);
  const least = f32x4.splat(-(<f32>zero));
  const greatest = f32x4.splat(255 - <f32>zero);
  const codes = i32x4.splat(code);
  let row = 0;
  for (let r = 0; r < rows; r++) {
    if (row == 0) output = fill_codes(output, code, above);
    output = fill_codes(output, code, left);
    let n = 0;
    for (; n <= width - 4; n += 4) {
      const quotient = f32x4.div(v128.load(at<T>(input, n)), steps);
      const bounded = f32x4.pmin(f32x4.pmax(least, quotient), greatest);
      store4<O>(output + n, i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.nearest(bounded)), codes));
    }
    for (; n < width; n++) {
      const x = <f32>load<T>(at<T>(input, n));
      store<u8>(output + n, <u8>(nearest_within(x / step, -zero, 255 - zero) + code));
    }
    input = at<T>(input, width);
    output = fill_codes(output + width, code, right);
    if (++row < height) continue;
    output = fill_codes(output, code, below);
    row = 0;
  }
}

// @ts-ignore: decorator
@inline
function fill_codes(output: usize, code: i32, count: i32): usize {
  if (count > 0) memory.fill(output, <u8>code, count);
  return output + count;
}

/**
 * `sums` are those of each channel's weights, which the zero point has added to the input; `scales` the channels', behind which the
 * biases lie. `low` and `high` hold the bits of floats.
 */
// @ts-ignore: decorator
@inline
export function dynamic_dequantize<T>(
  output: usize, input: usize, scale: usize, zero_point: usize, sums: usize, scales: usize, low: i32, high: i32,
  rows: i32, channels: i32, per_channel: i32, biased: i32,
): void {
  const step = load<f32>(scale);
  const zero = <i32>load<u8>(zero_point);
  const least = reinterpret<f32>(low);
  const greatest = reinterpret<f32>(high);
  const biases = at<f32>(scales, per_channel ? channels : 1);
  const one = f32x4.splat(load<f32>(scales));
  for (let row = 0; row < rows; row++) {
    let c = 0;
    for (; c <= channels - 4; c += 4) {
      const added = i32x4.mul(i32x4.splat(zero), v128.load(at<i32>(sums, c)));
      const own = per_channel ? v128.load(at<f32>(scales, c)) : one;
      const sum = f32x4.convert_i32x4_s(i32x4.sub(v128.load(at<T>(input, c)), added));
      let real = f32x4.mul(sum, f32x4.mul(f32x4.splat(step), own));
      if (biased) real = f32x4.add(real, v128.load(at<f32>(biases, c)));
      // What is no number stays so.
      real = f32x4.pmin(f32x4.pmax(real, f32x4.splat(least)), f32x4.splat(greatest));
      v128.store(at<f32>(output, c), real);
    }
    for (; c < channels; c++) {
      const sum = <i32>load<T>(at<T>(input, c)) - zero * load<i32>(at<i32>(sums, c));
      let real = <f32>sum * (step * load<f32>(at<f32>(scales, per_channel ? c : 0)));
      if (biased) real += load<f32>(at<f32>(biases, c));
      store<f32>(at<f32>(output, c), real < least ? least : real > greatest ? greatest : real);
    }
    input = at<T>(input, channels);
    output = at<f32>(output, channels);
  }
}
