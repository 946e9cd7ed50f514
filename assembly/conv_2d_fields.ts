// CONV_2D of int8 by 1x1 whose weights are multiples -1, 0 and 1 of one unit: two weights of different channels in one int16, as
// w + 2^14 v, so that a product is two. Four pixels by sixteen channels are summed up at once; the lower of two sums is the lowest
// 14 bits as long as it fits, so it is taken stretch by stretch. Relaxed SIMD multiplies bytes faster than that.
// - filter: [pairs of blocks of 8 channels][pairs of inputs][8][2] of int16, or with relaxed SIMD as pixel_tiles.ts has it; made
//   of the weights by conv_2d_fields_filter.ts
// - channels: one_step.ts
import { conv_2d_s8_pointwise } from './conv_2d_pointwise';
import { RELAXED } from './dot';
import { block_bytes, requantize_pixels } from './one_step';
import { bytes_of_sums, first_pixel, interleave_pixels } from './pixel_tiles';

/** Bits of the lower sum. */
const FIELD: i32 = 14;
/** Lower sums of a tile. */
const LOWER: usize = 128;

/** The lowest bits of each lane, with their sign. */
// @ts-ignore: decorator
@inline
function lower_field(sums: v128): v128 {
  return i32x4.shr_s(i32x4.shl(sums, 32 - FIELD), 32 - FIELD);
}

/** Adds to `lower` sums what has come to those of both since. */
// @ts-ignore: decorator
@inline
function flush_lower(lower: usize, sums: v128): void {
  const before = v128.load(lower);
  v128.store(lower, i32x4.add(before, lower_field(i32x4.sub(sums, before))));
}

/** Adds the lower and the upper sums of four channels to those at `to`, or to biases. */
// @ts-ignore: decorator
@inline
function split(to: usize, distance: usize, sums: v128, at: usize, single: i32, unit: i32, more: bool, biases: usize, block: usize): void {
  let lower = single ? lower_field(sums) : v128.load(at);
  let upper = i32x4.shr_s(i32x4.sub(sums, lower), FIELD);
  if (unit != 1) {
    lower = i32x4.mul(lower, i32x4.splat(unit));
    upper = i32x4.mul(upper, i32x4.splat(unit));
  }
  v128.store(to, i32x4.add(lower, v128.load(more ? to : biases)));
  v128.store(to + distance, i32x4.add(upper, v128.load(more ? to + distance : biases + block)));
}

/**
 * The lower sums of `stretch` bytes of a tile fit, and the upper ones of `chunk`, a multiple of it; `single_stretch`, `single_chunk`:
 * those of all.
 */
// @ts-ignore: decorator
@inline
export function conv_2d_s8_fields(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, output_offset: i32, act_min: i32,
  act_max: i32, pixels: i32, depth: i32, output_channels: i32, band_pixels: i32, pairs: i32, stretch: i32, chunk: i32,
  single_stretch: i32, single_chunk: i32, unit: i32, partial: i32, one_step: i32, relu: i32, right_shift: i32,
): void {
  if (RELAXED) {
    conv_2d_s8_pointwise(
      output, input, scratch, filter, channels, output_offset, act_min, act_max, pixels, depth, output_channels,
      band_pixels, pairs, partial, one_step, relu, right_shift,
    );
    return;
  }
  const tile_bytes = <usize>(pairs << 4);
  const distance = bytes_of_sums(band_pixels);
  const lower = scratch + 2 * distance;
  const tiles = lower + LOWER;
  const bytes = block_bytes(one_step);
  for (let first = 0; first < pixels; first += band_pixels) {
    const count = min(band_pixels, pixels - first);
    interleave_pixels(tiles, input, count, depth, pairs);
    input += count * depth;
    let block = channels;
    let block_filter = filter;
    for (let channel = 0; channel < output_channels; channel += 16) {
      // The last of an odd number of blocks has no other above it.
      const above = channel + 8 < output_channels;
      const above_bytes = above ? bytes : 0;
      let p = tiles;
      for (let tile = 0; tile < count; tile += 4) {
        const end = p + tile_bytes;
        const to = scratch + <usize>(first_pixel(tile, count) << 5);
        let w = block_filter;
        let more = false;
        do {
          let low_0 = i32x4.splat(0);
          let high_0 = low_0;
          let low_1 = low_0;
          let high_1 = low_0;
          let low_2 = low_0;
          let high_2 = low_0;
          let low_3 = low_0;
          let high_3 = low_0;
          if (!single_stretch) memory.fill(lower, 0, LOWER);
          const chunk_end = single_chunk ? end : min(end, p + <usize>chunk);
          do {
            const stretch_end = single_stretch ? end : min(chunk_end, p + <usize>stretch);
            do {
              const w_low = v128.load(w);
              const w_high = v128.load(w, 16);
              const a0 = v128.load32_splat(p);
              low_0 = i32x4.add(low_0, i32x4.dot_i16x8_s(a0, w_low));
              high_0 = i32x4.add(high_0, i32x4.dot_i16x8_s(a0, w_high));
              const a1 = v128.load32_splat(p, 4);
              low_1 = i32x4.add(low_1, i32x4.dot_i16x8_s(a1, w_low));
              high_1 = i32x4.add(high_1, i32x4.dot_i16x8_s(a1, w_high));
              const a2 = v128.load32_splat(p, 8);
              low_2 = i32x4.add(low_2, i32x4.dot_i16x8_s(a2, w_low));
              high_2 = i32x4.add(high_2, i32x4.dot_i16x8_s(a2, w_high));
              const a3 = v128.load32_splat(p, 12);
              low_3 = i32x4.add(low_3, i32x4.dot_i16x8_s(a3, w_low));
              high_3 = i32x4.add(high_3, i32x4.dot_i16x8_s(a3, w_high));
              p += 16;
              w += 32;
            } while (p < stretch_end);
            if (!single_stretch) {
              flush_lower(lower, low_0);
              flush_lower(lower + 16, high_0);
              flush_lower(lower + 32, low_1);
              flush_lower(lower + 48, high_1);
              flush_lower(lower + 64, low_2);
              flush_lower(lower + 80, high_2);
              flush_lower(lower + 96, low_3);
              flush_lower(lower + 112, high_3);
            }
          } while (!single_stretch && p < chunk_end);
          split(to, distance, low_0, lower, single_stretch, unit, more, block, above_bytes);
          split(to + 16, distance, high_0, lower + 16, single_stretch, unit, more, block + 16, above_bytes);
          split(to + 32, distance, low_1, lower + 32, single_stretch, unit, more, block, above_bytes);
          split(to + 48, distance, high_1, lower + 48, single_stretch, unit, more, block + 16, above_bytes);
          split(to + 64, distance, low_2, lower + 64, single_stretch, unit, more, block, above_bytes);
          split(to + 80, distance, high_2, lower + 80, single_stretch, unit, more, block + 16, above_bytes);
          split(to + 96, distance, low_3, lower + 96, single_stretch, unit, more, block, above_bytes);
          split(to + 112, distance, high_3, lower + 112, single_stretch, unit, more, block + 16, above_bytes);
          more = !single_chunk;
        } while (!single_chunk && p < end);
      }
      requantize_pixels(
        output + min(channel, output_channels - 8), output_channels, scratch, count, block, output_offset, act_min,
        act_max, partial, output_channels, one_step, relu, right_shift,
      );
      if (above) {
        requantize_pixels(
          output + min(channel + 8, output_channels - 8), output_channels, scratch + distance, count, block + bytes,
          output_offset, act_min, act_max, partial, output_channels, one_step, relu, right_shift,
        );
      }
      block += 2 * bytes;
      block_filter += <usize>(pairs << 5);
    }
    output += count * output_channels;
  }
}
