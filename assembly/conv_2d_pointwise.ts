// CONV_2D of int8 by 1x1: each pixel is a window (pixel_tiles.ts has the constants' layout).
import { RELAXED } from './dot';
import { bytes_of_sums, groups_of, interleave_pixels, multiply_tiles } from './pixel_tiles';

/** Pixels of a band in tiles of six: twice as many where they are few, since bytes are half as long. */
// @ts-ignore: decorator
@inline
function relaxed_band(band_pixels: i32, pixels: i32): i32 {
  if (band_pixels == pixels) return pixels;
  return min(pixels, (band_pixels < 64 ? band_pixels << 1 : band_pixels) / 6 * 6);
}

/** `pairs` of input channels, the last one perhaps half empty; scratch memory has room for `band_pixels`. */
// @ts-ignore: decorator
@inline
export function conv_2d_s8_pointwise(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, output_offset: i32, act_min: i32,
  act_max: i32, pixels: i32, depth: i32, output_channels: i32, band_pixels: i32, pairs: i32,
  partial: i32, one_step: i32, relu: i32, right_shift: i32,
): void {
  const groups = groups_of(pairs);
  const most = RELAXED ? relaxed_band(band_pixels, pixels) : band_pixels;
  const tiles = scratch + bytes_of_sums(most);
  for (let first = 0; first < pixels; first += most) {
    const count = min(most, pixels - first);
    interleave_pixels(tiles, input, count, depth, groups);
    multiply_tiles(
      output, scratch, tiles, groups, filter, <usize>(pairs << 5), channels, output_offset, act_min, act_max, count,
      output_channels, partial, one_step, relu, right_shift,
    );
    input += count * depth;
    output += count * output_channels;
  }
}
