/** How binary convolutions that end in float arithmetic end in integers, to the same codes. */
import type { Clamp } from '../../../graph/ops.js';
import { INTEGER_RANGE, type Tensor, zeroPointOf } from '../../../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../../numerics/fixed-point.js';
import type { Multiplier } from '../../../numerics/requantize.js';

/** The codes of one output channel as a monotone function of its sum of signs. */
export interface Codes {
  /** Whether codes fall where sums rise: then its signs are negated. */
  readonly falls: boolean;
  /** Not negative: real value of a step of the sum. */
  readonly multiplier: number;
  /** Real offset in steps of the sum. */
  readonly offset: number;
  readonly code: (sum: number) => number;
}

/** Filters have the values -step and +step; without thresholds, `scales` and `bias` count in steps of 1 / step. */
export interface Ending {
  readonly step: number;
  readonly scales: readonly number[];
  readonly bias: Int32Array | null;
  readonly thresholds: Int32Array | null;
  readonly clamp: Clamp;
}

/** Larger steps let the integer bias come closer to the real offset. */
const STEPS = [1, 2, 4, 8, 16, 32, 64] as const;

/**
 * The ending that gives every channel's codes for every sum of `bits` signs: multipliers with the smallest step that does,
 * else thresholds, one for each code above the least.
 */
export function exactEnding(
  channels: readonly Codes[],
  bits: number,
  output: Tensor,
  multipliersOf: (scales: readonly number[]) => readonly Multiplier[],
): Ending {
  const positive = channels.every(({ multiplier }) => multiplier > 0);
  const sums = Array.from({ length: bits + 1 }, (_, differing) => bits - 2 * differing);
  for (const step of positive ? STEPS : []) {
    const scales = channels.map(({ multiplier }) => Math.fround(multiplier / step));
    const bias = Int32Array.from(channels, ({ offset }) =>
      clamp(Math.round(offset * step), -(2 ** 30), 2 ** 30),
    );
    const multipliers = multipliersOf(scales);
    const equal = channels.every(({ falls, code }, c) =>
      sums.every(
        (sum) => code(falls ? -sum : sum) === codeBy(multipliers[c]!, sum * step + bias[c]!, output),
      ),
    );
    if (equal) return { step, scales, bias, thresholds: null, clamp: INTEGER_RANGE.int8 };
  }
  return { step: 1, scales: [1], bias: null, ...thresholdsOf(channels, sums.toReversed()) };
}

function codeBy(multiplier: Multiplier, accumulator: number, output: Tensor): number {
  const { min, max } = INTEGER_RANGE.int8;
  return clamp(multiplyByQuantizedMultiplier(accumulator, multiplier) + zeroPointOf(output), min, max);
}

/** For each code above the least of all channels the least sum that reaches it. @param sums in rising order */
function thresholdsOf(channels: readonly Codes[], sums: readonly number[]) {
  const codes = channels.map(({ falls, code }) => sums.map((sum) => code(falls ? -sum : sum)));
  const min = Math.min(INTEGER_RANGE.int8.max - 1, ...codes.map((row) => row[0]!));
  const max = Math.max(min + 1, ...codes.map((row) => row.at(-1)!));
  const thresholds = codes.flatMap((row) =>
    Array.from({ length: max - min }, (_, i) => {
      const reached = row.findIndex((code) => code > min + i);
      return reached < 0 ? INTEGER_RANGE.int32.max : sums[reached]!;
    }),
  );
  return {
    thresholds: Int32Array.from(thresholds),
    clamp: { min, max: Math.min(max, INTEGER_RANGE.int8.max) },
  };
}
