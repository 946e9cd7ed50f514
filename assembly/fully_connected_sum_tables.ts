// FULLY_CONNECTED of one row, and CONV_2D of one pixel, of int8 by weights of few values: four bits of weights, those of four or two
// inputs, select what these sum up to out of a table of sixteen, which serves all outputs. A sum is 32 * high + low + 16, parts that
// eight bits can add up a few times. Where a weight is negative inputs are complemented, not negated, so that sums have no odd end.
// - patterns: int16 [constants, then an input's weights][16]: what makes a table
// - filter: [blocks / 4][pairs of groups][4][16] bytes, of the first group in their low nibbles, then [rest][pairs][16]
// - ending: lane_ending.ts, for each block
import { end_pixels, ending_bytes } from './lane_ending';
import { high_nibbles, look_up_x16, nibble_mask } from './look_up';
import { clear_sums, flush_sums, flushed_sums, flushes_of, no_sums } from './product_tables';

/** Bytes of a group's table: sixteen low parts, sixteen high ones. */
const TABLE: usize = 32;
/** Bytes of sixteen sums of 16 bits of low parts, and as many of high ones. */
const PARTS: usize = 64;

/** The table of `lanes` inputs. */
// @ts-ignore: decorator
@inline
function fill_table(table: usize, input: usize, patterns: usize, lanes: i32): void {
  let first = v128.load(patterns);
  let second = v128.load(patterns, 16);
  for (let i = 0; i < lanes; i++) {
    const x = i16x8.splat(<i16>load<i8>(input + i));
    patterns += 32;
    first = i16x8.add(first, i16x8.mul(x, v128.load(patterns)));
    second = i16x8.add(second, i16x8.mul(x, v128.load(patterns, 16)));
  }
  const mask = i16x8.splat(31);
  const low = i8x16.narrow_i16x8_u(v128.and(first, mask), v128.and(second, mask));
  v128.store(table, i8x16.sub(low, i8x16.splat(16)));
  v128.store(table, i8x16.narrow_i16x8_s(i16x8.shr_s(first, 5), i16x8.shr_s(second, 5)), 16);
}

/** Sixteen parts of sums, more by those of two groups. */
// @ts-ignore: decorator
@inline
function add_pair(sums: v128, tables: usize, offset: usize, low: v128, high: v128): v128 {
  const first = i8x16.add(sums, look_up_x16(v128.load(tables + offset), low));
  return i8x16.add(first, look_up_x16(v128.load(tables + offset, TABLE), high));
}

/** Sixteen sums of 32 bits out of their parts. */
// @ts-ignore: decorator
@inline
function join_sums(sums: usize, parts: usize): void {
  const factor = i16x8.splat(32);
  for (let i: usize = 0; i < 2; i++) {
    const low = flushed_sums(parts, i > 0);
    const high = flushed_sums(parts + 32, i > 0);
    const to = sums + (i << 5);
    v128.store(to, i32x4.add(i32x4.extmul_low_i16x8_s(high, factor), i32x4.extend_low_i16x8_s(low)));
    v128.store(to, i32x4.add(i32x4.extmul_high_i16x8_s(high, factor), i32x4.extend_high_i16x8_s(low)), 16);
  }
}

/** `lanes` inputs make a group; parts of `flush` groups, an even number, fit in eight bits. */
// @ts-ignore: decorator
@inline
export function fully_connected_s8_sum_tables(
  output: usize, input: usize, scratch: usize, patterns: usize, filter: usize, ends: usize, inputs: i32,
  output_channels: i32, unit: i32, output_offset: i32, act_min: i32, act_max: i32, lanes: i32, flush: i32,
  ending: i32, output_bits: i32, thresholds: i32, right_shift: i32,
): void {
  const parts = scratch + 64;
  const tables = parts + 4 * PARTS;
  // Inputs that groups lack are 0.
  const groups = ((inputs + 2 * lanes - 1) & -(2 * lanes)) / lanes;
  const flushes = flushes_of(groups, flush);
  const end = tables + <usize>groups * TABLE;
  memory.copy(end, input, inputs);
  store<u64>(end + inputs, 0);
  let x = end;
  for (let table = tables; table < end; table += TABLE) {
    fill_table(table, x, patterns, lanes);
    x += lanes;
  }
  const mask = nibble_mask();
  const stretch = <usize>flush * TABLE;
  const blocks = output_channels + 15 >> 4;
  let w = filter;
  let block = 0;
  for (; block <= blocks - 4; block += 4) {
    for (let i: usize = 0; i < 8; i++) clear_sums(parts + (i << 5), flushes);
    let table = tables;
    do {
      const flush_end = min(end, table + stretch);
      let l0 = no_sums();
      let h0 = no_sums();
      let l1 = no_sums();
      let h1 = no_sums();
      let l2 = no_sums();
      let h2 = no_sums();
      let l3 = no_sums();
      let h3 = no_sums();
      do {
        const w0 = v128.load(w);
        const w0_low = v128.and(w0, mask);
        const w0_high = high_nibbles(w0, w0_low);
        l0 = add_pair(l0, table, 0, w0_low, w0_high);
        h0 = add_pair(h0, table, 16, w0_low, w0_high);
        const w1 = v128.load(w, 16);
        const w1_low = v128.and(w1, mask);
        const w1_high = high_nibbles(w1, w1_low);
        l1 = add_pair(l1, table, 0, w1_low, w1_high);
        h1 = add_pair(h1, table, 16, w1_low, w1_high);
        const w2 = v128.load(w, 32);
        const w2_low = v128.and(w2, mask);
        const w2_high = high_nibbles(w2, w2_low);
        l2 = add_pair(l2, table, 0, w2_low, w2_high);
        h2 = add_pair(h2, table, 16, w2_low, w2_high);
        const w3 = v128.load(w, 48);
        const w3_low = v128.and(w3, mask);
        const w3_high = high_nibbles(w3, w3_low);
        l3 = add_pair(l3, table, 0, w3_low, w3_high);
        h3 = add_pair(h3, table, 16, w3_low, w3_high);
        table += 2 * TABLE;
        w += 64;
      } while (table < flush_end);
      flush_sums(parts, l0);
      flush_sums(parts + 32, h0);
      flush_sums(parts + 64, l1);
      flush_sums(parts + 96, h1);
      flush_sums(parts + 128, l2);
      flush_sums(parts + 160, h2);
      flush_sums(parts + 192, l3);
      flush_sums(parts + 224, h3);
    } while (table < end);
    for (let i = 0; i < 4; i++) {
      join_sums(scratch, parts + <usize>i * PARTS);
      end_pixels(
        output, 0, scratch, 1, ends, block + i << 4, output_channels, unit, ending, output_bits, thresholds, right_shift,
        output_offset, act_min, act_max,
      );
      ends += ending_bytes(ending, thresholds);
    }
  }
  for (; block < blocks; block++) {
    clear_sums(parts, flushes);
    clear_sums(parts + 32, flushes);
    let table = tables;
    do {
      const flush_end = min(end, table + stretch);
      let low = no_sums();
      let high = no_sums();
      do {
        const codes = v128.load(w);
        const first = v128.and(codes, mask);
        const second = high_nibbles(codes, first);
        low = add_pair(low, table, 0, first, second);
        high = add_pair(high, table, 16, first, second);
        table += 2 * TABLE;
        w += 16;
      } while (table < flush_end);
      flush_sums(parts, low);
      flush_sums(parts + 32, high);
    } while (table < end);
    join_sums(scratch, parts);
    end_pixels(
      output, 0, scratch, 1, ends, block << 4, output_channels, unit, ending, output_bits, thresholds, right_shift,
      output_offset, act_min, act_max,
    );
    ends += ending_bytes(ending, thresholds);
  }
}
