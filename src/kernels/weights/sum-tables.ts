/** Weights of two or three values as bytes that select sums of activations: `codegen/c/kernels/octet_tables.h`. */
import type { Tensor, TypedArray } from '../../graph/tensor.js';
import { zeroPointOf } from '../../graph/tensor.js';
import { greatestCommonDivisor } from '../../numerics/divisor.js';
import { accumulatorRange, type InputRange } from './accumulator-bound.js';
import type { FilterRows } from './linear.js';

/** How weights lie in bytes: `group` digits to the base `levels` a byte, the first one lowest. */
export interface BytePacking {
  readonly levels: 2 | 3;
  readonly group: number;
}

/** Values `unit * (first + step * code)`, seen from the filter's zero point, with codes below `levels`. */
export interface FewValues {
  readonly levels: number;
  readonly unit: number;
  readonly first: number;
  readonly step: number;
}

/** What a filter's values are, or null where there are more than three, or three that are not evenly spaced. */
export function fewValues(filter: Tensor & { readonly data: TypedArray }): FewValues | null {
  const found: number[] = [];
  for (let i = 0; i < filter.data.length; i++) {
    const value = Number(filter.data[i]);
    if (!found.includes(value) && found.push(value) > 3) return null;
  }
  const zero = zeroPointOf(filter);
  const values = found.map((value) => value - zero).sort((a, b) => a - b);
  const [first = 0, second = first + 1, third] = values;
  const step = second - first;
  if (third !== undefined && third - second !== step) return null;
  const unit = greatestCommonDivisor(Math.abs(first), step);
  return { levels: Math.max(2, values.length), unit, first: first / unit, step: step / unit };
}

/** The largest magnitude of a value, in units. */
export function reachOfValues({ levels, first, step }: FewValues): number {
  return Math.max(Math.abs(first), Math.abs(first + (levels - 1) * step));
}

/** Entries of a table. */
export function entriesOf({ levels, group }: BytePacking): number {
  return levels ** group;
}

/**
 * The bytes, [blocks of groups][channels][groups of the block]; what a row lacks to its last byte has code 0, for activations that
 * are 0.
 * @param blocks numbers of groups
 */
export function packTableBytes(
  { data }: { readonly data: TypedArray },
  zeroPoint: number,
  rows: FilterRows,
  values: FewValues,
  { levels, group }: BytePacking,
  blocks: readonly number[],
): Uint8Array {
  const codeAt = (c: number, tap: number) =>
    tap < rows.count
      ? ((Number(data[rows.start(c) + tap * rows.step]) - zeroPoint) / values.unit - values.first) /
        values.step
      : 0;
  const byteAt = (c: number, g: number) => {
    let byte = 0;
    for (let i = group - 1; i >= 0; i--) byte = byte * levels + codeAt(c, g * group + i);
    return byte;
  };
  const bytes = new Uint8Array(blocks.reduce((sum, groups) => sum + groups, 0) * rows.channels);
  let [at, from] = [0, 0];
  for (const groups of blocks) {
    for (let c = 0; c < rows.channels; c++)
      for (let g = from; g < from + groups; g++) bytes[at++] = byteAt(c, g);
    from += groups;
  }
  return bytes;
}

/** Blocks of `size`, and what is left over in blocks of `rest`, of which the last may have less than that. */
export function blocksOf(count: number, size: number, rest: number): number[] {
  const whole = Math.floor(count / size);
  const left = count - whole * size;
  const blocks = new Array<number>(whole).fill(size);
  for (let at = 0; at < left; at += rest) blocks.push(Math.min(rest, left - at));
  return blocks;
}

/** Activations as they are, their zero point not subtracted. */
const CODES: InputRange = { low: -128, high: 127 };

/**
 * After how many stretches of `taps` inputs sums of 16 bits must be taken out, or 0 where the sum of all fits, whatever the
 * inputs are; null where not even those of one stretch do.
 */
export function flushInterval(
  filter: Tensor & { readonly data: TypedArray },
  rows: FilterRows,
  { unit }: FewValues,
  taps: number,
): number | null {
  const stretches = Math.ceil(rows.count / taps);
  const zero = zeroPointOf(filter);
  // By channel: what the sums before each stretch add up to at least and at most.
  const sums = Array.from({ length: rows.channels }, (_, c) => {
    const [low, high] = [new Float64Array(stretches + 1), new Float64Array(stretches + 1)];
    for (let i = 0; i < stretches; i++) {
      const count = Math.min(taps, rows.count - i * taps);
      const start = rows.start(c) + i * taps * rows.step;
      const range = accumulatorRange(filter.data, start, count, rows.step, zero, CODES, 0);
      low[i + 1] = low[i]! + range.low / unit;
      high[i + 1] = high[i]! + range.high / unit;
    }
    return { low, high };
  });
  const holds = (interval: number) =>
    sums.every(({ low, high }) => {
      for (let from = 0; from < stretches; from += interval) {
        const to = Math.min(stretches, from + interval);
        if (low[to]! - low[from]! < -0x8000 || high[to]! - high[from]! > 0x7fff) return false;
      }
      return true;
    });
  for (let interval = stretches; interval > 0; interval--)
    if (holds(interval)) return interval === stretches ? 0 : interval;
  return null;
}
