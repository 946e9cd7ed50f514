/**
 * Weights of 1, 2 or 4 bits in halfword lanes: the layout of `codegen/c/kernels/dot_lanes_simd32.h`, and the proof that sums of
 * two channels in one accumulator stay apart.
 */
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
const BLOCK = 4;

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

/** The codes of all channels, filled up to blocks, seen from `centre`; those of `inputs` inputs, 0 where the filter has none. */
function codesOf(
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

function packedBlocks(
  rows: readonly Int8Array[],
  pack: (block: readonly Int8Array[]) => readonly number[],
): Int32Array {
  const blocks = Array.from({ length: rows.length / BLOCK }, (_, b) =>
    pack(rows.slice(b * BLOCK, (b + 1) * BLOCK)),
  );
  return Int32Array.from(blocks.flat());
}

/** Inputs of words that the loops of `codegen/c/kernels/dot_lanes_mul.h` take at a time. */
const MUL_INPUTS = { 1: 8, 2: 8, 4: 4 } as const;

/** The same as `codegen/c/kernels/dot_lanes_mul.h` has it: sums of both channels have 16 bits. */
export function packLanesMul(
  data: ArrayLike<number>,
  zeroPoint: number,
  rows: FilterRows,
  grid: WeightGrid,
  bits: LaneBits,
): Omit<Lanes, 'part'> {
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

/** Whether sums of `size` words stay in -room..room - 1. */
function withinRoom(
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
function extremesOf(row: Int8Array, words: number) {
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
