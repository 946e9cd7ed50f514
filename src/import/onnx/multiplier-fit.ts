/** Sums whose codes a multiplier and a bias give, as thresholds would or nearly so. */
import { INTEGER_RANGE } from '../../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../numerics/fixed-point.js';
import { convMultipliers } from '../../numerics/scales.js';
import { integerThresholds } from './thresholds.js';

/** The codes of one output channel as a function of its accumulator, which never falls. */
export interface ChannelCodes {
  /** Ends of the accumulator. */
  readonly low: number;
  readonly high: number;
  readonly codeOf: (accumulator: number) => number;
  /** The code before it is rounded and clipped, in real numbers. */
  readonly placeOf: (accumulator: number) => number;
}

/** What the layer's codes must be. */
export interface Wanted {
  readonly channels: readonly ChannelCodes[];
  /** Least and greatest code of all channels. */
  readonly least: number;
  readonly most: number;
  readonly inputScale: number;
  readonly output: { readonly scale: number; readonly zeroPoint: number };
  /** Greatest magnitude of a weight. */
  readonly greatest: number;
}

export interface MultiplierEnding {
  /** Factor of weights and accumulators: larger ones let the integer bias come closer. */
  readonly step: number;
  /** Filter scale of each channel. */
  readonly scales: readonly number[];
  readonly bias: Int32Array;
  /** The share of sums whose code is one more or less than it should be. */
  readonly off: number;
}

/** Share of sums that may have a code one off; where more would, thresholds are worth their bytes. */
export const MAX_OFF = 0.01;

const STEPS = [1, 2, 4, 8, 16, 32, 64] as const;

/** Weights stay int8, accumulators with the bias below the end of int32 by what the output's zero point may add. */
const MAX_WEIGHT = 127;
const MAX_ACCUMULATOR = 2 ** 30;

/**
 * The ending with the smallest step that gives every code, else that with the fewest codes off, few and none by more than one; null where
 * there is none.
 * @param thresholds of each channel for the codes above `least` to `most`
 */
export function multiplierEnding(wanted: Wanted, thresholds: readonly Int32Array[]): MultiplierEnding | null {
  // The multiplier of a single channel is rounded as the layer's kind wants it.
  if (wanted.channels.length < 2) return null;
  let near: MultiplierEnding | null = null;
  for (const step of STEPS) {
    if (wanted.greatest * step > MAX_WEIGHT) break;
    const ending = fitted(wanted, thresholds, step);
    if (ending?.off === 0) return ending;
    if (ending && ending.off <= Math.min(MAX_OFF, near?.off ?? 1)) near = ending;
  }
  return near;
}

function fitted(wanted: Wanted, thresholds: readonly Int32Array[], step: number): MultiplierEnding | null {
  const { channels, inputScale, output } = wanted;
  const lines = channels.map((channel, c) => lineOf(wanted, channel, thresholds[c]!));
  const scales = lines.map(({ slope }) => Math.fround((slope * output.scale) / (inputScale * step)));
  const bias = lines.map(({ slope, from, to }) => {
    const [lower, upper] = [(from * step) / slope, (to * step) / slope];
    return Math.round((lower + upper) / 2);
  });
  const ends = channels.flatMap(({ low, high }, c) => [low * step + bias[c]!, high * step + bias[c]!]);
  const sound =
    scales.every((scale) => scale > 0 && Number.isFinite(scale)) &&
    [...ends, ...bias].every((end) => Math.abs(end) <= MAX_ACCUMULATOR);
  if (!sound) return null;
  const multipliers = convMultipliers(inputScale, scales, output.scale, scales.length);
  let [differing, all] = [0, 0];
  for (const [c, channel] of channels.entries()) {
    const codeOf = (accumulator: number) =>
      clamp(
        multiplyByQuantizedMultiplier(accumulator * step + bias[c]!, multipliers[c]!) + output.zeroPoint,
        wanted.least,
        wanted.most,
      );
    const made = integerThresholds(codeOf, channel, wanted);
    const count = difference(made, thresholds[c]!, channel);
    if (count === null) return null;
    differing += count;
    all += channel.high - channel.low + 1;
  }
  return { step, scales, bias: Int32Array.from(bias), off: differing / all };
}

interface Line {
  readonly slope: number;
  /** Between which offsets, in codes, the line crosses every code where it should. */
  readonly from: number;
  readonly to: number;
}

/** The line whose rounding has these thresholds, or nearly. */
function lineOf(
  { least, output }: Wanted,
  { low, high, codeOf, placeOf }: ChannelCodes,
  thresholds: Int32Array,
): Line {
  const inside = [...thresholds.entries()].filter(([, sum]) => sum > low && sum <= high);
  const [first, last] = [inside[0]?.[1] ?? 0, (inside.at(-1)?.[1] ?? 0) - 1];
  const span = high - low + 1;
  const slope = last > first ? (placeOf(last) - placeOf(first)) / (last - first) : 0.5 / span;
  if (inside.length === 0) {
    const code = codeOf(low) - output.zeroPoint;
    const middle = -slope * ((low + high) / 2);
    return { slope, from: code + middle, to: code + middle };
  }
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [i, sum] of inside) {
    const border = least + i + 0.5 - output.zeroPoint;
    from = Math.max(from, border - slope * sum);
    to = Math.min(to, border - slope * (sum - 1));
  }
  return { slope, from, to };
}

/** How many sums have another code; null where one is off by more than one. */
function difference(made: Int32Array, wanted: Int32Array, { high }: ChannelCodes): number | null {
  let count = 0;
  for (let i = 0; i < wanted.length; i++) {
    const late = made[i]! > (wanted[i + 1] ?? INTEGER_RANGE.int32.max);
    const early = wanted[i]! > (made[i + 1] ?? INTEGER_RANGE.int32.max);
    if (late || early) return null;
    count += Math.abs(Math.min(made[i]!, high + 1) - Math.min(wanted[i]!, high + 1));
  }
  return count;
}
