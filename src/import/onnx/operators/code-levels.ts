import type { Clamp } from '../../../graph/ops.js';
import { INTEGER_RANGE } from '../../../graph/tensor.js';
import type { Target } from '../targets.js';
import { integerThresholds } from '../thresholds.js';

/** Codes of more levels are made by a multiplier where that gives them too, of so many by thresholds. */
export const THRESHOLD_LEVELS = 16;

/** Codes as numbers without gaps: those of signs are 0 and 1 here. */
export interface Levels {
  readonly of: (code: number) => number;
  /** How many the type has, less one. */
  readonly reach: number;
  /** The clamp of an operator whose thresholds begin above `least`. */
  readonly clamp: (level: Clamp) => Clamp;
}

export function levelsOf({ format, range }: Target): Levels {
  if (format.type === 'binary')
    return { of: (code) => (code + 1) / 2, reach: 1, clamp: () => INTEGER_RANGE.binary };
  return { of: (code) => code, reach: range.max - range.min, clamp: (level) => level };
}

/** Levels that rise with an integer from `low` to `high`. */
export interface Rising {
  readonly low: number;
  readonly high: number;
  readonly codeOf: (integer: number) => number;
}

/** Least and greatest level of all channels, and of each channel where its levels above the least begin. */
export interface Steps {
  readonly least: number;
  readonly most: number;
  readonly thresholds: readonly Int32Array[];
}

export function stepsOf(target: Target, channels: readonly Rising[]): Steps {
  const level = levelsOf(target);
  let least = Math.min(...channels.map(({ low, codeOf }) => codeOf(low)));
  let most = Math.max(...channels.map(({ high, codeOf }) => codeOf(high)));
  if (target.format.type === 'binary') [least, most] = [0, 1];
  const top = level.of(target.range.max);
  // An operator has at least one threshold.
  if (least === most) [least, most] = most < top ? [least, most + 1] : [least - 1, most];
  const thresholds = channels.map((channel) => integerThresholds(channel.codeOf, channel, { least, most }));
  return { least, most, thresholds };
}
