import type { Clamp, OpKind } from '../graph/ops.js';
import { zeroPointOf } from '../graph/tensor.js';
import {
  clamp,
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplier64,
} from '../numerics/fixed-point.js';
import type { Multiplier } from '../numerics/requantize.js';
import type { Call, Operand } from './call.js';

/** From an exact sum of products of output channel `c` to the output's code. */
export type Requantizer = (sum: number, c: number) => number;

/**
 * How weighted sums end: bias, multiplier, zero point, clamp. int16 activations accumulate in 64 bits and use MBQM64,
 * unless their bias is int32; all others accumulate in int32 (`conv.cc`, `fully_connected.cc`). Sums of real numbers end by bias and clamp,
 * rounded to float32 as they are stored.
 * @param biasIndex position of the bias among the inputs
 */
export function requantizer<K extends OpKind>(
  call: Call<K>,
  biasIndex: number,
  multipliers: () => readonly Multiplier[],
  bounds: Clamp,
): Requantizer {
  const bias = call.bias(biasIndex);
  if (call.output.tensor.format.type === 'float32')
    return (sum, c) => clamp(sum + (bias?.[c] ?? 0), bounds.min, bounds.max);
  const scales = multipliers();
  const zero = zeroPointOf(call.output.tensor);
  const wide = call.input(0).tensor.format.type === 'int16' && !(bias instanceof Int32Array);
  const scale = wide
    ? multiplyByQuantizedMultiplier64
    : (sum: number, m: Multiplier) => multiplyByQuantizedMultiplier(sum | 0, m);
  return (sum, c) => {
    const biased = sum + (bias?.[c] ?? 0);
    return clamp(scale(biased, scales[c]!) + zero, bounds.min, bounds.max);
  };
}

/** From an accumulator to clamp.min and the count of its channel's thresholds that it reaches. */
export function byThresholds({ tensor }: Operand, { shape, data }: Operand, bounds: Clamp): Requantizer {
  const steps = shape[1]!;
  const height = tensor.format.type === 'binary' ? 2 : 1;
  return (accumulator, c) => {
    const row = data.subarray(c * steps, (c + 1) * steps);
    return bounds.min + height * row.filter((threshold) => accumulator >= threshold).length;
  };
}

/**
 * How CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED end (`docs/formats.md`): by thresholds where there are any, as the int32
 * accumulator where the output is int32, else by `multipliers`.
 */
export function ending(
  call: Call<'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'FULLY_CONNECTED'>,
  multipliers: () => readonly Multiplier[],
): Requantizer {
  const { type } = call.output.tensor.format;
  const { clamp: bounds } = call.attributes;
  const bias = call.bias(2);
  const thresholds = call.inputs[3];
  const accumulate = (sum: number, c: number) => (sum + (bias?.[c] ?? 0)) | 0;
  if (thresholds) {
    const codeOf = byThresholds(call.output, thresholds, bounds);
    return (sum, c) => codeOf(accumulate(sum, c), c);
  }
  if (type === 'int32') return accumulate;
  return requantizer(call, 2, multipliers, bounds);
}
