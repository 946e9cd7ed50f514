/**
 * Weights of 1, 2 or 4 bits in halfword lanes: the layout of `codegen/c/kernels/dot_lanes_simd32.h`, and the proof that sums of
 * two channels in one accumulator stay apart.
 */
import {
  BLOCK,
  codesOf,
  extremesOf,
  type LaneBits,
  packedBlocks,
  type WeightGrid,
  withinRoom,
} from './lane-codes.js';
import type { FilterRows } from './linear.js';

/** Inputs of a block's word, of two at 4 bits. */
const INPUTS = { 1: 8, 2: 4, 4: 4 } as const;

/** Words that the assembly takes at a time. */
const UNROLLED = { 1: 2, 2: 4, 4: 4 } as const;

export interface Lanes {
  /** As `bl_lanes_layer` has them. */
  readonly filter: Int32Array;
  readonly words: number;
  readonly segment: number;
  readonly part: number;
  /** What a code of 0 stands for. */
  readonly first: number;
  readonly step: number;
}

/**
 * Packs the rows of a filter.
 * @param data the filter's values, less than 2^16 a row
 */
export function packLanes(
  data: ArrayLike<number>,
  zeroPoint: number,
  rows: FilterRows,
  grid: WeightGrid,
  bits: LaneBits,
): Lanes {
  // Codes of 1 and 2 bits lie around 0, where sums of a few inputs are smallest.
  const centre = bits === 4 ? 0 : grid.levels >> 1;
  const words = Math.ceil(rows.count / INPUTS[bits]);
  const all = codesOf(data, zeroPoint, rows, grid, centre, words * INPUTS[bits]);
  const pack = bits === 4 ? nibbleWords : pairWords;
  return {
    filter: packedBlocks(all, (block) => pack(block, words, bits)),
    words,
    ...(bits === 4 ? nibbleSegments(all, words) : segmentsOf(all, words, bits)),
    first: grid.first + centre * grid.step,
    step: grid.step,
  };
}

/** The two inputs of pair `pair`, as SXTB16 takes them from four bytes. */
function inputsOfPair(pair: number): readonly [number, number] {
  const first = (pair >> 1) * 4 + (pair & 1);
  return [first, first + 2];
}

/** Of 1 and 2 bits: the codes of two channels and two inputs lie where one mask, turned, takes them. */
function pairWords(rows: readonly Int8Array[], words: number, bits: LaneBits): number[] {
  const pairs = INPUTS[bits] / 2;
  return Array.from({ length: words }, (_, word) => {
    let packed = 0;
    for (let pair = 0; pair < pairs; pair++) {
      const [low, high] = inputsOfPair(word * pairs + pair);
      for (let half = 0; half < 2; half++) {
        const [a, b] = [rows[2 * half]!, rows[2 * half + 1]!];
        const codes = laneOf(a[low]!, b[low]!, bits) | (laneOf(a[high]!, b[high]!, bits) << 16);
        packed |= rotateLeft(codes, 2 * bits * (2 * pair + half));
      }
    }
    return packed;
  });
}

function laneOf(a: number, b: number, bits: LaneBits): number {
  return (a + 2 ** (bits - 1)) | ((b & (2 ** bits - 1)) << (16 - bits));
}

function rotateLeft(word: number, by: number): number {
  return by === 0 ? word : (word << by) | (word >>> (32 - by));
}

/** Of 4 bits: a halfword holds the codes of four channels for one input. */
function nibbleWords(rows: readonly Int8Array[], words: number): number[] {
  const halfword = (input: number) =>
    rows.reduce((packed, row, c) => packed | (((row[input]! - (c === 3 ? 8 : 0)) & 15) << (4 * c)), 0);
  return Array.from({ length: 2 * words }, (_, pair) => {
    const [low, high] = inputsOfPair(pair);
    return halfword(low) | (halfword(high) << 16);
  });
}

/** What sums of the four channels have of 32 bits. */
const NIBBLE_ROOM = [31, 27, 23, 19] as const;

/** The most words for which no sum leaves its bits. */
function nibbleSegments(rows: readonly Int8Array[], words: number) {
  const sums = rows.map((row) => extremesOf(row, words));
  const fits = (segment: number) =>
    NIBBLE_ROOM.every((room, c) =>
      withinRoom(
        sums.filter((_, channel) => channel % BLOCK === c),
        words,
        segment,
        2 ** room,
      ),
    );
  let segment = words;
  for (let segments = 2; !fits(segment); segments++) segment = evenSegment(words, segments, UNROLLED[4]);
  return { segment, part: 1 };
}

/** Words of one of so many segments, at best some that are taken together. */
function evenSegment(words: number, segments: number, together: number): number {
  const even = Math.ceil(words / segments);
  return even > together ? Math.ceil(even / together) * together : even;
}

/**
 * The most words, at best some that are taken together, for which no sum of a first channel leaves the low bits of an
 * accumulator, and the most such segments for which no sum of a second channel leaves the high bits.
 */
function segmentsOf(rows: readonly Int8Array[], words: number, bits: LaneBits) {
  const shift = 16 - bits;
  const sums = rows.map((row) => extremesOf(row, words));
  const fits = (size: number, rest: 0 | 1, room: number) =>
    withinRoom(
      sums.filter((_, channel) => channel % 2 === rest),
      words,
      size,
      room,
    );
  for (let segments = 1; ; segments++) {
    const segment = evenSegment(words, segments, UNROLLED[bits]);
    if (segment > 1 && !fits(segment, 0, 2 ** (shift - 1))) continue;
    let part = Math.ceil(words / segment);
    while (part > 1 && !fits(part * segment, 1, 2 ** (31 - shift))) part--;
    return { segment, part };
  }
}
