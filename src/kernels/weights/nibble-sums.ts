/** Weights of few values as nibbles that select sums of int8: `assembly/fully_connected_sum_tables.ts`. */
import { zeroPointOf } from '../../graph/tensor.js';
import { distinctWeights, unitOf } from './product-tables.js';
import type { WeightedLayer } from './weighted-layer.js';

const ENTRIES = 16;
/** A sum is so many times its high part, and the low part that is left. */
const RADIX = 32;
/** The ends of what 8 bits hold. */
const [LEAST, MOST] = [-128, 127];

/** Weights are `unit * (first + step * multiple)`. */
export interface NibbleSums {
  /** Inputs of a group: four of weights of two values, else two. */
  readonly lanes: 4 | 2;
  readonly unit: number;
  readonly first: number;
  readonly step: number;
  /** The multiple that tables count from: about in the middle, so that their sums are small. */
  readonly middle: number;
  /** The code of a weight; its multiple where codes can be `multiplied` as they are, four of them in a byte. */
  codeOf(weight: number): number;
  readonly multiplied: boolean;
  /** [lanes][nibbles]: the multiple of a lane's code, less the middle. */
  readonly patterns: Int16Array;
  /** Groups whose parts 8 bits can sum up, an even number; and those of 16 bits. */
  readonly flush: number;
  readonly most: number;
}

/** null where the layer has weights of too many values, or too large ones. */
export function nibbleSums(layer: WeightedLayer): NibbleSums | null {
  const found = distinctWeights(layer.filter.data, 4);
  if (!found) return null;
  const weights = found.map((value) => value - zeroPointOf(layer.filter));
  const unit = unitOf(weights);
  const first = weights[0]! / unit;
  const step = unitOf(weights.map((weight) => weight / unit - first));
  const multipleOf = (weight: number) => (weight / unit - first) / step;
  const lanes = weights.length <= 2 ? 4 : 2;
  const bits = 4 / lanes;
  const last = multipleOf(weights.at(-1)!);
  const multiplied = bits === 2 && last < 2 ** bits;
  const middle = Math.floor(last / 2);
  const parts = partsOf(lanes * -middle, lanes * (last - middle));
  if (parts.flush === 0) return null;
  const places = multiplied ? weights.map(multipleOf) : weights.map((_, i) => i);
  const codes = new Map(weights.map((weight, i) => [weight, places[i]!]));
  const multiples = new Map(weights.map((weight, i) => [places[i]!, multipleOf(weight)]));
  const patterns = new Int16Array(lanes * ENTRIES);
  for (let lane = 0; lane < lanes; lane++) {
    for (let nibble = 0; nibble < ENTRIES; nibble++) {
      const multiple = multiples.get((nibble >> (lane * bits)) & (2 ** bits - 1));
      patterns[lane * ENTRIES + nibble] = multiple === undefined ? 0 : multiple - middle;
    }
  }
  const codeOf = (weight: number) => codes.get(weight)!;
  return { lanes, unit, first, step, middle, codeOf, multiplied, patterns, ...parts };
}

/** What limits the parts of sums of int8 by weights that add up to `least` at least, all of them not above 0, and `most` at most. */
function partsOf(least: number, most: number): { readonly flush: number; readonly most: number } {
  const high = Math.floor(Math.max(most * MOST, least * LEAST) / RADIX);
  const low = Math.floor(Math.min(most * LEAST, least * MOST) / RADIX);
  const lowest = Math.max(RADIX / 2, -low);
  const highest = Math.max(RADIX / 2 - 1, high);
  const fitting = (bits: number) =>
    Math.floor(Math.min(2 ** (bits - 1) / lowest, (2 ** (bits - 1) - 1) / highest));
  return { flush: Math.floor(fitting(8) / 2) * 2, most: fitting(16) };
}
