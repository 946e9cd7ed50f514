// CONV_2D of int8 by 1x1 in tiles of four pixels by eight channels. Pixels of a tile stand side by side in scratch memory, a
// group of channels at a time, so that the inner loop needs one pointer for all of them.
// - filter: [blocks of 8 channels][groups][8][group] of what dot.ts multiplies, made of the weights by
//   conv_2d_pointwise_filter.ts
// - channels: one_step.ts
import { dot_add, GROUP, RELAXED } from './dot';
import { block_bytes, requantize_pixels } from './one_step';

/** Where a tile begins. */
// @ts-ignore: decorator
@inline
function first_pixel(tile: i32, pixels: i32): i32 {
  return max(0, min(tile, pixels - 4));
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
  v128.store(to, v128.shuffle<i64>(ab_low, cd_low, 1, 3), 16);
  v128.store(to, v128.shuffle<i64>(ab_high, cd_high, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(ab_high, cd_high, 1, 3), 48);
}

/** The codes of four groups. */
// @ts-ignore: decorator
@inline
function load_codes(from: usize): v128 {
  return RELAXED ? v128.xor(v128.load(from), i8x16.splat(-128)) : v128.load8x8_s(from);
}

/**
 * [tiles][groups][4 pixels][group] of a band's codes. Channels that a last group lacks are those of the next pixel: their
 * weights are zero. The last tile begins earlier rather than end later; a band of fewer than four pixels repeats its last.
 */
function interleave(tiles: usize, image: usize, pixels: i32, depth: i32, tile_bytes: usize): void {
  const second = <usize>(min(1, pixels - 1) * depth);
  const third = <usize>(min(2, pixels - 1) * depth);
  const fourth = <usize>(min(3, pixels - 1) * depth);
  for (let tile = 0; tile < pixels; tile += 4) {
    let from = image + first_pixel(tile, pixels) * depth;
    let to = tiles;
    tiles += tile_bytes;
    do {
      store_transposed(
        to, load_codes(from), load_codes(from + second), load_codes(from + third), load_codes(from + fourth),
      );
      from += 4 * GROUP;
      to += 64;
    } while (to < tiles);
  }
}

/** `pairs` of input channels, the last one perhaps half empty, and as many pixels as the scratch memory has room for. */
// @ts-ignore: decorator
@inline
export function conv_2d_s8_pointwise(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, output_offset: i32, act_min: i32,
  act_max: i32, pixels: i32, depth: i32, output_channels: i32, band_pixels: i32, pairs: i32, partial: i32,
  one_step: i32, relu: i32, right_shift: i32,
): void {
  const tile_bytes = <usize>(RELAXED ? (pairs + 1 >> 1) << 4 : pairs << 4);
  const tiles = scratch + <usize>((max(3, band_pixels) + 1) << 5);
  for (let first = 0; first < pixels; first += band_pixels) {
    const count = min(band_pixels, pixels - first);
    interleave(tiles, input, count, depth, tile_bytes);
    input += count * depth;
    let block = channels;
    let block_filter = filter;
    for (let channel = 0; channel < output_channels; channel += 8) {
      const correction = block_filter + 2 * tile_bytes;
      let p = tiles;
      for (let tile = 0; tile < count; tile += 4) {
        let low_0 = v128.load(block);
        let high_0 = v128.load(block, 16);
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
        let w = block_filter;
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
          p += 16;
          w += 32;
        } while (p < end);
        const to = scratch + <usize>(first_pixel(tile, count) << 5);
        v128.store(to, low_0);
        v128.store(to, high_0, 16);
        v128.store(to, low_1, 32);
        v128.store(to, high_1, 48);
        v128.store(to, low_2, 64);
        v128.store(to, high_2, 80);
        v128.store(to, low_3, 96);
        v128.store(to, high_3, 112);
      }
      requantize_pixels(
        output + min(channel, max(0, output_channels - 8)), output_channels, scratch, count, block, output_offset,
        act_min, act_max, partial, output_channels, one_step, relu, right_shift,
      );
      block += block_bytes(one_step);
      block_filter += <usize>(pairs << 5);
    }
    output += count * output_channels;
  }
}
