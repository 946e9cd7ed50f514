/** Weights of 1, 2 or 4 bits for cores without DSP extension: the layout of `codegen/c/kernels/dot_lanes_mul.h`. */
import {
  codesOf,
  extremesOf,
  type LaneBits,
  packedBlocks,
  type WeightGrid,
  withinRoom,
} from './lane-codes.js';
import type { FilterRows } from './linear.js';

export interface MulLanes {
  readonly filter: Int32Array;
  readonly words: number;
  /** Words after which sums are parted. */
  readonly segment: number;
  /** What a code of 0 stands for. */
  readonly first: number;
  readonly step: number;
}

/** Inputs of words that the loops of `codegen/c/kernels/dot_lanes_mul.h` take at a time. */
const MUL_INPUTS = { 1: 8, 2: 8, 4: 4 } as const;

/**
 * Packs the rows of a filter: sums of both channels have 16 bits.
 * @param data the filter's values, less than 2^16 a row
 */
export function packLanesMul(
  data: ArrayLike<number>,
  zeroPoint: number,
  rows: FilterRows,
  grid: WeightGrid,
  bits: LaneBits,
): MulLanes {
  const centre = grid.levels >> 1;
  const taps = 8 / bits;
  const inputs = Math.ceil(rows.count / MUL_INPUTS[bits]) * MUL_INPUTS[bits];
  const words = inputs / taps;
  const all = codesOf(data, zeroPoint, rows, grid, centre, inputs);
  const fieldsOf = (block: readonly Int8Array[]) =>
    Array.from({ length: words }, (_, word) => {
      let packed = 0;
      for (let tap = 0; tap < taps; tap++) {
        block.forEach((row, c) => {
          const code = row[word * taps + tap]! + 2 ** (bits - 1);
          packed |= code << (2 * bits * tap + bits * (c >> 1) + 16 * (c & 1));
        });
      }
      return packed;
    });
  const loop = MUL_INPUTS[bits] / taps;
  const sums = all.map((row) => extremesOf(row, words));
  let segment = words;
  for (let segments = 1; segment > loop && !withinRoom(sums, words, segment, 2 ** 15); segments++)
    segment = Math.ceil(words / segments / loop) * loop;
  return {
    filter: packedBlocks(all, fieldsOf),
    words,
    segment,
    first: grid.first + centre * grid.step,
    step: grid.step,
  };
}
