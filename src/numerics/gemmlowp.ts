/**
 * Fixed-point exp, logistic and tanh on int32, bit for bit those of gemmlowp's `fixedpoint/fixedpoint.h`. A value in
 * Qm.n is an integer whose unit is 2^-n, with m + n = 31. They run at build time only, to fill tables.
 */
import {
  INT32_MAX,
  saturatingRoundingDoublingHighMul as multiply,
  roundingDivideByPOT,
  saturatingShiftLeft,
} from './fixed-point.js';

/** exp(-2^e) in Q0.31 by e = -2, -1, ... 4. */
const EXP_OF_NEGATIVE_POWERS = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];
const EXP_OF_MINUS_ONE_EIGHTH = 1895147668;
const ONE_THIRD = 715827883;
/** 48/17 and -32/17 in Q2.29: the linear first guess of 1/x on [1/2, 1] with the least error. */
const FORTY_EIGHT_OVER_17 = 1515870810;
const NEGATIVE_32_OVER_17 = -1010580540;
const ONE_Q2 = 2 ** 29;

/** exp(a) in Q0.31 for a in Q0.31, -1/4 <= a < 0: Taylor series of order 4 around -1/8. */
function expFromMinusOneQuarterToZero(a: number): number {
  const x = (a + 2 ** 28) | 0;
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x4 = multiply(x2, x2);
  const x4Over24PlusX3Over6 = multiply((roundingDivideByPOT(x4, 2) + x3) | 0, ONE_THIRD);
  const higherTerms = roundingDivideByPOT((x4Over24PlusX3Over6 + x2) | 0, 1);
  return (EXP_OF_MINUS_ONE_EIGHTH + multiply(EXP_OF_MINUS_ONE_EIGHTH, (x + higherTerms) | 0)) | 0;
}

/**
 * exp(a) in Q0.31 for a <= 0 with `integerBits` (at most 5) integer bits: a is split into a multiple of 1/4, whose set
 * bits each multiply a constant, and a rest in [-1/4, 0).
 */
export function expOnNegativeValues(a: number, integerBits: number): number {
  if (a === 0) return INT32_MAX;
  const fractionalBits = 31 - integerBits;
  const quarter = 2 ** (fractionalBits - 2);
  const rest = (a & (quarter - 1)) - quarter;
  const multiples = (rest - a) | 0;
  let result = expFromMinusOneQuarterToZero(saturatingShiftLeft(rest, integerBits));
  EXP_OF_NEGATIVE_POWERS.forEach((factor, i) => {
    const exponent = i - 2;
    if (integerBits > exponent && multiples & (1 << (fractionalBits + exponent))) {
      result = multiply(result, factor);
    }
  });
  return result;
}

/** 2 / (1 + a) in Q2.29 for a in Q0.31, 0 <= a < 1: three Newton-Raphson steps for 1 / ((1 + a) / 2). */
function twoOverOnePlus(a: number): number {
  const halfDenominator = Math.floor((a + 2 ** 31) / 2);
  let x = (FORTY_EIGHT_OVER_17 + multiply(halfDenominator, NEGATIVE_32_OVER_17)) | 0;
  for (let i = 0; i < 3; i++) {
    const error = (ONE_Q2 - multiply(halfDenominator, x)) | 0;
    x = (x + saturatingShiftLeft(multiply(x, error), 2)) | 0;
  }
  return x;
}

/** 1 / (1 + a) in Q0.31 for a in Q0.31, 0 <= a < 1. */
export function oneOverOnePlus(a: number): number {
  return saturatingShiftLeft(twoOverOnePlus(a), 1);
}

/** (1 - a) / (1 + a) in Q0.31 for a in Q0.31, 0 <= a < 1. */
function oneMinusOverOnePlus(a: number): number {
  return saturatingShiftLeft((twoOverOnePlus(a) - ONE_Q2) | 0, 2);
}

/** 1 / (1 + exp(-a)) in Q0.31. */
export function logistic(a: number, integerBits: number): number {
  if (a === 0) return 2 ** 30;
  const ofMagnitude = oneOverOnePlus(expOnNegativeValues(-Math.abs(a), integerBits));
  return a > 0 ? ofMagnitude : INT32_MAX - ofMagnitude;
}

/** tanh(a) in Q0.31; `integerBits` at most 4. */
export function tanh(a: number, integerBits: number): number {
  if (a === 0) return 0;
  const ofMagnitude = oneMinusOverOnePlus(expOnNegativeValues(-Math.abs(a), integerBits + 1));
  return a > 0 ? ofMagnitude : -ofMagnitude;
}
