// FULLY_CONNECTED of one row, and CONV_2D of one pixel, of int8 by weights of four bits, which stay so in memory: a weight is
// first + step * code. Each step multiplies eight inputs by sixteen channels.
// - filter: [blocks][steps][16 channels][4] bytes, of the first four inputs of a step in their low nibbles
// - ending: lane_ending.ts, for each block
import { RELAXED } from './dot';
import { end_pixels, ending_bytes } from './lane_ending';
import { high_nibbles, nibble_mask } from './look_up';
import { sum_run } from './reduce';

/** The lowest nibble of each 16 bits. */
const LOWEST = memory.data<u16>([15, 15, 15, 15, 15, 15, 15, 15], 16);

/**
 * Inputs as products want them, filled up by zeros to whole steps: bytes; or 16 bits, a pair of each nibble, of which the third and
 * the fourth are less what the shifted one before multiplies them by.
 */
// @ts-ignore: decorator
@inline
function spread_inputs(to: usize, input: usize, inputs: i32): usize {
  const padded = <usize>(inputs + 7 & ~7);
  const bytes = RELAXED ? to : to + padded;
  store<u64>(bytes + padded - 8, 0);
  memory.copy(bytes, input, inputs);
  if (RELAXED) return to + padded;
  const end = to + 2 * padded;
  const zero = i16x8.splat(0);
  // Each eight are read before they are overwritten.
  for (let from = bytes; to < end; from += 8) {
    const x = v128.load8x8_s(from);
    const before = i16x8.shl(v128.shuffle<i16>(x, zero, 8, 8, 8, 8, 4, 6, 1, 3), 4);
    v128.store(to, i16x8.sub(v128.shuffle<i16>(x, x, 0, 2, 4, 6, 1, 3, 5, 7), before));
    to += 16;
  }
  return end;
}

/** Four channels' products of bytes. */
// @ts-ignore: decorator
@inline
function dot_bytes(sums: v128, inputs: v128, codes: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(inputs, codes, sums);
}

/** The sums of a block of channels, of codes by inputs from `x` to `end`. */
// @ts-ignore: decorator
@inline
function sum_bytes(sums: usize, x: usize, end: usize, w: usize): void {
  const mask = nibble_mask();
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let a_high = a;
  let b_high = a;
  let c_high = a;
  let d_high = a;
  do {
    const first = v128.load32_splat(x);
    const second = v128.load32_splat(x, 4);
    const wa = v128.load(w);
    const wa_low = v128.and(wa, mask);
    a = dot_bytes(a, first, wa_low);
    a_high = dot_bytes(a_high, second, high_nibbles(wa, wa_low));
    const wb = v128.load(w, 16);
    const wb_low = v128.and(wb, mask);
    b = dot_bytes(b, first, wb_low);
    b_high = dot_bytes(b_high, second, high_nibbles(wb, wb_low));
    const wc = v128.load(w, 32);
    const wc_low = v128.and(wc, mask);
    c = dot_bytes(c, first, wc_low);
    c_high = dot_bytes(c_high, second, high_nibbles(wc, wc_low));
    const wd = v128.load(w, 48);
    const wd_low = v128.and(wd, mask);
    d = dot_bytes(d, first, wd_low);
    d_high = dot_bytes(d_high, second, high_nibbles(wd, wd_low));
    x += 8;
    w += 64;
  } while (x < end);
  v128.store(sums, i32x4.add(a, a_high));
  v128.store(sums, i32x4.add(b, b_high), 16);
  v128.store(sums, i32x4.add(c, c_high), 32);
  v128.store(sums, i32x4.add(d, d_high), 48);
}

/** Four channels' products of words: of the lowest nibble, and of all that is left above each other, so that one needs no mask. */
// @ts-ignore: decorator
@inline
function dot_words(sums: v128, w: v128, x0: v128, x1: v128, x2: v128, x3: v128, mask: v128): v128 {
  sums = i32x4.add(sums, i32x4.dot_i16x8_s(x0, v128.and(w, mask)));
  sums = i32x4.add(sums, i32x4.dot_i16x8_s(x1, i16x8.shr_u(w, 4)));
  sums = i32x4.add(sums, i32x4.dot_i16x8_s(x2, i16x8.shr_u(w, 8)));
  return i32x4.add(sums, i32x4.dot_i16x8_s(x3, i16x8.shr_u(w, 12)));
}

/** The same without relaxed SIMD. */
// @ts-ignore: decorator
@inline
function sum_words(sums: usize, x: usize, end: usize, w: usize): void {
  const mask = v128.load(LOWEST);
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  do {
    const x0 = v128.load32_splat(x);
    const x1 = v128.load32_splat(x, 4);
    const x2 = v128.load32_splat(x, 8);
    const x3 = v128.load32_splat(x, 12);
    a = dot_words(a, v128.load(w), x0, x1, x2, x3, mask);
    b = dot_words(b, v128.load(w, 16), x0, x1, x2, x3, mask);
    c = dot_words(c, v128.load(w, 32), x0, x1, x2, x3, mask);
    d = dot_words(d, v128.load(w, 48), x0, x1, x2, x3, mask);
    x += 16;
    w += 64;
  } while (x < end);
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
  v128.store(sums, d, 48);
}

// @ts-ignore: decorator
@inline
export function fully_connected_s8_nibbles(
  output: usize, input: usize, scratch: usize, filter: usize, ends: usize, inputs: i32, output_channels: i32,
  first: i32, step: i32, unit: i32, output_offset: i32, act_min: i32, act_max: i32, ending: i32, output_bits: i32,
  thresholds: i32, right_shift: i32,
): void {
  const x = scratch + 64;
  const end = spread_inputs(x, input, inputs);
  const steps = <usize>(inputs + 7 >> 3);
  const shared = i32x4.splat(first * sum_run<i8>(input, inputs));
  const factor = i32x4.splat(step);
  for (let c = 0; c < output_channels; c += 16) {
    if (RELAXED) sum_bytes(scratch, x, end, filter);
    else sum_words(scratch, x, end, filter);
    for (let i: usize = 0; i < 64; i += 16) {
      v128.store(scratch + i, i32x4.add(i32x4.mul(v128.load(scratch + i), factor), shared));
    }
    end_pixels(
      output, 0, scratch, 1, ends, c, output_channels, unit, ending, output_bits, thresholds, right_shift, output_offset,
      act_min, act_max,
    );
    filter += steps << 6;
    ends += ending_bytes(ending, thresholds);
  }
}
