// Products of packed activations by few-valued weights out of tables: four bits of activations select one of 16 tables, and four bits
// of weights an entry of it, the sum of one, two or four products. Entries lack their middle over all activations, so that more of
// them fit into sums of 8 bits.
import { SUM_BYTES } from './lane_ending';

/** Tables of the layer that is computed. At an address known to the code, selectors are addresses. */
const TABLES = memory.data(256, 16);

/** Where tables must be before anything is looked up. */
// @ts-ignore: decorator
@inline
export function place_tables(tables: usize): void {
  for (let i: usize = 0; i < 256; i += 16) v128.store(TABLES + i, v128.load(tables + i));
}

/** The table that a selector stands for. */
// @ts-ignore: decorator
@inline
export function table_at(selector: usize): v128 {
  return v128.load(<usize>load<u8>(selector), TABLES);
}

const NO_SUMS = memory.data<u16>([128, 128, 128, 128, 128, 128, 128, 128], 16);

/** Sixteen sums of 8 bits before anything is added: the lower byte of each pair is 128 more than its sum, so that none is negative. */
// @ts-ignore: decorator
@inline
export function no_sums(): v128 {
  return v128.load(NO_SUMS);
}

/** How often sums of 8 bits are added to those of 16 bits: of `groups`, `flush` at a time. */
// @ts-ignore: decorator
@inline
export function flushes_of(groups: i32, flush: i32): i32 {
  return (groups + flush - 1) / flush;
}

/** Clears sixteen sums of 16 bits, less what so many flushes will bring in. */
// @ts-ignore: decorator
@inline
export function clear_sums(sums: usize, flushes: i32): void {
  v128.store(sums, i16x8.splat(<i16>(-128 * flushes)));
  v128.store(sums, i16x8.splat(0), 16);
}

/** Adds sixteen sums of 8 bits to those of 16 bits: pairs of bytes as one number, then the upper ones alone. */
// @ts-ignore: decorator
@inline
export function flush_sums(sums: usize, parts: v128): void {
  v128.store(sums, i16x8.add(v128.load(sums), parts));
  v128.store(sums, i16x8.add(v128.load(sums, 16), i16x8.shr_s(parts, 8)), 16);
}

/** Eight of what `flush_sums` has added up, as 16 bits: those of the first eight bytes, or of the others. */
// @ts-ignore: decorator
@inline
export function flushed_sums(sums: usize, others: bool): v128 {
  const upper = v128.load(sums, 16);
  const lower = i16x8.sub(v128.load(sums), i16x8.shl(upper, 8));
  return others
    ? v128.shuffle<i16>(lower, upper, 4, 12, 5, 13, 6, 14, 7, 15)
    : v128.shuffle<i16>(lower, upper, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Sixteen sums of 16 bits become, or with `more` are added to, those of 32 bits. */
// @ts-ignore: decorator
@inline
export function add_sums(sums: usize, parts: usize, more: bool): void {
  const first = flushed_sums(parts, false);
  const others = flushed_sums(parts, true);
  let a = i32x4.extend_low_i16x8_s(first);
  let b = i32x4.extend_high_i16x8_s(first);
  let c = i32x4.extend_low_i16x8_s(others);
  let d = i32x4.extend_high_i16x8_s(others);
  if (more) {
    a = i32x4.add(a, v128.load(sums));
    b = i32x4.add(b, v128.load(sums, 16));
    c = i32x4.add(c, v128.load(sums, 32));
    d = i32x4.add(d, v128.load(sums, 48));
  }
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
  v128.store(sums, d, 48);
}

/**
 * Takes from sixteen sums what taps out of the image brought in: int16 [taps][16].
 */
export function correct_window(
  sums: usize, corrections: usize, top: i32, left: i32, height: i32, width: i32, window_height: i32, window_width: i32,
  dilation_height: i32, dilation_width: i32,
): void {
  let low = i32x4.splat(0);
  let second = low;
  let third = low;
  let last = low;
  for (let ky = 0; ky < window_height; ky++) {
    const y = top + ky * dilation_height;
    for (let kx = 0; kx < window_width; kx++) {
      const x = left + kx * dilation_width;
      if (y < 0 || y >= height || x < 0 || x >= width) {
        low = i32x4.add(low, v128.load16x4_s(corrections));
        second = i32x4.add(second, v128.load16x4_s(corrections, 8));
        third = i32x4.add(third, v128.load16x4_s(corrections, 16));
        last = i32x4.add(last, v128.load16x4_s(corrections, 24));
      }
      corrections += 32;
    }
  }
  v128.store(sums, i32x4.add(low, v128.load(sums)));
  v128.store(sums, i32x4.add(second, v128.load(sums, 16)), 16);
  v128.store(sums, i32x4.add(third, v128.load(sums, 32)), 32);
  v128.store(sums, i32x4.add(last, v128.load(sums, 48)), 48);
}

/** Bytes of the sums of `pixels` of a block of channels; there is room for one pixel more. */
// @ts-ignore: decorator
@inline
export function sums_of(pixels: i32): usize {
  return <usize>(pixels + 1) * SUM_BYTES;
}
