// FULLY_CONNECTED of one row, and CONV_2D of one pixel, of packed activations by weights of few values, out of product_tables.ts. Weights
// are used once: they stay nibbles, and four blocks of sixteen channels share the tables that an activation selects.
// - tables: int8 [16 of activations][16 of weights]
// - filter: [blocks / 4][pairs of groups][4][16] bytes, of the first group in their low nibbles, then [rest][pairs][16]
// - ending: lane_ending.ts, for each block
import { end_pixels, ending_bytes } from './lane_ending';
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
  const parts = scratch + 256;
  const window = parts + 128;
  place_tables(tables);
  select_window(
    window, input, 0, 0, input_height, input_width, input_height, input_width, 1, 1, pixel_bytes, tap_groups,
  );
  store<u8>(window + groups, 0);
  const end = window + <usize>(groups + 1 & ~1);
  const mask = nibble_mask();
  const blocks = output_channels + 15 >> 4;
  let w = filter;
  let block = 0;
  for (; block <= blocks - 4; block += 4) {
    let p = window;
    let more = false;
    do {
      const chunk_end = single_chunk ? end : min(end, p + <usize>chunk);
      const flushes = flushes_of(<i32>(chunk_end - p), flush);
      for (let i: usize = 0; i < 128; i += 32) clear_sums(parts + i, flushes);
      do {
        const flush_end = min(chunk_end, p + <usize>flush);
        let a0 = no_sums();
        let a1 = no_sums();
        let a2 = no_sums();
        let a3 = no_sums();
        do {
          const first = table_at(p);
          const second = table_at(p + 1);
          a0 = add_pair(a0, first, second, v128.load(w), mask);
          a1 = add_pair(a1, first, second, v128.load(w, 16), mask);
          a2 = add_pair(a2, first, second, v128.load(w, 32), mask);
          a3 = add_pair(a3, first, second, v128.load(w, 48), mask);
          p += 2;
          w += 64;
        } while (p < flush_end);
        flush_sums(parts, a0);
        flush_sums(parts + 32, a1);
        flush_sums(parts + 64, a2);
        flush_sums(parts + 96, a3);
      } while (p < chunk_end);
      add_sums(scratch, parts, more);
      add_sums(scratch + 64, parts + 32, more);
      add_sums(scratch + 128, parts + 64, more);
      add_sums(scratch + 192, parts + 96, more);
      more = !single_chunk;
    } while (!single_chunk && p < end);
    for (let i = 0; i < 4; i++) {
      end_pixels(
        output, 0, scratch + <usize>(i << 6), 1, ends, block + i << 4, output_channels, unit, ending, output_bits,
        thresholds, right_shift, output_offset, act_min, act_max,
      );
      ends += ending_bytes(ending, thresholds);
    }
  }
  for (; block < blocks; block++) {
    let p = window;
    let more = false;
    do {
      const chunk_end = single_chunk ? end : min(end, p + <usize>chunk);
      clear_sums(parts, flushes_of(<i32>(chunk_end - p), flush));
      do {
        const flush_end = min(chunk_end, p + <usize>flush);
        let a = no_sums();
        do {
          const first = table_at(p);
          a = add_pair(a, first, table_at(p + 1), v128.load(w), mask);
          p += 2;
          w += 16;
        } while (p < flush_end);
        flush_sums(parts, a);
      } while (p < chunk_end);
      add_sums(scratch, parts, more);
      more = !single_chunk;
    } while (!single_chunk && p < end);
    end_pixels(
      output, 0, scratch, 1, ends, block << 4, output_channels, unit, ending, output_bits, thresholds, right_shift,
      output_offset, act_min, act_max,
    );
    ends += ending_bytes(ending, thresholds);
  }
}
