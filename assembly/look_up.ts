// Sixteen bytes of a table at once. Of indices below 16 the relaxed form gives the same on every engine, by one instruction fewer.
import { RELAXED } from './dot';

/** The bytes of a table of 16 at indices of 0..15. */
// @ts-ignore: decorator
@inline
export function look_up_x16(table: v128, indices: v128): v128 {
  return RELAXED ? i8x16.relaxed_swizzle(table, indices) : i8x16.swizzle(table, indices);
}

/** In memory: engines build a constant anew wherever it is used. */
const NIBBLES = memory.data<u8>([15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15], 16);

/** What masks the low nibbles of sixteen bytes: to be loaded ahead of a loop. */
// @ts-ignore: decorator
@inline
export function nibble_mask(): v128 {
  return v128.load(NIBBLES);
}

/** The high nibbles of sixteen bytes whose low ones are `low`. */
// @ts-ignore: decorator
@inline
export function high_nibbles(bytes: v128, low: v128): v128 {
  return i16x8.shr_u(v128.xor(bytes, low), 4);
}
