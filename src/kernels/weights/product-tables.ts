/** Products of packed activations and weights of few values as tables: `assembly/product_tables.ts`. */
import { type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import { greatestCommonDivisor } from '../../numerics/divisor.js';
import { bitsOf } from './ending.js';
import { type WeightedLayer, weightAt } from './weighted-layer.js';

/** Bits of activations that select a table, and of weights that select its entry. */
const GROUP_BITS = 4;
const ENTRIES = 2 ** GROUP_BITS;

export interface ProductTables {
  /** [bits of activations][bits of weights], in units. */
  readonly entries: Int8Array;
  /** By bits of weights: what entries lack. */
  readonly middles: readonly number[];
  /** What all weights are multiples of. */
  readonly unit: number;
  /** Values of weights by code. */
  readonly values: readonly number[];
  /** Bits of an activation, and of a weight's code. */
  readonly bits: number;
  /** Elements of a group. */
  readonly lanes: number;
  /** Entries that 8 bits can sum up, whatever the activations are. */
  readonly flush: number;
  /** Entries that 16 bits can sum up, a multiple of `flush`. */
  readonly chunk: number;
  /** Set where an entry of two elements can be a byte: `assembly/pair_tables.ts`. */
  readonly pairs: PairTables | null;
}

/** Entries as `least + step * nibble`, of which three sum up to a nibble. */
export interface PairTables {
  readonly nibbles: Int8Array;
  readonly least: number;
  readonly step: number;
  /** Nibbles that 8 bits can sum up, a multiple of three, and that 16 bits can. */
  readonly flush: number;
  readonly most: number;
}

/** Entries that are added before the nibbles of their sum part. */
export const ADDED = 3;

function pairTables(entries: readonly number[]): PairTables | null {
  const least = Math.min(...entries);
  const step = unitOf(entries.map((entry) => entry - least));
  const nibbles = Int8Array.from(entries, (entry) => (entry - least) / step);
  const range = Math.max(...nibbles, 1);
  if (ADDED * range > 15) return null;
  return {
    nibbles,
    least,
    step,
    flush: ADDED * Math.floor(255 / (ADDED * range)),
    most: Math.floor(32767 / range),
  };
}

/** The tables of a layer, or null where it has none: weights of too many values, or too large ones. */
export function productTables(layer: WeightedLayer): ProductTables | null {
  const bits = bitsOf(layer.input);
  if (bits > GROUP_BITS) return null;
  const zero = zeroPointOf(layer.filter);
  const values = distinctWeights(layer.filter.data, 2 ** bits)?.map((value) => value - zero);
  if (!values) return null;
  const unit = unitOf(values);
  const lanes = GROUP_BITS / bits;
  const product = (activations: number, weights: number) => {
    let sum = 0;
    for (let bit = 0; bit < GROUP_BITS; bit += bits) {
      const mask = 2 ** bits - 1;
      sum += storedValue((activations >> bit) & mask, bits) * (values[(weights >> bit) & mask] ?? 0);
    }
    return sum / unit;
  };
  const codes = Array.from({ length: ENTRIES }, (_, i) => i);
  const middles = codes.map((w) => {
    const column = codes.map((a) => product(a, w));
    return Math.floor((Math.min(...column) + Math.max(...column)) / 2);
  });
  const entries = codes.flatMap((a) => codes.map((w) => product(a, w) - middles[w]!));
  const [low, high] = [Math.min(...entries), Math.max(...entries)];
  const flush = Math.min(Math.floor(-128 / Math.min(low, -1)), Math.floor(127 / Math.max(high, 1)));
  if (flush < 1) return null;
  const chunk = Math.floor(32767 / Math.max(-low, high, 1) / flush) * flush;
  return {
    entries: Int8Array.from(entries),
    middles,
    unit,
    values,
    bits,
    lanes,
    flush,
    chunk,
    pairs: pairTables(entries),
  };
}

/** What a stored activation stands for. */
export function storedValue(stored: number, bits: number): number {
  return bits === 1 ? 1 - 2 * stored : stored;
}

/** The values that occur, in rising order; null where there are more than `most`. */
export function distinctWeights(data: TypedArray, most: number): number[] | null {
  const found = new Set<number>();
  for (const value of data) {
    found.add(Number(value));
    if (found.size > most) return null;
  }
  return [...found].sort((a, b) => a - b);
}

/** What all `values` are multiples of. */
export function unitOf(values: readonly number[]): number {
  return values.reduce((divisor, value) => greatestCommonDivisor(Math.abs(value), divisor), 0) || 1;
}

/** A layer's weights as entries of its tables. */
export interface TableCodes {
  /** Groups of a tap, whose last one may not be full. */
  readonly tapGroups: number;
  readonly groups: number;
  /** Entry by channel and group. */
  at(channel: number, group: number): number;
  /**
   * What a sum lacks of `sum(x * weight)`, stored codes taken for what they stand for: the middles that entries lack, less what
   * elements bring that fill up groups.
   */
  lacking(channel: number): number;
}

/** @param taps of a window @param depth channels of a tap */
export function tableCodes(
  layer: WeightedLayer,
  tables: ProductTables,
  taps: number,
  depth: number,
): TableCodes {
  const { values, bits, lanes, middles, unit } = tables;
  const codeOf = new Map(values.map((value, code) => [value, code]));
  const tapGroups = Math.ceil(depth / lanes);
  const at = (channel: number, group: number) => {
    const [tap, first] = [Math.floor(group / tapGroups), (group % tapGroups) * lanes];
    let entry = 0;
    for (let i = 0; i < lanes && first + i < depth; i++)
      entry |= codeOf.get(weightAt(layer, channel, tap * depth + first + i))! << (i * bits);
    return entry;
  };
  const groups = taps * tapGroups;
  const filling = taps * (tapGroups * lanes - depth) * storedValue(0, bits) * values[0]!;
  const lacking = (channel: number) => {
    let sum = 0;
    for (let group = 0; group < groups; group++) sum += middles[at(channel, group)]!;
    return sum * unit - filling;
  };
  return { tapGroups, groups, at, lacking };
}
