/**
 * SOFTMAX's tables and arithmetic. TFLM `kernels/internal/reference/softmax.h`, `micro/kernels/softmax_common.cc`.
 */
import { exp } from './activation.js';
import {
  clamp,
  multiplyByQuantizedMultiplier,
  roundingDivideByPOT,
  saturatingRoundingDoublingHighMul,
} from './fixed-point.js';
import { expOnNegativeValues, oneOverOnePlus } from './gemmlowp.js';
import { interpolatedTable, lookUpInterpolated } from './interpolated-table.js';
import { type Multiplier, quantizeMultiplier } from './requantize.js';

/** Integer bits of the exponent's argument and of the sum of exponentials. */
const DIFFERENCE_BITS = 5;
const SUM_BITS = 12;

export interface SoftmaxInt8 {
  /** A difference in code, times this, is the exponent's argument in Q5.26. */
  readonly input: Multiplier;
  /** Differences below it count as exp = 0. */
  readonly diffMin: number;
  /** exp(-d codes) in Q0.31 by d = 0..255; 0 where -d < diffMin. */
  readonly exp: Int32Array;
}

/** Parameters and table of an int8 SOFTMAX. `beta * inputScale * 2^26` must be above 1. */
export function softmaxInt8(beta: number, inputScale: number): SoftmaxInt8 {
  const real = Math.min(beta * inputScale * 2 ** (31 - DIFFERENCE_BITS), 2 ** 31 - 1);
  const input = quantizeMultiplier(real);
  const radius = (2 ** DIFFERENCE_BITS - 1) * 2 ** (31 - DIFFERENCE_BITS);
  const diffMin = 0 - Math.floor(radius / 2 ** input.shift);
  const table = Int32Array.from({ length: 256 }, (_, d) =>
    -d < diffMin ? 0 : expOnNegativeValues(multiplyByQuantizedMultiplier(-d, input), DIFFERENCE_BITS),
  );
  return { input, diffMin, exp: table };
}

/** 1 / sum for a sum in Q12.19, as scale * 2^-bitsOverUnit with scale in Q0.31 (`GetReciprocal`). */
export function reciprocalOfSum(sum: number): { scale: number; bitsOverUnit: number } {
  const headroom = Math.clz32(sum);
  const mantissa = (sum << headroom) ^ 0x80000000;
  return { scale: oneOverOnePlus(mantissa), bitsOverUnit: SUM_BITS - headroom };
}

/**
 * One row of int8 codes to int8 codes (scale 1/256, zero point -128) or int16 codes (1/65536, -32768).
 * @param at element `from + i` of the row, for i < depth
 */
export function softmaxRowInt8(
  x: ArrayLike<number>,
  y: { [i: number]: number },
  from: number,
  depth: number,
  table: Int32Array,
  outputBits: 8 | 16,
): void {
  let max = -128;
  for (let i = from; i < from + depth; i++) max = Math.max(max, x[i]!);
  let sum = 0;
  for (let i = from; i < from + depth; i++)
    sum = (sum + roundingDivideByPOT(table[max - x[i]!]!, SUM_BITS)) | 0;
  const { scale, bitsOverUnit } = reciprocalOfSum(sum);
  const exponent = bitsOverUnit + 31 - outputBits;
  const min = -(2 ** (outputBits - 1));
  for (let i = from; i < from + depth; i++) {
    const value = saturatingRoundingDoublingHighMul(scale, table[max - x[i]!]!);
    // The reference stops where the sum is so large; less than half a code is left of each.
    const share = exponent > 31 ? 0 : roundingDivideByPOT(value, exponent);
    y[i] = clamp(share + min, min, -min - 1);
  }
}

export interface SoftmaxInt16 {
  /** A difference in code, times this, is the exponent's argument in 1/6553.5. */
  readonly input: Multiplier;
  /** exp over [-10, 0] and 1/(1+x) over [0, 1]; 513 entries each, for interpolation. */
  readonly exp: Int16Array;
  readonly oneOverOnePlus: Int16Array;
}

/** Parameters and tables of an int16 SOFTMAX (output scale 2^-15). */
export function softmaxInt16(beta: number, inputScale: number): SoftmaxInt16 {
  const fl = Math.fround;
  const outputScale = fl(2 / 65535);
  return {
    input: quantizeMultiplier((inputScale * beta) / (10 / 65535)),
    exp: interpolatedTable(fl(10 / 65535), 32767, outputScale, (x) => fl(exp(x))),
    oneOverOnePlus: interpolatedTable(fl(1 / 65535), -32768, outputScale, (x) => fl(1 / fl(1 + x))),
  };
}

/** One row of int16 codes to int16 codes of scale 2^-15. */
export function softmaxRowInt16(
  x: ArrayLike<number>,
  y: { [i: number]: number },
  from: number,
  depth: number,
  tables: SoftmaxInt16,
): void {
  let max = -32768;
  for (let i = from; i < from + depth; i++) max = Math.max(max, x[i]!);
  let sum = 0;
  for (let i = from; i < from + depth; i++) {
    const scaled = multiplyByQuantizedMultiplier(x[i]! - max, tables.input);
    const e = lookUpInterpolated(tables.exp, clamp(scaled + 32767, -32768, 32767));
    y[i] = e;
    sum += e;
  }
  const headroomPlusOne = Math.clz32(sum);
  const shiftedSum = Math.floor((sum * 2 ** (headroomPlusOne - 1) + 2 ** 13) / 2 ** 14);
  const argument = clamp(shiftedSum - (2 ** 15 + 2 ** 16), -32768, 32767);
  const reciprocal = lookUpInterpolated(tables.oneOverOnePlus, argument);
  const rightShift = 31 - headroomPlusOne;
  for (let i = from; i < from + depth; i++) {
    const product = y[i]! * reciprocal;
    y[i] = clamp(Math.floor((product + 2 ** (rightShift - 1)) / 2 ** rightShift), 0, 32767);
  }
}
