/** Weights of few bits as codes by channel, and how far sums of these go: what kernels of several codes a register share. */
import { type Tensor, zeroPointOf } from '../../graph/tensor.js';
import { weightFormat } from '../../graph/weight-format.js';
import type { FilterRows } from './linear.js';

export type LaneBits = 1 | 2 | 4;

/** A filter as evenly spaced values `first + step * code`, its zero point subtracted. */
export interface WeightGrid {
  readonly levels: number;
  readonly first: number;
  readonly step: number;
}

/** The grid of a filter that has at most 16 levels, or null. */
export function weightGrid(filter: Tensor): WeightGrid | null {
  if (filter.data === null) return null;
  const format = weightFormat(filter.data as Int8Array);
  if (format.kind !== 'grid' || format.bits > 4) return null;
  return { levels: format.levels, first: format.first - zeroPointOf(filter), step: format.step };
}

/** The least bits by which a kernel of lanes stores such a grid. */
export function laneBits({ levels }: WeightGrid): LaneBits {
  return levels <= 2 ? 1 : levels <= 4 ? 2 : 4;
}

/** Output channels of a block. */
export const BLOCK = 4;

/** The codes of all channels, filled up to blocks, seen from `centre`; those of `inputs` inputs, 0 where the filter has none. */
export function codesOf(
  data: ArrayLike<number>,
  zeroPoint: number,
  rows: FilterRows,
  grid: WeightGrid,
  centre: number,
  inputs: number,
): Int8Array[] {
  return Array.from({ length: Math.ceil(rows.channels / BLOCK) * BLOCK }, (_, channel) => {
    const row = new Int8Array(inputs);
    if (channel >= rows.channels) return row;
    for (let i = 0, at = rows.start(channel); i < rows.count; i++, at += rows.step)
      row[i] = (data[at]! - zeroPoint - grid.first) / grid.step - centre;
    return row;
  });
}

export function packedBlocks(
  rows: readonly Int8Array[],
  pack: (block: readonly Int8Array[]) => readonly number[],
): Int32Array {
  const blocks = Array.from({ length: rows.length / BLOCK }, (_, b) =>
    pack(rows.slice(b * BLOCK, (b + 1) * BLOCK)),
  );
  return Int32Array.from(blocks.flat());
}

/** Whether sums of `size` words stay in -room..room - 1. */
export function withinRoom(
  sums: readonly ReturnType<typeof extremesOf>[],
  words: number,
  size: number,
  room: number,
): boolean {
  return sums.every(({ low, high }) => {
    for (let from = 0; from < words; from += size) {
      const to = Math.min(words, from + size);
      if (low[to]! - low[from]! < -room || high[to]! - high[from]! >= room) return false;
    }
    return true;
  });
}

/** Least and greatest sums of codes with int8 inputs in the first n words. */
export function extremesOf(row: Int8Array, words: number) {
  const [low, high] = [new Int32Array(words + 1), new Int32Array(words + 1)];
  const inputs = row.length / words;
  for (let word = 0; word < words; word++) {
    let [least, greatest] = [low[word]!, high[word]!];
    for (let i = word * inputs; i < (word + 1) * inputs; i++) {
      const code = row[i]!;
      least += code * (code > 0 ? -128 : 127);
      greatest += code * (code > 0 ? 127 : -128);
    }
    low[word + 1] = least;
    high[word + 1] = greatest;
  }
  return { low, high };
}
