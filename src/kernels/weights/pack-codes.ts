/** Codes of a few bits, in words or by lanes of vectors. */
import { LANES } from './lane-ending.js';

/**
 * Rows of `columns` codes of `bits` bits (1, 2 or 4), the first in the lowest bits; each row begins at a whole word.
 * @param codeAt an unsigned code by row and column
 */
export function packCodeRows(
  rows: number,
  columns: number,
  bits: number,
  codeAt: (row: number, column: number) => number,
): Int32Array {
  const rowWords = Math.ceil((columns * bits) / 32);
  const words = new Int32Array(rows * rowWords);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const bit = column * bits;
      words[row * rowWords + (bit >> 5)]! |= codeAt(row, column) << (bit & 31);
    }
  }
  return words;
}

/**
 * Nibbles of channels by groups, [blocks of channels / wide][pairs of groups][wide][16] bytes, of the first group in the low bits, then
 * [rest][pairs][16].
 */
export function packNibblePairs(
  channels: number,
  groups: number,
  wide: number,
  nibbleAt: (channel: number, group: number) => number,
): Int8Array {
  const blocks = Math.ceil(channels / LANES);
  const pairs = Math.ceil(groups / 2);
  const data = new Int8Array(blocks * pairs * LANES);
  for (let c = 0; c < channels; c++) {
    const block = Math.floor(c / LANES);
    const width = block < blocks - (blocks % wide) ? wide : 1;
    const first = (block - (block % width)) * pairs;
    for (let group = 0; group < groups; group++) {
      const to = (first + (group >> 1) * width + (block % width)) * LANES + (c % LANES);
      data[to]! |= nibbleAt(c, group) << (4 * (group & 1));
    }
  }
  return data;
}
