/**
 * Element-wise operators of one operand, as functions from code to code. The oracle applies them; kernels make tables
 * of them. Zero points of int16 are 0.
 */
import { gelu as realGelu } from './activation.js';
import {
  clamp,
  multiplyByQuantizedMultiplier,
  roundingDivideByPOT,
  roundingDivideByPOT16,
  saturatingDoublingHighMul16,
  saturatingRoundingDoublingHighMul16,
  saturatingShiftLeft16,
} from './fixed-point.js';
import * as gemmlowp from './gemmlowp.js';
import { roundHalfAway } from './requantize.js';
import {
  hardSwishMultipliers,
  leakyReluMultipliers,
  logisticInt8Parameters,
  logisticInt16Parameters,
  quantizeBound,
  reluMultiplier,
  rescaleMultiplier,
  tanhInt16Parameters,
} from './scales.js';
import { logisticInt16, tanhInt16 } from './sigmoid-table.js';

/** A per-tensor format: real = scale * (code - zeroPoint), min <= code <= max. */
export interface Codes {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
}

export type CodeFunction = (code: number) => number;

function isInt16({ max }: Codes): boolean {
  return max === 32767;
}

/** The int8 frame of LOGISTIC and TANH: saturation beyond the radius, else a function of Q4.27 with a Q0.31 result. */
function saturating(x: Codes, f: (q4: number) => number): CodeFunction {
  const { input, radius } = logisticInt8Parameters(x.scale);
  return (code) => {
    const value = code - x.zeroPoint;
    if (value <= -radius) return -128;
    if (value >= radius) return 127;
    return clamp(f(multiplyByQuantizedMultiplier(value, input)), -128, 127);
  };
}

/** TFLM `reference/integer_ops/logistic.h`: output scale 1/256 and zero point -128 (int8), 2^-15 and 0 (int16). */
export function logistic(x: Codes): CodeFunction {
  if (!isInt16(x)) return saturating(x, (q4) => roundingDivideByPOT(gemmlowp.logistic(q4, 4), 23) - 128);
  const input = logisticInt16Parameters(x.scale);
  return (code) => logisticInt16(code, input);
}

/** TFLM `reference/integer_ops/tanh.h`: output scale 1/128 (int8), 2^-15 (int16); zero point 0. */
export function tanh(x: Codes): CodeFunction {
  if (!isInt16(x)) return saturating(x, (q4) => roundingDivideByPOT(gemmlowp.tanh(q4, 4), 24));
  const input = tanhInt16Parameters(x.scale);
  return (code) => tanhInt16(code, input);
}

/** TFLM `reference/hard_swish.h`: x * relu6(x + 3) / 6 in int16 fixed point. */
export function hardSwish(x: Codes, y: Codes): CodeFunction {
  const { output, reluish } = hardSwishMultipliers(x.scale, y.scale);
  return (code) => {
    const hires = (code - x.zeroPoint) * 128;
    const onOutputScale = saturatingRoundingDoublingHighMul16(hires, output.multiplier);
    const shiftLeft = reluish.exponent;
    // The left shift is split: only its last bit may saturate a value that counts.
    let gate = shiftLeft > 0 ? saturatingShiftLeft16(hires, shiftLeft - 1) : hires;
    gate = saturatingRoundingDoublingHighMul16(gate, reluish.multiplier);
    gate = shiftLeft > 0 ? saturatingShiftLeft16(gate, 1) : roundingDivideByPOT16(gate, -shiftLeft);
    const zeroToOne = (gate + 2 ** 15) >> 1;
    const product = saturatingDoublingHighMul16(zeroToOne, onOutputScale);
    return clamp(roundingDivideByPOT16(product, -output.exponent) + y.zeroPoint, -128, 127);
  };
}

/** TFLM has no GELU; this is its definition here, in binary64. */
export function gelu(x: Codes, y: Codes, approximate: boolean): CodeFunction {
  return (code) => {
    const real = realGelu(x.scale * (code - x.zeroPoint), approximate);
    return clamp(roundHalfAway(real / y.scale) + y.zeroPoint, y.min, y.max);
  };
}

/** TFLM `reference/leaky_relu.h`. */
export function leakyRelu(x: Codes, y: Codes, slope: number): CodeFunction {
  const { identity, alpha, negateAlpha } = leakyReluMultipliers(x.scale, slope, y.scale);
  return (code) => {
    const value = code - x.zeroPoint;
    const scaled = multiplyByQuantizedMultiplier(value, value >= 0 ? identity : alpha);
    return clamp((value < 0 && negateAlpha ? -scaled : scaled) + y.zeroPoint, y.min, y.max);
  };
}

/** TFLM `micro/kernels/activations.h`, ReluQuantized: rescales and clamps at the output's code of `low` (and `high`). */
export function rescaledRelu(x: Codes, y: Codes, low: number, high: number | null): CodeFunction {
  const multiplier = reluMultiplier(x.scale, y.scale);
  const min = Math.max(y.min, quantizeBound(low, y.scale, y.zeroPoint));
  const max = high === null ? y.max : Math.min(y.max, quantizeBound(high, y.scale, y.zeroPoint));
  return (code) =>
    clamp(multiplyByQuantizedMultiplier(code - x.zeroPoint, multiplier) + y.zeroPoint, min, max);
}

/** TFLM `micro/kernels/activations.h`, Relu6Quantized: clamps the input's code; the output's scale plays no part. */
export function relu6(x: Codes): CodeFunction {
  const six = clamp(quantizeBound(6, x.scale, x.zeroPoint), x.min, x.max);
  return (code) => clamp(code, x.zeroPoint, six);
}

/** QUANTIZE between integers. TFLM `reference/requantize.h`, whose shortcut of int8 and uint8 gives the same codes. */
export function rescale(x: Codes, y: Codes): CodeFunction {
  const multiplier = rescaleMultiplier(x.scale, y.scale);
  return (code) => {
    const scaled = multiplyByQuantizedMultiplier((code - x.zeroPoint) | 0, multiplier);
    return clamp((scaled + y.zeroPoint) | 0, y.min, y.max);
  };
}
