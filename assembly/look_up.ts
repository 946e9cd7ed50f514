// Sixteen bytes of a table at once. Of indices below 16 the relaxed form gives the same on every engine, by one instruction fewer.
import { RELAXED } from './dot';

/** The bytes of a table of 16 at indices of 0..15. */
// @ts-ignore: decorator
@inline
export function look_up_x16(table: v128, indices: v128): v128 {
  return RELAXED ? i8x16.relaxed_swizzle(table, indices) : i8x16.swizzle(table, indices);
}
