// Activations in memory, of any type. Elements of 4, 2 and 1 bits lie in words, the first in the lowest bits; each row (the
// channels of a pixel) begins at a whole word, and the bits left in its last word are zero. A bit stands for +1, or -1 if set.

/** Bytes of a row of `count` elements. */
// @ts-ignore: decorator
@inline
export function row_bytes(count: i32, bits: i32): i32 {
  return bits < 8 ? ((count * bits + 31) >> 5) * 4 : count * (bits >> 3);
}

/** What is stored as element `i` of a row, unsigned where it is packed. */
// @ts-ignore: decorator
@inline
export function load_code(row: usize, i: i32, bits: i32): i32 {
  if (bits == 32) return load<i32>(row + (<usize>i << 2));
  if (bits == 16) return <i32>load<i16>(row + (<usize>i << 1));
  if (bits == 8) return <i32>load<i8>(row + i);
  return (<i32>load<u8>(row + ((i * bits) >> 3)) >> ((i * bits) & 7)) & ((1 << bits) - 1);
}

/** The code that a stored element of so many bits stands for. */
// @ts-ignore: decorator
@inline
export function code_of(stored: i32, bits: i32): i32 {
  return bits == 1 ? 1 - 2 * stored : stored;
}

/** Stores element `i` of a row, whose elements must come in rising order: the first of a word clears it. */
// @ts-ignore: decorator
@inline
export function store_code(row: usize, i: i32, stored: i32, bits: i32): void {
  if (bits == 32) {
    store<i32>(row + (<usize>i << 2), stored);
  } else if (bits == 16) {
    store<i16>(row + (<usize>i << 1), <i16>stored);
  } else if (bits == 8) {
    store<i8>(row + i, <i8>stored);
  } else {
    const word = row + (((i * bits) >> 5) << 2);
    const at = (i * bits) & 31;
    store<i32>(word, at == 0 ? stored : load<i32>(word) | (stored << at));
  }
}
