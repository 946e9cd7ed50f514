/** Weights of few values as nibbles that select sums of int8: `assembly/fully_connected_sum_tables.ts`. */
import { zeroPointOf } from '../../graph/tensor.js';
import { distinctWeights, unitOf } from './product-tables.js';
import type { WeightedLayer } from './weighted-layer.js';

const ENTRIES = 16;
/** A sum is so many times its high part, and the low part that is left. */
const RADIX = 32;

export interface NibbleSums {
  /** Inputs of a group: four of weights of two values, else two. */
  readonly lanes: 4 | 2;
  /** What all weights are multiples of. */
  readonly unit: number;
  /** The code of a weight. */
  codeOf(weight: number): number;
  /** By nibble: [-1 for each unit of a negative weight, by which complements differ from negatives; weight of each lane][16]. */
  readonly patterns: Int16Array;
  /** Groups whose parts 8 bits can sum up, an even number; and those of 16 bits. */
  readonly flush: number;
  readonly most: number;
}

/** null where the layer has weights of too many values, or too large ones. */
export function nibbleSums(layer: WeightedLayer): NibbleSums | null {
  const found = distinctWeights(layer.filter.data, 4);
  if (!found) return null;
  const zero = zeroPointOf(layer.filter);
  const unit = unitOf(found.map((value) => value - zero));
  const values = found.map((value) => (value - zero) / unit);
  const lanes = values.length <= 2 ? 4 : 2;
  const reach = Math.ceil((Math.max(...values.map(Math.abs)) * lanes * 128) / RADIX);
  const flush = Math.floor(128 / Math.max(reach, RADIX / 2) / 2) * 2;
  if (flush === 0) return null;
  const bits = 4 / lanes;
  const weightOf = (nibble: number, lane: number) => values[(nibble >> (lane * bits)) & (2 ** bits - 1)] ?? 0;
  const patterns = new Int16Array((1 + lanes) * ENTRIES);
  for (let nibble = 0; nibble < ENTRIES; nibble++) {
    for (let lane = 0; lane < lanes; lane++) {
      const weight = weightOf(nibble, lane);
      patterns[nibble]! += Math.min(weight, 0);
      patterns[(1 + lane) * ENTRIES + nibble] = weight;
    }
  }
  const codes = new Map(values.map((value, code) => [value * unit, code]));
  const codeOf = (weight: number) => codes.get(weight)!;
  return { lanes, unit, codeOf, patterns, flush, most: Math.floor(2 ** 15 / Math.max(reach, RADIX / 2)) };
}
