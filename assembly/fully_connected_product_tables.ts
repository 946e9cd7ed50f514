// FULLY_CONNECTED of one row, and CONV_2D of one pixel, of packed activations by weights of few values, out of product_tables.ts. Weights
// are used once: they stay nibbles, and four blocks of sixteen channels share the tables that an activation selects.
// - tables: int8 [16 of activations][16 of weights]
// - filter: [blocks / 4][pairs of groups][4][16] bytes, of the first group in their low nibbles, then [rest][pairs][16]
// - ending: lane_ending.ts, for each block
import { end_pixels, ending_bytes, SUM_BYTES } from './lane_ending';
import { high_nibbles, look_up_x16, nibble_mask } from './look_up';
import { select_window } from './packed_windows';
import { add_sums, clear_sums, flush_sums, flushes_of, no_sums, place_tables, table_at } from './product_tables';

/** Sixteen sums in 8 bits, more by those of two groups. */
// @ts-ignore: decorator
@inline
function add_pair(sums: v128, first: v128, second: v128, weights: v128, mask: v128): v128 {
  const low = v128.and(weights, mask);
  return i8x16.add(i8x16.add(sums, look_up_x16(first, low)), look_up_x16(second, high_nibbles(weights, low)));
}

/** The sums of `width` blocks of sixteen channels, of selectors from `first` to `end`. */
// @ts-ignore: decorator
@inline
function sum_blocks(
  sums: usize, parts: usize, first: usize, end: usize, w: usize, flush: i32, chunk: i32, single_chunk: i32, width: i32,
): void {
  const mask = nibble_mask();
  let more = false;
  do {
    const chunk_end = single_chunk ? end : min(end, first + <usize>chunk);
    const flushes = flushes_of(<i32>(chunk_end - first), flush);
    for (let i = 0; i < width; i++) clear_sums(parts + <usize>(i << 5), flushes);
    do {
      const flush_end = min(chunk_end, first + <usize>flush);
      let a0 = no_sums();
      let a1 = no_sums();
      let a2 = no_sums();
      let a3 = no_sums();
      do {
        const low = table_at(first);
        const high = table_at(first + 1);
        a0 = add_pair(a0, low, high, v128.load(w), mask);
        if (width > 1) {
          a1 = add_pair(a1, low, high, v128.load(w, 16), mask);
          a2 = add_pair(a2, low, high, v128.load(w, 32), mask);
          a3 = add_pair(a3, low, high, v128.load(w, 48), mask);
        }
        first += 2;
        w += <usize>(width << 4);
      } while (first < flush_end);
      flush_sums(parts, a0);
      if (width > 1) {
        flush_sums(parts + 32, a1);
        flush_sums(parts + 64, a2);
        flush_sums(parts + 96, a3);
      }
    } while (first < chunk_end);
    for (let i = 0; i < width; i++) add_sums(sums + <usize>(i << 6), parts + <usize>(i << 5), more);
    more = !single_chunk;
  } while (!single_chunk && first < end);
}

/** `flush`, `chunk`: even. An odd number of groups is one more, of clear bits. */
// @ts-ignore: decorator
@inline
export function fully_connected_product_tables(
  output: usize, input: usize, scratch: usize, tables: usize, filter: usize, ends: usize, input_height: i32,
  input_width: i32, output_channels: i32, pixel_bytes: i32, tap_groups: i32, flush: i32, chunk: i32, unit: i32,
  output_offset: i32, act_min: i32, act_max: i32, single_chunk: i32, ending: i32, output_bits: i32, thresholds: i32,
  right_shift: i32,
): void {
  const groups = input_height * input_width * tap_groups;
  const parts = scratch + 4 * SUM_BYTES;
  const window = parts + 128;
  place_tables(tables);
  select_window(
    window, input, 0, 0, input_height, input_width, input_height, input_width, 1, 1, pixel_bytes, tap_groups,
  );
  store<u8>(window + groups, 0);
  const end = window + <usize>(groups + 1 & ~1);
  const block_bytes = <usize>(groups + 1 >> 1) << 4;
  const blocks = output_channels + 15 >> 4;
  for (let block = 0; block < blocks; ) {
    const width = blocks - block >= 4 ? 4 : 1;
    if (width == 4) sum_blocks(scratch, parts, window, end, filter, flush, chunk, single_chunk, 4);
    else sum_blocks(scratch, parts, window, end, filter, flush, chunk, single_chunk, 1);
    for (let i = 0; i < width; i++) {
      end_pixels(
        output, 0, scratch + <usize>(i << 6), 1, ends, block << 4, output_channels, unit, ending, output_bits,
        thresholds, right_shift, output_offset, act_min, act_max,
      );
      ends += ending_bytes(ending, thresholds);
      block++;
    }
    filter += <usize>width * block_bytes;
  }
}
