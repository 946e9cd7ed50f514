/** Operators over the last dimension. */
import { scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import { inverseSqrtMultiplier } from '../numerics/inverse-sqrt.js';
import { softmaxInt8, softmaxInt16, softmaxRowInt8, softmaxRowInt16 } from '../numerics/softmax.js';
import type { Call, Operators } from './call.js';

/** TFLM `reference/softmax.h`. Only int16 input gives int16 output of scale 2^-15; int8 input may give either type. */
function softmax(call: Call<'SOFTMAX'>): void {
  const x = call.input(0);
  const y = call.output;
  const depth = x.shape.at(-1) ?? 1;
  const { beta } = call.attributes;
  if (x.tensor.format.type === 'int16') {
    const tables = softmaxInt16(beta, scaleOf(x.tensor));
    for (let row = 0; row < x.data.length; row += depth) {
      softmaxRowInt16(x.data, y.data, row, depth, tables);
    }
    return;
  }
  const table = softmaxInt8(beta, scaleOf(x.tensor)).exp;
  const outputBits = y.tensor.format.type === 'int16' ? 16 : 8;
  for (let row = 0; row < x.data.length; row += depth) {
    softmaxRowInt8(x.data, y.data, row, depth, table, outputBits);
  }
}

/** TFLM `reference/integer_ops/l2normalization.h`: output scale 1/128, zero point 0. */
function l2Normalization(call: Call<'L2_NORMALIZATION'>): void {
  const x = call.input(0);
  const y = call.output;
  const depth = x.shape.at(-1) ?? 1;
  const zero = zeroPointOf(x.tensor);
  for (let row = 0; row < x.data.length; row += depth) {
    let squares = 0;
    for (let i = row; i < row + depth; i++) squares += (x.data[i]! - zero) ** 2;
    const { multiplier, shift } = inverseSqrtMultiplier(squares | 0);
    const toOutput = { multiplier, shift: shift + 7 };
    for (let i = row; i < row + depth; i++) {
      y.data[i] = clamp(multiplyByQuantizedMultiplier(x.data[i]! - zero, toOutput), -128, 127);
    }
  }
}

export const rows: Operators<'SOFTMAX' | 'L2_NORMALIZATION'> = {
  SOFTMAX: softmax,
  L2_NORMALIZATION: l2Normalization,
};
