/**
 * The number format of constant weights. It is read off their values, so that a filter is stored as narrowly as it can be
 * whatever type its file declared; a packing belongs to a kernel (`docs/formats.md`).
 */
import { greatestCommonDivisor } from '../numerics/divisor.js';

/** Values `first + step * code` with codes of `bits` bits: grids with zero, half-integer grids, ternary, binary. */
export interface GridFormat {
  readonly kind: 'grid';
  /** Number of codes, at least 1. */
  readonly levels: number;
  readonly bits: number;
  readonly first: number;
  readonly step: number;
}

/** Values of a list, in rising order, by codes of `bits` bits; the list is no grid of as many bits. */
export interface CodebookFormat {
  readonly kind: 'codebook';
  readonly bits: number;
  readonly entries: readonly number[];
}

export type WeightFormat = GridFormat | CodebookFormat;

/** Codebooks have at most so many bits: one of eight is the values themselves. */
const MOST_CODEBOOK_BITS = 4;

/** Many kernels ask for the format of the same filter, which may have millions of values. */
const known = new WeakMap<ArrayLike<number>, WeightFormat>();

/** The format of fewest bits that holds all `values` (at least one, integers): a grid, or a codebook that is narrower. */
export function weightFormat(values: ArrayLike<number>): WeightFormat {
  const format = known.get(values) ?? formatOf(values);
  known.set(values, format);
  return format;
}

function formatOf(values: ArrayLike<number>): WeightFormat {
  const entries = distinct(values).sort((a, b) => a - b);
  const first = entries[0]!;
  const step = entries.reduce((divisor, value) => greatestCommonDivisor(value - first, divisor), 0) || 1;
  const levels = (entries.at(-1)! - first) / step + 1;
  const bits = bitsOf(levels);
  const bookBits = bitsOf(entries.length);
  if (bookBits < bits && bookBits <= MOST_CODEBOOK_BITS) return { kind: 'codebook', bits: bookBits, entries };
  return { kind: 'grid', levels, bits, first, step };
}

/** How messages name a format: 'binary', 'ternary', 'int4', 'codebook of 11', .... */
export function weightFormatName(format: WeightFormat): string {
  if (format.kind === 'codebook') return `codebook of ${format.entries.length}`;
  if (format.levels <= 2) return 'binary';
  return format.levels === 3 ? 'ternary' : `int${format.bits}`;
}

function distinct(values: ArrayLike<number>): number[] {
  const seen = new Set<number>();
  for (let i = 0; i < values.length; i++) seen.add(values[i]!);
  return [...seen];
}

function bitsOf(levels: number): number {
  return Math.max(1, Math.ceil(Math.log2(levels)));
}
