// ONNX's DynamicQuantizeLinear in three parts: scale, zero point, codes of uint8. Halves go to the even number. 0 is among the
// numbers; NaN is neither below nor above any, and becomes the least code. T is f32.
import { at } from './lanes';

// @ts-ignore: decorator
@inline
function nearest_within(x: f32, least: i32, most: i32): i32 {
  if (!(x > <f32>least)) return least;
  return x >= <f32>most ? most : <i32>nearest(x);
}

// @ts-ignore: decorator
@inline
export function dynamic_scale<T>(output: usize, input: usize, size: i32): void {
  let low: f32 = 0;
  let high: f32 = 0;
  for (let i = 0; i < size; i++) {
    const x = <f32>load<T>(at<T>(input, i));
    low = x < low ? x : low;
    high = x > high ? x : high;
  }
  store<f32>(output, (high > low ? high - low : <f32>1) / <f32>255);
}

// @ts-ignore: decorator
@inline
export function dynamic_zero_point<T>(output: usize, input: usize, scale: usize, size: i32): void {
  let low: f32 = 0;
  for (let i = 0; i < size; i++) {
    const x = <f32>load<T>(at<T>(input, i));
    low = x < low ? x : low;
  }
  store<u8>(output, <u8>nearest_within(-low / load<f32>(scale), 0, 255));
}

// @ts-ignore: decorator
@inline
export function dynamic_quantize<T>(
  output: usize, input: usize, scale: usize, zero_point: usize, size: i32,
): void {
  const step = load<f32>(scale);
  const zero = <i32>load<u8>(zero_point);
  for (let i = 0; i < size; i++) {
    const x = <f32>load<T>(at<T>(input, i));
    store<u8>(output + i, <u8>(nearest_within(x / step, -zero, 255 - zero) + zero));
  }
}
