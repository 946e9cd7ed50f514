/** ONNX's DynamicQuantizeLinear, as ONNX defines it: float32, rounded after every operation, halves to the even number. */
import { clamp } from '../numerics/fixed-point.js';
import type { Call, Operators } from './call.js';

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
  const { data } = call.input(0);
  const step = call.input(1).data[0]!;
  const zero = call.input(2).data[0]!;
  for (let i = 0; i < data.length; i++)
    call.output.data[i] = nearestWithin(fl(data[i]! / step), -zero, MOST - zero) + zero;
}

/** The nearest whole number from `least` to `most`; of NaN the least. */
function nearestWithin(x: number, least: number, most: number): number {
  if (Number.isNaN(x)) return least;
  const bounded = clamp(x, least, most);
  const floor = Math.floor(bounded);
  const rest = bounded - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

export const dynamic: Operators<'DYNAMIC_SCALE' | 'DYNAMIC_ZERO_POINT' | 'DYNAMIC_QUANTIZE'> = {
  DYNAMIC_SCALE: scale,
  DYNAMIC_ZERO_POINT: zeroPoint,
  DYNAMIC_QUANTIZE: quantize,
};
