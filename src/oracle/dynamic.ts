/**
 * ONNX's DynamicQuantizeLinear, as ONNX defines it, and what ONNX Runtime's quantizer computes with its codes: float32, rounded after every
 * operation, halves to the even number.
 */
import { clamp } from '../numerics/fixed-point.js';
import type { Call, Numbers, Operators } from './call.js';

const fl = Math.fround;
const MOST = 255;

/** The least and the greatest of the numbers and 0; NaN counts for nothing. */
function rangeOf(numbers: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let [low, high] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i]! < low) low = numbers[i]!;
    if (numbers[i]! > high) high = numbers[i]!;
  }
  return { low, high };
}

/** Of nothing but zeros the step is 1/255, as in ONNX's reference implementation; the definition leaves it open. */
function scale(call: Call<'DYNAMIC_SCALE'>): void {
  const { low, high } = rangeOf(call.input(0).data);
  call.output.data[0] = fl((high === low ? 1 : fl(high - low)) / MOST);
}

function zeroPoint(call: Call<'DYNAMIC_ZERO_POINT'>): void {
  const { low } = rangeOf(call.input(0).data);
  call.output.data[0] = nearestWithin(fl(-low / call.input(1).data[0]!), 0, MOST);
}

function quantize(call: Call<'DYNAMIC_QUANTIZE'>): void {
  const [x, y] = [call.input(0), call.output];
  const step = call.input(1).data[0]!;
  const zero = call.input(2).data[0]!;
  const least = y.tensor.format.type === 'int8' ? -128 : 0;
  const code = (real: number) => nearestWithin(fl(real / step), -zero, MOST - zero) + zero + least;
  y.data.fill(zero + least);
  const { top, left } = call.attributes.padding;
  const [, height = 1, width = 1, depth = x.data.length] = x.shape.length === 4 ? x.shape : [];
  const [, padded = 1, across = 1] = y.shape.length === 4 ? y.shape : [];
  for (let i = 0; i < x.data.length; i++) {
    const [channel, column, row] = [i % depth, Math.floor(i / depth) % width, Math.floor(i / depth / width)];
    const below = Math.floor(row / height) * padded + top + (row % height);
    y.data[(below * across + left + column) * depth + channel] = code(x.data[i]!);
  }
}

/** Sums of codes less their zero point, of 32 bits. */
function dequantize(call: Call<'DYNAMIC_DEQUANTIZE'>): void {
  const [x, scale, zero, sums, scales] = [0, 1, 2, 3, 4].map((i) => call.input(i).data) as [
    Numbers,
    Numbers,
    Numbers,
    Numbers,
    Numbers,
  ];
  const bias = call.bias(5);
  const { low, high } = call.attributes;
  const channels = sums.length;
  for (let i = 0; i < x.length; i++) {
    const c = i % channels;
    const step = fl(scale[0]! * scales[scales.length === 1 ? 0 : c]!);
    const product = fl(fl((x[i]! - zero[0]! * sums[c]!) | 0) * step);
    let real = bias ? fl(product + bias[c]!) : product;
    if (real < low) real = low;
    else if (real > high) real = high;
    call.output.data[i] = real;
  }
}

/** The nearest whole number from `least` to `most`; of NaN the least. */
function nearestWithin(x: number, least: number, most: number): number {
  if (Number.isNaN(x)) return least;
  const bounded = clamp(x, least, most);
  const floor = Math.floor(bounded);
  const rest = bounded - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

export const dynamic: Operators<
  'DYNAMIC_SCALE' | 'DYNAMIC_ZERO_POINT' | 'DYNAMIC_QUANTIZE' | 'DYNAMIC_DEQUANTIZE'
> = {
  DYNAMIC_SCALE: scale,
  DYNAMIC_ZERO_POINT: zeroPoint,
  DYNAMIC_QUANTIZE: quantize,
  DYNAMIC_DEQUANTIZE: dequantize,
};
