/** Codes of a few bits, in words. */

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
