/**
 * From scales to integer multipliers: the one place that knows in which precision the reference computes each
 * operator's real multiplier. Scales are float32 values; plain arithmetic on them is binary64, `fl` rounds to
 * float32. The oracle and the kernels lower from the same functions. Source: TFLM's Prepare functions, named below.
 */
import { INT32_MAX, multiplyByQuantizedMultiplier } from './fixed-point.js';
import { type Multiplier, quantizeMultiplier, roundHalfAway } from './requantize.js';
import type { SigmoidInput } from './sigmoid-table.js';

const fl = Math.fround;

/** Code of the real value `real`, not clamped: zeroPoint + round(fl(real / scale)). `kernel_util.cc`, Quantize. */
export function quantizeBound(real: number, scale: number, zeroPoint: number): number {
  return zeroPoint + roundHalfAway(fl(real / scale));
}

/** ABSMAX_NORMALIZATION: into how many steps its output's scale divides the absmax. */
export function absmaxSteps(scale: number): number {
  return Math.round(1 / scale);
}

/**
 * CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV: one multiplier a channel, in binary64 even where the filter has a single
 * scale. `kernel_util.cc`, PopulateConvolutionQuantizationParams.
 */
export function convMultipliers(
  inputScale: number,
  filterScales: readonly number[],
  outputScale: number,
  channels: number,
): Multiplier[] {
  const perChannel = filterScales.length > 1;
  return Array.from({ length: channels }, (_, c) =>
    quantizeMultiplier((inputScale * filterScales[perChannel ? c : 0]!) / outputScale),
  );
}

/**
 * FULLY_CONNECTED: one multiplier an output. A filter with one scale has its product rounded to float32, unlike
 * convolutions. `fully_connected_common.cc`.
 */
export function fullyConnectedMultipliers(
  inputScale: number,
  filterScales: readonly number[],
  outputScale: number,
  outputs: number,
): Multiplier[] {
  if (filterScales.length > 1) return convMultipliers(inputScale, filterScales, outputScale, outputs);
  const multiplier = batchMatmulMultiplier(inputScale, filterScales[0]!, outputScale);
  return Array.from({ length: outputs }, () => multiplier);
}

/** BATCH_MATMUL. `kernel_util.cc`, GetQuantizedConvolutionMultipler: the product is float32. */
export function batchMatmulMultiplier(aScale: number, bScale: number, outputScale: number): Multiplier {
  return quantizeMultiplier(fl(aScale * bScale) / outputScale);
}

/** (a << leftShift) and (b << leftShift), times their multipliers, are added; `output` rescales the sum. */
export interface SumParameters {
  readonly leftShift: number;
  readonly input1: Multiplier;
  readonly input2: Multiplier;
  readonly output: Multiplier;
}

function sumLeftShift(type: 'int8' | 'int16'): number {
  return type === 'int16' ? 15 : 20;
}

/** ADD: binary64 throughout. All three real multipliers must be below 1. `add_common.cc`. */
export function addParameters(
  scale1: number,
  scale2: number,
  outputScale: number,
  type: 'int8' | 'int16',
): SumParameters {
  const leftShift = sumLeftShift(type);
  const twiceMax = 2 * Math.max(scale1, scale2);
  return {
    leftShift,
    input1: quantizeMultiplier(scale1 / twiceMax),
    input2: quantizeMultiplier(scale2 / twiceMax),
    output: quantizeMultiplier(twiceMax / (2 ** leftShift * outputScale)),
  };
}

/** SUB: the same quotients in float32. `sub_common.cc`. */
export function subParameters(
  scale1: number,
  scale2: number,
  outputScale: number,
  type: 'int8' | 'int16',
): SumParameters {
  const leftShift = sumLeftShift(type);
  const twiceMax = fl(2 * Math.max(scale1, scale2));
  return {
    leftShift,
    input1: quantizeMultiplier(fl(scale1 / twiceMax)),
    input2: quantizeMultiplier(fl(scale2 / twiceMax)),
    output: quantizeMultiplier(fl(twiceMax / fl(2 ** leftShift * outputScale))),
  };
}

/** MUL, binary64. `mul_common.cc`. */
export function mulMultiplier(scale1: number, scale2: number, outputScale: number): Multiplier {
  return quantizeMultiplier((scale1 * scale2) / outputScale);
}

/** RESCALE: one multiplier a channel, binary64. `scales` are one a channel or one for all. */
export function rescaledMultipliers(
  inputScale: number,
  factorScale: number,
  scales: ArrayLike<number>,
  outputScale: number,
): Multiplier[] {
  return Array.from(scales, (scale) => quantizeMultiplier((inputScale * factorScale * scale) / outputScale));
}

/** From one scale to another, binary64: QUANTIZE between integers, SUM, the positive half of PRELU. */
export function rescaleMultiplier(inputScale: number, outputScale: number): Multiplier {
  return quantizeMultiplier(inputScale / outputScale);
}

/** `identity` for x >= 0, `alpha` for (x * alpha) of negative x. `prelu_common.cc`, binary64. */
export function preluMultipliers(
  inputScale: number,
  alphaScale: number,
  outputScale: number,
): { readonly identity: Multiplier; readonly alpha: Multiplier } {
  return {
    identity: rescaleMultiplier(inputScale, outputScale),
    alpha: mulMultiplier(inputScale, alphaScale, outputScale),
  };
}

/**
 * LEAKY_RELU, float32: `identity` for x >= 0, `alpha` for negative x, whose result is negated where alpha is negative.
 * `leaky_relu_common.cc`.
 */
export function leakyReluMultipliers(
  inputScale: number,
  alpha: number,
  outputScale: number,
): { readonly identity: Multiplier; readonly alpha: Multiplier; readonly negateAlpha: boolean } {
  const slope = fl(fl(inputScale * alpha) / outputScale);
  return {
    identity: reluMultiplier(inputScale, outputScale),
    alpha: quantizeMultiplier(Math.abs(slope)),
    negateAlpha: slope < 0,
  };
}

/** RELU, float32 quotient. `activations_common.cc`, CalculateReluOpData. */
export function reluMultiplier(inputScale: number, outputScale: number): Multiplier {
  return quantizeMultiplier(fl(inputScale / outputScale));
}

/** A 16-bit multiplier in Q15 and the power of two that goes with it (`exponent` > 0 is a left shift). */
export interface Multiplier16 {
  readonly multiplier: number;
  readonly exponent: number;
}

function multiplier16(real: number): Multiplier16 {
  const { multiplier, shift } = quantizeMultiplier(real);
  const saturates = multiplier >= INT32_MAX - 2 ** 15;
  return { multiplier: saturates ? 32767 : (multiplier + 2 ** 15) >> 16, exponent: shift };
}

/** HARD_SWISH, float32 quotients. `output.exponent` must not be above 0. `hard_swish_common.cc`. */
export function hardSwishMultipliers(
  inputScale: number,
  outputScale: number,
): { readonly output: Multiplier16; readonly reluish: Multiplier16 } {
  const hiresInputScale = fl(inputScale / 128);
  return {
    output: multiplier16(fl(hiresInputScale / outputScale)),
    reluish: multiplier16(fl(hiresInputScale / fl(3 / 32768))),
  };
}

/** SVDF, float32 products. `svdf_common.cc`. */
export function svdfMultipliers(
  inputScale: number,
  weightsFeatureScale: number,
  stateScale: number,
  weightsTimeScale: number,
  outputScale: number,
): { readonly feature: Multiplier; readonly time: Multiplier } {
  return {
    feature: quantizeMultiplier(fl(fl(inputScale * weightsFeatureScale) / stateScale)),
    time: quantizeMultiplier(fl(fl(stateScale * weightsTimeScale) / outputScale)),
  };
}

/**
 * MEAN over `count` elements: the sum's multiplier with 1/count folded in, truncated. Its multiplier may lie below 2^30.
 * `reference/reduce.h`, QuantizedMeanOrSum.
 */
export function meanMultiplier(inputScale: number, outputScale: number, count: number): Multiplier {
  const { multiplier, shift } = rescaleMultiplier(inputScale, outputScale);
  const extra = Math.min(31 - Math.clz32(count), 32, 31 + shift);
  return {
    multiplier: Number((BigInt(multiplier) << BigInt(extra)) / BigInt(count)),
    shift: shift - extra,
  };
}

/** LOGISTIC and TANH on int8: x * scale in Q4.27, and the |x| from which on the result saturates. */
export interface SaturatingInput {
  readonly input: Multiplier;
  readonly radius: number;
}

/** `logistic_common.cc`, `tanh.cc`, binary64. */
export function logisticInt8Parameters(inputScale: number): SaturatingInput {
  const input = quantizeMultiplier(inputScale * 2 ** 27);
  return { input, radius: Math.floor((15 * 2 ** 27) / 2 ** input.shift) };
}

/** log2 of a scale that is within 0.001 of a power of two in its logarithm, else null (`CheckedLog2`). */
function nearPowerOfTwo(scale: number): number | null {
  const log = Math.log2(scale);
  const rounded = Math.round(log);
  return Math.abs(log - rounded) < 1e-3 ? rounded : null;
}

/** LOGISTIC on int16: scale 2^-12 goes straight into the table's unit, others by a 15-bit multiplier. */
export function logisticInt16Parameters(inputScale: number): SigmoidInput {
  return nearPowerOfTwo(inputScale) === -12 ? { multiplier: 3, shift: 0 } : generalSigmoidInput(inputScale);
}

/** TANH on int16: as LOGISTIC, and scale 2^-11 is direct too. */
export function tanhInt16Parameters(inputScale: number): SigmoidInput {
  const log = nearPowerOfTwo(inputScale);
  if (log === -12) return { multiplier: 3, shift: 0 };
  return log === -11 ? { multiplier: 6, shift: 0 } : generalSigmoidInput(inputScale);
}

function generalSigmoidInput(inputScale: number): SigmoidInput {
  let multiplier = inputScale * 4096 * 3;
  let shift = 0;
  while (multiplier <= 32767 / 2 && shift <= 30) {
    multiplier *= 2;
    shift++;
  }
  return { multiplier: Math.trunc(multiplier), shift };
}

/** One ADD or SUB: `sign` is 1 or -1; the operands are codes less their zero points. Not clamped, no zero point. */
export function scaledSum(a: number, b: number, sign: 1 | -1, p: SumParameters): number {
  const scaled1 = multiplyByQuantizedMultiplier(a << p.leftShift, p.input1);
  const scaled2 = multiplyByQuantizedMultiplier(b << p.leftShift, p.input2);
  return multiplyByQuantizedMultiplier((scaled1 + sign * scaled2) | 0, p.output);
}
