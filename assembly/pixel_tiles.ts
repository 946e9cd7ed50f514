// Products of windows by weights, in tiles of a few pixels by eight channels: four where sums take an instruction of their
// own, six where dot.ts has them for nothing. Windows of a tile stand side by side in scratch memory, group after group, so that
// the inner loop needs one pointer for all of them.
// - filter: [blocks of 8 channels][groups][8][group] of what dot.ts multiplies, made of the weights by pixel_tiles_filter.ts
// - channels: one_step.ts
import { dot_add, GROUP, RELAXED } from './dot';
import { block_bytes, requantize_pixels } from './one_step';

/** Pixels of a tile. */
export const TILE: i32 = RELAXED ? 6 : 4;

/** A group of each pixel of a tile, as bytes. */
const GROUPS: usize = 4 * TILE;

/** Groups of so many `pairs` of weights. */
// @ts-ignore: decorator
@inline
export function groups_of(pairs: i32): i32 {
  return RELAXED ? pairs + 1 >> 1 : pairs;
}

/** Bytes of the tiles of so many pixels; whole tiles are written, and four groups at once. */
// @ts-ignore: decorator
@inline
export function bytes_of_tiles(pixels: i32, groups: i32): usize {
  return (<usize>((pixels + TILE - 1) / TILE * groups + 3) * GROUPS + 15) & ~15;
}

/** Bytes of the sums of so many pixels, of which there may be as many as a tile has. */
// @ts-ignore: decorator
@inline
export function bytes_of_sums(pixels: i32): usize {
  return <usize>((max(TILE - 1, pixels) + 1) << 5);
}

/** Where a tile begins: the last one earlier rather than end later. */
// @ts-ignore: decorator
@inline
export function first_pixel(tile: i32, pixels: i32): i32 {
  return max(0, min(tile, pixels - TILE));
}

/** Four vectors of four groups each become one vector a group. */
// @ts-ignore: decorator
@inline
function store_transposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab_low = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab_high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd_low = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd_high = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab_low, cd_low, 0, 2));
  v128.store(to, v128.shuffle<i64>(ab_low, cd_low, 1, 3), GROUPS);
  v128.store(to, v128.shuffle<i64>(ab_high, cd_high, 0, 2), 2 * GROUPS);
  v128.store(to, v128.shuffle<i64>(ab_high, cd_high, 1, 3), 3 * GROUPS);
}

/** The same of two vectors. */
// @ts-ignore: decorator
@inline
function store_two_transposed(to: usize, a: v128, b: v128): void {
  const low = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  v128.store64_lane(to, low, 0);
  v128.store64_lane(to, low, 1, GROUPS);
  v128.store64_lane(to, high, 0, 2 * GROUPS);
  v128.store64_lane(to, high, 1, 3 * GROUPS);
}

/** The codes of four groups. */
// @ts-ignore: decorator
@inline
function load_codes(from: usize): v128 {
  return RELAXED ? v128.xor(v128.load(from), i8x16.splat(-128)) : v128.load8x8_s(from);
}

/**
 * Codes of a tile from `to` to `end`, [groups][pixels][group]: those at `from` and at distances from there. Codes that a last
 * group lacks are whatever follows, since their weights are zero.
 */
// @ts-ignore: decorator
@inline
function interleave(
  to: usize, end: usize, from: usize, second: usize, third: usize, fourth: usize, fifth: usize, sixth: usize,
): void {
  do {
    store_transposed(
      to, load_codes(from), load_codes(from + second), load_codes(from + third), load_codes(from + fourth),
    );
    if (TILE == 6) store_two_transposed(to + 16, load_codes(from + fifth), load_codes(from + sixth));
    from += 4 * GROUP;
    to += 4 * GROUPS;
  } while (to < end);
}

/** Tiles of `depth` codes of each of `pixels` pixels that lie one behind the other. Fewer than a tile has repeat their last. */
export function interleave_pixels(tiles: usize, image: usize, pixels: i32, depth: i32, groups: i32): void {
  const second = <usize>(min(1, pixels - 1) * depth);
  const third = <usize>(min(2, pixels - 1) * depth);
  const fourth = <usize>(min(3, pixels - 1) * depth);
  const fifth = <usize>(min(4, pixels - 1) * depth);
  const sixth = <usize>(min(5, pixels - 1) * depth);
  for (let tile = 0; tile < pixels; tile += TILE) {
    const from = image + first_pixel(tile, pixels) * depth;
    const end = tiles + <usize>groups * GROUPS;
    interleave(tiles, end, from, second, third, fourth, fifth, sixth);
    tiles = end;
  }
}

/** The distance of a window from the first of its tile. */
// @ts-ignore: decorator
@inline
function distance(windows: usize, pixel: i32, pixels: i32): usize {
  return load<i32>(windows + <usize>(min(pixel, pixels - 1) << 2)) - load<i32>(windows);
}

/**
 * Tiles of `pixels` windows, whose places in `lines` are at `windows` (lines.ts): `rows` by `columns` runs of so many groups.
 */
export function interleave_windows(
  tiles: usize, windows: usize, pixels: i32, lines: usize, rows: i32, columns: i32, groups: i32, tap_row_bytes: i32,
  tap_column_bytes: i32,
): void {
  for (let tile = 0; tile < pixels; tile += TILE) {
    const pixel = first_pixel(tile, pixels);
    const window = windows + <usize>(pixel << 2);
    const count = pixels - pixel;
    const second = distance(window, 1, count);
    const third = distance(window, 2, count);
    const fourth = distance(window, 3, count);
    const fifth = distance(window, 4, count);
    const sixth = distance(window, 5, count);
    let row = lines + load<i32>(window);
    for (let y = 0; y < rows; y++) {
      let from = row;
      for (let x = 0; x < columns; x++) {
        const end = tiles + <usize>groups * GROUPS;
        interleave(tiles, end, from, second, third, fourth, fifth, sixth);
        tiles = end;
        from += tap_column_bytes;
      }
      row += tap_row_bytes;
    }
  }
}

/**
 * `output_channels` codes of each of `pixels` pixels out of their `tiles` of so many groups; `sums` is scratch memory. The filters
 * of blocks are `filter_bytes` apart.
 */
// @ts-ignore: decorator
@inline
export function multiply_tiles(
  output: usize, sums: usize, tiles: usize, groups: i32, filter: usize, filter_bytes: usize, channels: usize,
  output_offset: i32, act_min: i32, act_max: i32, pixels: i32, output_channels: i32, partial: i32, one_step: i32,
  relu: i32, right_shift: i32,
): void {
  const tile_bytes = <usize>groups * GROUPS;
  for (let channel = 0; channel < output_channels; channel += 8) {
    const correction = filter + <usize>(groups << 5);
    let p = tiles;
    for (let tile = 0; tile < pixels; tile += TILE) {
      let low_0 = v128.load(channels);
      let high_0 = v128.load(channels, 16);
      if (RELAXED) {
        low_0 = i32x4.add(low_0, v128.load(correction));
        high_0 = i32x4.add(high_0, v128.load(correction, 16));
      }
      let low_1 = low_0;
      let high_1 = high_0;
      let low_2 = low_0;
      let high_2 = high_0;
      let low_3 = low_0;
      let high_3 = high_0;
      let low_4 = low_0;
      let high_4 = high_0;
      let low_5 = low_0;
      let high_5 = high_0;
      let w = filter;
      const end = p + tile_bytes;
      do {
        const w_low = v128.load(w);
        const w_high = v128.load(w, 16);
        const a0 = v128.load32_splat(p);
        low_0 = dot_add(low_0, w_low, a0);
        high_0 = dot_add(high_0, w_high, a0);
        const a1 = v128.load32_splat(p, 4);
        low_1 = dot_add(low_1, w_low, a1);
        high_1 = dot_add(high_1, w_high, a1);
        const a2 = v128.load32_splat(p, 8);
        low_2 = dot_add(low_2, w_low, a2);
        high_2 = dot_add(high_2, w_high, a2);
        const a3 = v128.load32_splat(p, 12);
        low_3 = dot_add(low_3, w_low, a3);
        high_3 = dot_add(high_3, w_high, a3);
        if (TILE == 6) {
          const a4 = v128.load32_splat(p, 16);
          low_4 = dot_add(low_4, w_low, a4);
          high_4 = dot_add(high_4, w_high, a4);
          const a5 = v128.load32_splat(p, 20);
          low_5 = dot_add(low_5, w_low, a5);
          high_5 = dot_add(high_5, w_high, a5);
        }
        p += GROUPS;
        w += 32;
      } while (p < end);
      const to = sums + <usize>(first_pixel(tile, pixels) << 5);
      v128.store(to, low_0);
      v128.store(to, high_0, 16);
      v128.store(to, low_1, 32);
      v128.store(to, high_1, 48);
      v128.store(to, low_2, 64);
      v128.store(to, high_2, 80);
      v128.store(to, low_3, 96);
      v128.store(to, high_3, 112);
      if (TILE == 6) {
        v128.store(to, low_4, 128);
        v128.store(to, high_4, 144);
        v128.store(to, low_5, 160);
        v128.store(to, high_5, 176);
      }
    }
    requantize_pixels(
      output + min(channel, max(0, output_channels - 8)), output_channels, sums, pixels, channels, output_offset,
      act_min, act_max, partial, output_channels, one_step, relu, right_shift,
    );
    channels += block_bytes(one_step);
    filter += filter_bytes;
  }
}
