// Filters of depthwise_conv_2d_3x3.ts and depthwise_conv_2d_bytes.ts out of their taps, once, when a module is instantiated. The
// taps and ones, [blocks][10][8] of int8, lie at the end of the filter's memory, twice their size, which is written from its
// begin on and never overtakes them.
import { RELAXED } from './dot';
import { widen } from './widen';

/** Bytes of a block's taps and ones as int8. */
const TAPS: usize = 80;

/**
 * Taps as int16 or, where RELAXED, by block [channels 0..3 and 4..7][columns of the window][4 channels][3 rows and 0] of bytes and
 * what each sum exceeds since codes are 128 too large there.
 */
export function expand_taps_3x3(filter: usize, free: usize, blocks: i32): void {
  if (!RELAXED) {
    widen(filter, blocks * <i32>TAPS);
    return;
  }
  let from = filter + <usize>blocks * TAPS;
  for (let block = 0; block < blocks; block++) {
    regroup(filter, from);
    from += TAPS;
    filter += 2 * TAPS;
  }
}

/** Eight channels' taps of a column of the window: the first four, and the others behind the three columns of those. */
// @ts-ignore: decorator
@inline
function store_column(to: usize, a: v128, b: v128, c: v128): void {
  const ab = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const c0 = v128.shuffle<i8>(c, i8x16.splat(0), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128.store(to, v128.shuffle<i16>(ab, c0, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to, v128.shuffle<i16>(ab, c0, 4, 12, 5, 13, 6, 14, 7, 15), 48);
}

/** Sums of a channel's taps of a column. */
// @ts-ignore: decorator
@inline
function sum_column(a: v128, b: v128, c: v128): v128 {
  const ab = i16x8.add(i16x8.extend_low_i8x16_s(a), i16x8.extend_low_i8x16_s(b));
  return i16x8.add(ab, i16x8.extend_low_i8x16_s(c));
}

/** One block, of which all is read before anything is written. */
// @ts-ignore: decorator
@inline
function regroup(to: usize, from: usize): void {
  const t0 = v128.load64_zero(from);
  const t1 = v128.load64_zero(from, 8);
  const t2 = v128.load64_zero(from, 16);
  const t3 = v128.load64_zero(from, 24);
  const t4 = v128.load64_zero(from, 32);
  const t5 = v128.load64_zero(from, 40);
  const t6 = v128.load64_zero(from, 48);
  const t7 = v128.load64_zero(from, 56);
  const t8 = v128.load64_zero(from, 64);
  store_column(to, t0, t3, t6);
  store_column(to + 16, t1, t4, t7);
  store_column(to + 32, t2, t5, t8);
  const sums = i16x8.add(i16x8.add(sum_column(t0, t3, t6), sum_column(t1, t4, t7)), sum_column(t2, t5, t8));
  v128.store(to, i32x4.neg(i32x4.shl(i32x4.extend_low_i16x8_s(sums), 7)), 96);
  v128.store(to, i32x4.neg(i32x4.shl(i32x4.extend_high_i16x8_s(sums), 7)), 112);
}
