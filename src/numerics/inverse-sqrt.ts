import {
  saturatingRoundingDoublingHighMul as multiply,
  roundingDivideByPOT,
  saturatingShiftLeft,
} from './fixed-point.js';
import type { Multiplier } from './requantize.js';

const HALF_SQRT_2 = 1518500250;
/** 1 and 3/2 in Q3.28. */
const ONE = 2 ** 28;
const THREE_HALVES = ONE + ONE / 2;

/**
 * 1 / sqrt(input) as a multiplier, for an int32 input >= 0; 0 counts as 1. Five Newton-Raphson steps in Q3.28 from a
 * power-of-4 scaling. TFLM `kernels/internal/common.h`, GetInvSqrtQuantizedMultiplierExp with reversed shift.
 */
export function inverseSqrtMultiplier(input: number): Multiplier {
  if (input <= 1) return { multiplier: 2 ** 31 - 1, shift: 0 };
  let rightShift = 11;
  let scaled = input;
  while (scaled >= 2 ** 29) {
    scaled = Math.floor(scaled / 4);
    rightShift++;
  }
  const leftShiftPairs = ((Math.clz32(scaled) - 1) >> 1) - 1;
  rightShift -= leftShiftPairs;
  scaled *= 4 ** leftShiftPairs;

  const value = scaled >> 1;
  const half = roundingDivideByPOT(value, 1);
  let x = ONE;
  for (let i = 0; i < 5; i++) {
    const cubed = saturatingShiftLeft(multiply(multiply(x, x), x), 6);
    x = saturatingShiftLeft((multiply(THREE_HALVES, x) - multiply(half, cubed)) | 0, 3);
  }
  const multiplier = multiply(x, HALF_SQRT_2);
  return rightShift < 0
    ? { multiplier: multiplier << -rightShift, shift: 0 }
    : { multiplier, shift: rightShift === 0 ? 0 : -rightShift };
}
