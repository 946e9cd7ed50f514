// Filters of pixel_tiles.ts out of their weights, once, when a module is instantiated. The weights, [blocks][runs][pairs][8][2] of
// int8, lie at the end of the filter's memory, twice their size, which is written from its begin on and never overtakes them.
import { RELAXED } from './dot';
import { widen } from './widen';

/** Channels of a block by both weights of a pair, as bytes. */
const PAIR: usize = 16;

/**
 * What dot.ts multiplies: weights as int16 or, where RELAXED, groups of four of a run as bytes and, behind those of a block, what
 * each sum exceeds since codes are 128 too large there.
 */
export function expand_tiles(filter: usize, free: usize, blocks: i32, runs: i32, pairs: i32): void {
  const count = blocks * runs * pairs << 4;
  if (!RELAXED) {
    widen(filter, count);
    return;
  }
  let from = filter + <usize>count;
  for (let block = 0; block < blocks; block++) {
    regroup(filter, from, runs, pairs);
    from += <usize>(runs * pairs) * PAIR;
    filter += <usize>(runs * pairs) * (2 * PAIR);
  }
}

/** One block of `regroup`ed weights and its eight corrections. */
// @ts-ignore: decorator
@inline
function regroup(to: usize, from: usize, runs: i32, pairs: i32): void {
  let low = i32x4.splat(0);
  let high = low;
  for (let run = 0; run < runs; run++) {
    for (let pair = 0; pair < pairs; pair += 2) {
      const two = pair + 1 < pairs;
      const a = v128.load(from);
      const b = two ? v128.load(from, PAIR) : i32x4.splat(0);
      const sums = i16x8.add(i16x8.extadd_pairwise_i8x16_s(a), i16x8.extadd_pairwise_i8x16_s(b));
      low = i32x4.add(low, i32x4.extend_low_i16x8_s(sums));
      high = i32x4.add(high, i32x4.extend_high_i16x8_s(sums));
      v128.store(to, v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(to, v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
      from += two ? 2 * PAIR : PAIR;
      to += 2 * PAIR;
    }
  }
  v128.store(to, i32x4.neg(i32x4.shl(low, 7)));
  v128.store(to, i32x4.neg(i32x4.shl(high, 7)), 16);
}
