// CONV_2D and FULLY_CONNECTED of packed activations by weights of few values, out of product_tables.ts. Windows of a band of pixels
// become selectors in scratch memory; two pixels by four, two or one blocks of sixteen channels share what they load.
// - tables: int8 [16 of activations][16 of weights]
// - filter: [blocks / 4][groups of four bits][4][16] bytes below 16, then [groups][2][16] and [groups][1][16] of those left
// - ending: lane_ending.ts, for each block; then, where `corrected`, int16 [blocks][taps][16] (product_tables.ts)
import { end_pixels, ending_bytes } from './lane_ending';
import { look_up_x16 } from './look_up';
import { row_bytes } from './packed';
import { select_window } from './packed_windows';
import { pair_selectors, place_pair_tables, sum_pairs } from './pair_tables';
import { add_sums, clear_sums, correct_window, flush_sums, flushes_of, no_sums, place_tables, sums_of, table_at } from './product_tables';

/** Bytes of the sums of 16 bits of two pixels by four blocks. */
const PARTS: usize = 256;

/**
 * The sums of two windows for `width` blocks of channels, whose sums are `block_sums` apart; those of the second window behind those
 * of the first one.
 */
// @ts-ignore: decorator
@inline
function sum_tile(
  sums: usize, block_sums: usize, parts: usize, first: usize, second: usize, w: usize, groups: i32, flush: i32,
  chunk: i32, single_chunk: i32, width: i32,
): void {
  const end = first + <usize>groups;
  let more = false;
  do {
    const chunk_end = single_chunk ? end : min(end, first + <usize>chunk);
    const flushes = flushes_of(<i32>(chunk_end - first), flush);
    for (let i = 0; i < width; i++) {
      clear_sums(parts + <usize>(i << 6), flushes);
      clear_sums(parts + <usize>(i << 6) + 32, flushes);
    }
    do {
      const flush_end = min(chunk_end, first + <usize>flush);
      let a0 = no_sums();
      let a1 = no_sums();
      let a2 = no_sums();
      let a3 = no_sums();
      let b0 = no_sums();
      let b1 = no_sums();
      let b2 = no_sums();
      let b3 = no_sums();
      do {
        const ta = table_at(first);
        const tb = table_at(second);
        const w0 = v128.load(w);
        a0 = i8x16.add(a0, look_up_x16(ta, w0));
        b0 = i8x16.add(b0, look_up_x16(tb, w0));
        if (width > 1) {
          const w1 = v128.load(w, 16);
          a1 = i8x16.add(a1, look_up_x16(ta, w1));
          b1 = i8x16.add(b1, look_up_x16(tb, w1));
        }
        if (width > 2) {
          const w2 = v128.load(w, 32);
          a2 = i8x16.add(a2, look_up_x16(ta, w2));
          b2 = i8x16.add(b2, look_up_x16(tb, w2));
          const w3 = v128.load(w, 48);
          a3 = i8x16.add(a3, look_up_x16(ta, w3));
          b3 = i8x16.add(b3, look_up_x16(tb, w3));
        }
        first++;
        second++;
        w += <usize>(width << 4);
      } while (first < flush_end);
      flush_sums(parts, a0);
      flush_sums(parts + 32, b0);
      if (width > 1) {
        flush_sums(parts + 64, a1);
        flush_sums(parts + 96, b1);
      }
      if (width > 2) {
        flush_sums(parts + 128, a2);
        flush_sums(parts + 160, b2);
        flush_sums(parts + 192, a3);
        flush_sums(parts + 224, b3);
      }
    } while (first < chunk_end);
    for (let i = 0; i < width; i++) {
      add_sums(sums + <usize>i * block_sums, parts + <usize>(i << 6), more);
      add_sums(sums + <usize>i * block_sums + 64, parts + <usize>(i << 6) + 32, more);
    }
    more = !single_chunk;
  } while (!single_chunk && first < end);
}

/**
 * `groups` of a window are summed up in 8 bits `flush` at a time, in 16 bits `chunk` at a time, a multiple of it; `single_chunk`:
 * all of them. `wide`, `pair`, `odd`: whether there are four blocks, two of those left, and one of these.
 */
// @ts-ignore: decorator
@inline
export function conv_2d_product_tables(
  output: usize, input: usize, scratch: usize, tables: usize, filter: usize, ends: usize, batches: i32,
  input_height: i32, input_width: i32, output_height: i32, output_width: i32, output_channels: i32, filter_height: i32,
  filter_width: i32, stride_height: i32, stride_width: i32, dilation_height: i32, dilation_width: i32, pad_top: i32,
  pad_left: i32, pixel_bytes: i32, tap_groups: i32, groups: i32, band_pixels: i32, flush: i32, chunk: i32,
  step: i32, unit: i32,
  output_offset: i32, act_min: i32, act_max: i32, wide: i32, pair: i32, odd: i32,
  paired: i32, corrected: i32, single_chunk: i32, ending: i32, output_bits: i32,
  thresholds: i32, right_shift: i32,
): void {
  const blocks = output_channels + 15 >> 4;
  const block_bytes = ending_bytes(ending, thresholds);
  const corrections = ends + <usize>blocks * block_bytes;
  const taps_bytes = <usize>(filter_height * filter_width) << 5;
  const output_bytes = row_bytes(output_channels, output_bits);
  const block_sums = sums_of(band_pixels);
  const parts = scratch + 4 * block_sums;
  // Where each window begins, if some of it is out of the image; else a row that is none.
  const places = parts + PARTS;
  const windows = places + (<usize>band_pixels << 3);
  const pixels = batches * output_height * output_width;
  let image = input;
  if (paired) place_pair_tables(tables);
  else place_tables(tables);
  let y = 0;
  let x = 0;
  for (let first = 0; first < pixels; first += band_pixels) {
    const count = min(band_pixels, pixels - first);
    let window = windows;
    for (let i = 0; i < count; i++) {
      const top = y * stride_height - pad_top;
      const left = x * stride_width - pad_left;
      const outside = select_window(
        window, image, top, left, input_height, input_width, filter_height, filter_width, dilation_height,
        dilation_width, pixel_bytes, tap_groups,
      );
      if (paired) store<u16>(window + filter_height * filter_width * tap_groups, 0);
      if (corrected) {
        store<i32>(places + (<usize>i << 3), outside ? top : i32.MIN_VALUE);
        store<i32>(places + (<usize>i << 3), left, 4);
      }
      window += groups;
      if (++x == output_width) {
        x = 0;
        if (++y == output_height) {
          y = 0;
          image += <usize>(input_height * input_width * pixel_bytes);
        }
      }
    }
    if (paired) {
      const last = windows + <usize>((count - 1) * groups);
      for (let at = windows; at <= last; at += <usize>groups << 1) {
        pair_selectors(at, min(at + groups, last), groups);
      }
    }
    let block_filter = filter;
    for (let block = 0; block < blocks; ) {
      const width = blocks - block >= 4 ? 4 : blocks - block >= 2 ? 2 : 1;
      let first_window = windows;
      for (let tile = 0; tile < count; tile += 2) {
        const sums = scratch + (<usize>tile << 6);
        // The last of an odd number is computed twice.
        const second_window = first_window + <usize>(tile + 1 < count ? groups : 0);
        if (paired) {
          if (wide || pair) {
            for (let i = 0; i < width - 1; i += 2) {
              sum_pairs(
                sums + <usize>i * block_sums, block_sums, parts, first_window, block_filter + (i << 4), width << 4, groups,
                flush, step, 2,
              );
            }
          }
          if (odd && width == 1) {
            sum_pairs(sums, block_sums, parts, first_window, block_filter, 16, groups, flush, step, 1);
          }
        } else if (wide && width == 4) {
          sum_tile(
            sums, block_sums, parts, first_window, second_window, block_filter, groups, flush, chunk, single_chunk, 4,
          );
        } else if (pair && width == 2) {
          sum_tile(
            sums, block_sums, parts, first_window, second_window, block_filter, groups, flush, chunk, single_chunk, 2,
          );
        } else if (odd) {
          sum_tile(
            sums, block_sums, parts, first_window, second_window, block_filter, groups, flush, chunk, single_chunk, 1,
          );
        }
        first_window += <usize>groups << 1;
      }
      block_filter += <usize>(groups * width) << 4;
      let sums = scratch;
      for (const end = block + width; block < end; block++) {
        if (corrected) {
          for (let i = 0; i < count; i++) {
            const top = load<i32>(places + (<usize>i << 3));
            if (top == i32.MIN_VALUE) continue;
            correct_window(
              sums + (<usize>i << 6), corrections + <usize>block * taps_bytes, top,
              load<i32>(places + (<usize>i << 3), 4), input_height, input_width, filter_height, filter_width,
              dilation_height, dilation_width,
            );
          }
        }
        end_pixels(
          output, output_bytes, sums, count, ends + <usize>block * block_bytes, block << 4, output_channels, unit, ending,
          output_bits, thresholds, right_shift, output_offset, act_min, act_max,
        );
        sums += block_sums;
      }
    }
    output += <usize>(count * output_bytes);
  }
}
