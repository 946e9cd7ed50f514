/**
 * Logistic and tanh on int16: one table of the sigmoid with linear interpolation.
 * TFLM `kernels/internal/reference/integer_ops/logistic.h` and `tanh.h`.
 */
import { exp } from './activation.js';

/** x * scale in the table's unit (1/12288) is (x * multiplier, rounded) >> shift. */
export interface SigmoidInput {
  readonly multiplier: number;
  readonly shift: number;
}

/** 65536 * sigmoid(i / 24). */
function sigmoid(i: number): number {
  return 65536 / (1 + exp(-i / 24));
}

/**
 * sigmoid(i / 24) in Q0.16, i = 0..255, moved by half of the interpolation's error in the middle of the step that
 * begins there. The last entry ends the last step: all ones. Equal to TFLM's `sigmoid_table_uint16`.
 */
export const SIGMOID_TABLE: Uint16Array = Uint16Array.from({ length: 256 }, (_, i) => {
  if (i === 255) return 65535;
  const middleError = (sigmoid(i) + sigmoid(i + 1)) / 2 - sigmoid(i + 0.5);
  return Math.floor(sigmoid(i) - middleError / 2 + 0.5);
});

function toTableUnit(x: number, { multiplier, shift }: SigmoidInput): number {
  const round = shift > 0 ? 2 ** (shift - 1) : 0;
  return (Math.imul(x, multiplier) + round) >> shift;
}

/** The table at index + fraction / 2^bits, in Q0.(16 + bits). */
function interpolate(index: number, fraction: number, bits: number): number {
  const here = SIGMOID_TABLE[index]!;
  return here * 2 ** bits + fraction * (SIGMOID_TABLE[index + 1]! - here);
}

/** int16 code of logistic(x) with scale 2^-15. */
export function logisticInt16(x: number, input: SigmoidInput): number {
  const value = toTableUnit(x, input);
  const magnitude = Math.abs(value);
  const index = magnitude >> 9;
  const value16 = index >= 255 ? 0x7fff << 10 : interpolate(index, magnitude & 511, 9);
  const rounded = value >= 0 ? value16 + 512 : 2 ** 25 - value16 + 511;
  return rounded >> 10;
}

/** int16 code of tanh(x) = 2 sigmoid(2x) - 1 with scale 2^-15. */
export function tanhInt16(x: number, input: SigmoidInput): number {
  const value = toTableUnit(x, input);
  const magnitude = Math.abs(value);
  const index = magnitude >> 8;
  const value16 = index >= 255 ? 0xffff << 8 : interpolate(index, magnitude & 255, 8);
  const rounded = value >= 0 ? value16 - 2 ** 23 + 128 : -value16 + 2 ** 23 + 127;
  return rounded >> 8;
}
