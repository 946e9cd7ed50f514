// Packed codes of 4 and 2 bits to bytes and back, sixteen at a time. Rows begin at whole words; the bits left in a packed row's
// last word are zero.
import { row_bytes } from './packed';

/** Sixteen codes as bytes. */
// @ts-ignore: decorator
@inline
function bytes_of_codes(at: usize, bits: i32): v128 {
  if (bits == 4) {
    const pairs = v128.load64_zero(at);
    const low = v128.and(pairs, i8x16.splat(15));
    return i8x16.shuffle(low, i8x16.shr_u(pairs, 4), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }
  const fours = v128.load32_zero(at);
  const three = i8x16.splat(3);
  const even = i8x16.shuffle(fours, i8x16.shr_u(fours, 4), 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0);
  const low = v128.and(even, three);
  const high = v128.and(i8x16.shr_u(even, 2), three);
  return i8x16.shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** A byte is a code: its number is the same. */
// @ts-ignore: decorator
@inline
export function unpack_codes(output: usize, input: usize, rows: i32, depth: i32, bits: i32): void {
  const most = (1 << bits) - 1;
  for (let row = 0; row < rows; row++, input += row_bytes(depth, bits), output += depth) {
    let i = 0;
    for (; i + 16 <= depth; i += 16) v128.store(output + i, bytes_of_codes(input + ((i * bits) >> 3), bits));
    while (i < depth) {
      let word = load<u32>(input + ((i * bits) >> 3));
      for (const end = min(depth, i + 32 / bits); i < end; i++, word >>= bits) store<u8>(output + i, word & most);
    }
  }
}

/** A code is a byte and 128, as far as there are such codes. */
// @ts-ignore: decorator
@inline
export function pack_codes(output: usize, input: usize, rows: i32, depth: i32, bits: i32): void {
  const most = (1 << bits) - 1;
  for (let row = 0; row < rows; row++, input += depth, output += row_bytes(depth, bits)) {
    let i = 0;
    for (; i + 16 <= depth; i += 16) {
      const bytes = v128.xor(v128.load(input + i), i8x16.splat(-128));
      const codes = i8x16.min_u(bytes, i8x16.splat(<i8>most));
      const at = output + ((i * bits) >> 3);
      let pairs = v128.or(codes, i16x8.shr_u(codes, 8 - bits));
      if (bits == 4) {
        pairs = v128.and(pairs, i16x8.splat(255));
        v128.store64_lane(at, i8x16.narrow_i16x8_u(pairs, pairs), 0);
      } else {
        pairs = v128.and(pairs, i16x8.splat(15));
        const fours = v128.and(v128.or(pairs, i32x4.shr_u(pairs, 12)), i32x4.splat(255));
        const words = i16x8.narrow_i32x4_u(fours, fours);
        v128.store32_lane(at, i8x16.narrow_i16x8_u(words, words), 0);
      }
    }
    while (i < depth) {
      const at = output + ((i * bits) >> 3);
      let word = 0;
      for (let shift = 0; shift < 32 && i < depth; shift += bits, i++) {
        word |= min(<i32>load<i8>(input + i) + 128, most) << shift;
      }
      store<i32>(at, word);
    }
  }
}
