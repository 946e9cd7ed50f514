/** Weights of two channels in one int16: `assembly/conv_2d_fields.ts`. */
import { BLOCK } from './channels.js';

/** Weights of a pair of inputs of a block. */
const PAIR = 2 * BLOCK;

/** What sums can hold: those of the channels below, and above. */
const LOWER_BITS = 14;
const UPPER_BITS = 32 - LOWER_BITS;

export interface Fields {
  /** What all weights are multiples of. */
  readonly unit: number;
  /** Pairs of inputs whose lower sums fit, whatever the inputs are, and a multiple of it whose upper sums do. */
  readonly stretch: number;
  readonly chunk: number;
}

/** @param filter [blocks][pairs][8][2]; null where weights are not -1, 0 and 1 times a unit */
export function fieldsOf(filter: Int16Array, pairs: number): Fields | null {
  const unit = filter.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1);
  if (filter.some((weight) => weight !== 0 && Math.abs(weight) !== unit)) return null;
  const blocks = filter.length / (pairs * PAIR);
  const reaches = Array.from({ length: blocks }, (_, block) =>
    filter.subarray(block * pairs * PAIR, (block + 1) * pairs * PAIR),
  ).map((weights) => reachesOf(weights, pairs));
  const below = reaches.filter((_, block) => block % 2 === 0).flat();
  const above = reaches.filter((_, block) => block % 2 === 1).flat();
  let stretch = pairs;
  while (!fits(below, stretch, LOWER_BITS)) stretch--;
  let stretches = Math.ceil(pairs / stretch);
  while (!fits(above, stretches * stretch, UPPER_BITS)) stretches--;
  return { unit, stretch, chunk: stretches * stretch };
}

/** What the sums of a channel are at least and at most, by how many pairs of inputs. */
interface Reach {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

function reachesOf(weights: Int16Array, pairs: number): Reach[] {
  return Array.from({ length: BLOCK }, (_, lane) => {
    const [low, high] = [new Int32Array(pairs + 1), new Int32Array(pairs + 1)];
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = [0, 1].map((i) => Math.sign(weights[pair * PAIR + 2 * lane + i]!));
      low[pair + 1] = low[pair]! + leastOf(first!) + leastOf(second!);
      high[pair + 1] = high[pair]! - leastOf(-first!) - leastOf(-second!);
    }
    return { low, high };
  });
}

/** The least product of a code by -1, 0 or 1. */
const leastOf = (weight: number): number => (weight > 0 ? -128 : weight < 0 ? -127 : 0);

/** Whether the sums of each `step` pairs in turn fit in so many bits. */
function fits(reaches: readonly Reach[], step: number, bits: number): boolean {
  return reaches.every(({ low, high }) => {
    for (let from = 0; from < low.length - 1; from += step) {
      const to = Math.min(low.length - 1, from + step);
      if (low[to]! - low[from]! < -(2 ** (bits - 1)) || high[to]! - high[from]! >= 2 ** (bits - 1))
        return false;
    }
    return true;
  });
}
