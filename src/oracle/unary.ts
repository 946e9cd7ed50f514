/** Element-wise operators of one operand. Zero points of int16 are 0. */
import { INTEGER_RANGE, scaleOf, type Tensor, zeroPointOf } from '../graph/tensor.js';
import { gelu } from '../numerics/activation.js';
import {
  clamp,
  multiplyByQuantizedMultiplier,
  roundingDivideByPOT,
  saturatingDoublingHighMul16,
  saturatingRoundingDoublingHighMul16,
  saturatingShiftLeft16,
} from '../numerics/fixed-point.js';
import * as gemmlowp from '../numerics/gemmlowp.js';
import { roundHalfAway } from '../numerics/requantize.js';
import {
  hardSwishMultipliers,
  leakyReluMultipliers,
  logisticInt8Parameters,
  logisticInt16Parameters,
  quantizeBound,
  reluMultiplier,
  tanhInt16Parameters,
} from '../numerics/scales.js';
import { logisticInt16, tanhInt16 } from '../numerics/sigmoid-table.js';
import type { Call, Operators } from './call.js';

type Unary =
  | 'LOGISTIC'
  | 'TANH'
  | 'HARD_SWISH'
  | 'GELU'
  | 'LEAKY_RELU'
  | 'RELU'
  | 'RELU6'
  | 'RELU_N1_TO_1'
  | 'TABLE';

function forEach(call: Call<Unary>, f: (code: number) => number): void {
  const x = call.input(0).data;
  const y = call.output.data;
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]!);
}

function rangeOf(tensor: Tensor): { readonly min: number; readonly max: number } {
  return INTEGER_RANGE[tensor.format.type === 'int16' ? 'int16' : 'int8'];
}

/** The int8 frame of LOGISTIC and TANH: saturation beyond the radius, else a function of Q4.27 with a Q0.31 result. */
function saturating(call: Call<Unary>, f: (q4: number) => number): void {
  const x = call.input(0).tensor;
  const { input, radius } = logisticInt8Parameters(scaleOf(x));
  const zero = zeroPointOf(x);
  forEach(call, (code) => {
    const value = code - zero;
    if (value <= -radius) return -128;
    if (value >= radius) return 127;
    return clamp(f(multiplyByQuantizedMultiplier(value, input)), -128, 127);
  });
}

/** TFLM `reference/integer_ops/logistic.h`: output scale 1/256 and zero point -128 (int8), 2^-15 and 0 (int16). */
function logistic(call: Call<'LOGISTIC'>): void {
  const x = call.input(0).tensor;
  if (x.format.type === 'int16') {
    const input = logisticInt16Parameters(scaleOf(x));
    forEach(call, (code) => logisticInt16(code, input));
  } else {
    saturating(call, (q4) => roundingDivideByPOT(gemmlowp.logistic(q4, 4), 23) - 128);
  }
}

/** TFLM `reference/integer_ops/tanh.h`: output scale 1/128 (int8), 2^-15 (int16); zero point 0. */
function tanh(call: Call<'TANH'>): void {
  const x = call.input(0).tensor;
  if (x.format.type === 'int16') {
    const input = tanhInt16Parameters(scaleOf(x));
    forEach(call, (code) => tanhInt16(code, input));
  } else {
    saturating(call, (q4) => roundingDivideByPOT(gemmlowp.tanh(q4, 4), 24));
  }
}

/** TFLM `reference/hard_swish.h`: x * relu6(x + 3) / 6 in int16 fixed point. */
function hardSwish(call: Call<'HARD_SWISH'>): void {
  const [x, y] = [call.input(0).tensor, call.output.tensor];
  const { output, reluish } = hardSwishMultipliers(scaleOf(x), scaleOf(y));
  const [zx, zy] = [zeroPointOf(x), zeroPointOf(y)];
  forEach(call, (code) => {
    const hires = (code - zx) * 128;
    const onOutputScale = saturatingRoundingDoublingHighMul16(hires, output.multiplier);
    const shiftLeft = reluish.exponent;
    // The left shift is split: only its last bit may saturate a value that counts.
    let gate = shiftLeft > 0 ? saturatingShiftLeft16(hires, shiftLeft - 1) : hires;
    gate = saturatingRoundingDoublingHighMul16(gate, reluish.multiplier);
    gate = shiftLeft > 0 ? saturatingShiftLeft16(gate, 1) : roundingDivideByPOT(gate, -shiftLeft);
    const zeroToOne = (gate + 2 ** 15) >> 1;
    const product = saturatingDoublingHighMul16(zeroToOne, onOutputScale);
    return clamp(roundingDivideByPOT(product, -output.exponent) + zy, -128, 127);
  });
}

/** TFLM has no GELU; this is its definition here, in binary64. */
function geluOperator(call: Call<'GELU'>): void {
  const [x, y] = [call.input(0).tensor, call.output.tensor];
  const [sx, zx, sy, zy] = [scaleOf(x), zeroPointOf(x), scaleOf(y), zeroPointOf(y)];
  const { min, max } = rangeOf(y);
  forEach(call, (code) =>
    clamp(roundHalfAway(gelu(sx * (code - zx), call.attributes.approximate) / sy) + zy, min, max),
  );
}

/** TFLM `reference/leaky_relu.h`. */
function leakyRelu(call: Call<'LEAKY_RELU'>): void {
  const [x, y] = [call.input(0).tensor, call.output.tensor];
  const { identity, alpha, negateAlpha } = leakyReluMultipliers(
    scaleOf(x),
    call.attributes.alpha,
    scaleOf(y),
  );
  const [zx, zy] = [zeroPointOf(x), zeroPointOf(y)];
  const { min, max } = rangeOf(y);
  forEach(call, (code) => {
    const value = code - zx;
    if (value >= 0) return clamp(multiplyByQuantizedMultiplier(value, identity) + zy, min, max);
    const scaled = multiplyByQuantizedMultiplier(value, alpha);
    return clamp((negateAlpha ? -scaled : scaled) + zy, min, max);
  });
}

/** TFLM `micro/kernels/activations.h`, ReluQuantized: rescales and clamps at the output's code of `low` (and `high`). */
function rescaledRelu(call: Call<'RELU' | 'RELU_N1_TO_1'>, low: number, high: number | null): void {
  const [x, y] = [call.input(0).tensor, call.output.tensor];
  const multiplier = reluMultiplier(scaleOf(x), scaleOf(y));
  const [zx, zy] = [zeroPointOf(x), zeroPointOf(y)];
  const range = rangeOf(y);
  const min = Math.max(range.min, quantizeBound(low, scaleOf(y), zy));
  const max = high === null ? range.max : Math.min(range.max, quantizeBound(high, scaleOf(y), zy));
  forEach(call, (code) => clamp(multiplyByQuantizedMultiplier(code - zx, multiplier) + zy, min, max));
}

/** TFLM `micro/kernels/activations.h`, Relu6Quantized: clamps the input's code; the output's scale plays no part. */
function relu6(call: Call<'RELU6'>): void {
  const x = call.input(0).tensor;
  const range = rangeOf(x);
  const zero = zeroPointOf(x);
  const six = clamp(quantizeBound(6, scaleOf(x), zero), range.min, range.max);
  forEach(call, (code) => clamp(code, zero, six));
}

export const unary: Operators<Unary> = {
  LOGISTIC: logistic,
  TANH: tanh,
  HARD_SWISH: hardSwish,
  GELU: geluOperator,
  LEAKY_RELU: leakyRelu,
  RELU: (call) => rescaledRelu(call, 0, null),
  RELU6: relu6,
  RELU_N1_TO_1: (call) => rescaledRelu(call, -1, 1),
  TABLE: (call) => forEach(call, (code) => call.attributes.table[code + 128]!),
};
