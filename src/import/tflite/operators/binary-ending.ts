/** How binary convolutions that end in float arithmetic end in integers. */
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
  /** How many sums of all channels have a code that is one off. */
  readonly off: number;
}

/** Larger steps let the integer bias come closer to the real offset. */
const STEPS = [1, 2, 4, 8, 16, 32, 64] as const;

/** Share of the sums whose code may be one off where a multiplier is taken: thresholds of all codes take a kilobyte a channel. */
const TOLERATED = 0.01;

/**
 * The ending that gives every channel's codes for every sum of `bits` signs: multipliers with the smallest step that does. Where none
 * does, the step that misses fewest is taken, if it is off by one in at most 1 % of all sums (`off` says how many), else thresholds, one
 * for each code above the least, which are exact.
 */
export function nearestEnding(
  channels: readonly Codes[],
  bits: number,
  output: Tensor,
  multipliersOf: (scales: readonly number[]) => readonly Multiplier[],
): Ending {
  const positive = channels.every(({ multiplier }) => multiplier > 0);
  const sums = Array.from({ length: bits + 1 }, (_, differing) => bits - 2 * differing);
  const most = TOLERATED * sums.length * channels.length;
  let best: Ending | null = null;
  for (const step of positive ? STEPS : []) {
    const scales = channels.map(({ multiplier }) => Math.fround(multiplier / step));
    const bias = Int32Array.from(channels, ({ offset }) =>
      clamp(Math.round(offset * step), -(2 ** 30), 2 ** 30),
    );
    const multipliers = multipliersOf(scales);
    let off = 0;
    for (const [c, { falls, code }] of channels.entries())
      for (const sum of sums) {
        const distance = code(falls ? -sum : sum) - codeBy(multipliers[c]!, sum * step + bias[c]!, output);
        off += Math.abs(distance) > 1 ? Number.POSITIVE_INFINITY : Math.abs(distance);
      }
    if (off <= most && off < (best?.off ?? Number.POSITIVE_INFINITY))
      best = { step, scales, bias, thresholds: null, clamp: INTEGER_RANGE.int8, off };
    if (off === 0) break;
  }
  return best ?? { step: 1, scales: [1], bias: null, off: 0, ...thresholdsOf(channels, sums.toReversed()) };
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
