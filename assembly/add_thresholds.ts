// ADD of codes of any width by weights of their own, which ends by thresholds. A word of packed elements is written when all of its
// elements are read, so that an input may be overwritten.
import { reached_of } from './ending';
import { code_of, load_code, row_bytes, store_code } from './packed';

/** sum = filter[0] * a + filter[1] * b, for each channel or all; zero points are in the thresholds. */
// @ts-ignore: decorator
@inline
export function add_thresholds(
  output: usize, a: usize, b: usize, filter: usize, values: usize, rows: i32, depth: i32, a_bits: i32, b_bits: i32,
  bits: i32, channels: i32, thresholds: i32, act_min: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let word = 0;
    for (let i = 0; i < depth; i++) {
      const c = channels > 1 ? i : 0;
      const x = code_of(load_code(a, i, a_bits), a_bits);
      const y = code_of(load_code(b, i, b_bits), b_bits);
      const weights = filter + (<usize>c << 2);
      const sum = <i32>load<i16>(weights) * x + <i32>load<i16>(weights, 2) * y;
      const reached = reached_of(sum, values + (<usize>(c * thresholds) << 2), thresholds);
      word = write_code(output, word, i, depth, bits == 1 ? 1 - reached : act_min + reached, bits);
    }
    output += row_bytes(depth, bits);
    a += row_bytes(depth, a_bits);
    b += row_bytes(depth, b_bits);
  }
}

/** Of packed operands; `table` has what memory holds of the code for each pair, a in the lower bits. */
// @ts-ignore: decorator
@inline
export function add_pairs(
  output: usize, a: usize, b: usize, table: usize, rows: i32, depth: i32, a_bits: i32, b_bits: i32, bits: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let word = 0;
    for (let i = 0; i < depth; i++) {
      const pair = load_code(a, i, a_bits) | (load_code(b, i, b_bits) << a_bits);
      word = write_code(output, word, i, depth, <i32>load<i8>(table + pair), bits);
    }
    output += row_bytes(depth, bits);
    a += row_bytes(depth, a_bits);
    b += row_bytes(depth, b_bits);
  }
}

/** Stores element `i` of a row, with what `word` holds of those before it; returns what of a word is not stored yet. */
// @ts-ignore: decorator
@inline
function write_code(row: usize, word: i32, i: i32, depth: i32, stored: i32, bits: i32): i32 {
  if (bits >= 8) {
    store_code(row, i, stored, bits);
    return 0;
  }
  const at = (i * bits) & 31;
  word |= stored << at;
  if (at + bits < 32 && i + 1 < depth) return word;
  store<i32>(row + (((i * bits) >> 5) << 2), word);
  return 0;
}
