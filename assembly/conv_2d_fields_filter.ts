// Filters of conv_2d_fields.ts out of their weights, once, when a module is instantiated. The weights, [blocks][pairs][8][2] of int8, lie
// at the end of the filter's memory, twice their size, which is written from its begin on and never overtakes them.
import { RELAXED } from './dot';
import { expand_tiles } from './pixel_tiles_filter';

/** -1, 0 or 1 for eight weights. */
// @ts-ignore: decorator
@inline
function signs_of(weights: usize): v128 {
  const w = v128.load8x8_s(weights);
  const zero = i16x8.splat(0);
  return i16x8.sub(i16x8.lt_s(w, zero), i16x8.gt_s(w, zero));
}

/** At least two blocks. Of the last of an odd number the weights above are 0. There is one run. */
export function expand_fields(filter: usize, free: usize, blocks: i32, runs: i32, pairs: i32): void {
  if (RELAXED) {
    expand_tiles(filter, free, blocks, runs, pairs);
    return;
  }
  const block_bytes = <usize>pairs << 4;
  let from = filter + <usize>blocks * block_bytes;
  for (let block = 0; block < blocks; block += 2) {
    const end = from + block_bytes;
    for (; from < end; from += 8) {
      const above = block + 1 < blocks ? i16x8.shl(signs_of(from + block_bytes), 14) : i16x8.splat(0);
      v128.store(filter, i16x8.add(signs_of(from), above));
      filter += 16;
    }
    from += block_bytes;
  }
}
