// FULLY_CONNECTED of one row, and CONV_2D of one pixel, of int8 by weights of few values, first + step * multiple: four bits of
// weights, those of four or two inputs, select what these sum up to out of a table of sixteen, which serves all outputs. A sum is
// 32 * high + low + 16, parts that eight bits can add up a few times. Where the module multiplies bytes and codes are multiples,
// products are faster: code_fields.ts.
// - patterns: int16 [inputs of a group][16]: multiples, less the middle one, by four bits of weights
// - filter: [blocks / 4][pairs of groups][4][16] bytes, of the first group in their low nibbles, then [rest][pairs][16]
// - ending: lane_ending.ts, for each block
import { sum_fields } from './code_fields';
import { RELAXED } from './dot';
import { end_pixels, ending_bytes, SUM_BYTES } from './lane_ending';
import { high_nibbles, look_up_x16, nibble_mask } from './look_up';
import { clear_sums, flush_sums, flushed_sums, flushes_of, no_sums } from './product_tables';
import { sum_run } from './reduce';

/** Bytes of a group's table: sixteen low parts, sixteen high ones. */
const TABLE: usize = 32;
/** Bytes of sixteen sums of 16 bits of low parts, and as many of high ones. */
const PARTS: usize = 64;

/** The table of `lanes` inputs. */
// @ts-ignore: decorator
@inline
function fill_table(table: usize, input: usize, patterns: usize, lanes: i32): void {
  let first = i16x8.splat(0);
  let second = first;
  for (let i = 0; i < lanes; i++) {
    const x = i16x8.splat(<i16>load<i8>(input + i));
    first = i16x8.add(first, i16x8.mul(x, v128.load(patterns)));
    second = i16x8.add(second, i16x8.mul(x, v128.load(patterns, 16)));
    patterns += 32;
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

/** The sums of `width` blocks of channels out of tables, as low and high parts. */
// @ts-ignore: decorator
@inline
function sum_tables(
  parts: usize, tables: usize, end: usize, w: usize, stretch: usize, flushes: i32, width: i32,
): void {
  for (let i = 0; i < 2 * width; i++) clear_sums(parts + <usize>(i << 5), flushes);
  const mask = nibble_mask();
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
      if (width > 1) {
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
      }
      table += 2 * TABLE;
      w += <usize>(width << 4);
    } while (table < flush_end);
    flush_sums(parts, l0);
    flush_sums(parts + 32, h0);
    if (width > 1) {
      flush_sums(parts + 64, l1);
      flush_sums(parts + 96, h1);
      flush_sums(parts + 128, l2);
      flush_sums(parts + 160, h2);
      flush_sums(parts + 192, l3);
      flush_sums(parts + 224, h3);
    }
  } while (table < end);
}

/** Writes the outputs of `width` blocks from `block` on: their sums of multiples, and what all outputs share. */
// @ts-ignore: decorator
@inline
function end_blocks(
  output: usize, sums: usize, width: i32, block: i32, ends: usize, shared: v128, step: i32, output_channels: i32, unit: i32,
  output_offset: i32, act_min: i32, act_max: i32, ending: i32, output_bits: i32, thresholds: i32, right_shift: i32,
): void {
  const factor = i32x4.splat(step);
  for (let i = 0; i < width; i++) {
    const end = sums + 64;
    for (let at = sums; at < end; at += 16) {
      v128.store(at, i32x4.add(i32x4.mul(v128.load(at), factor), shared));
    }
    end_pixels(
      output, 0, sums, 1, ends, block + i << 4, output_channels, unit, ending, output_bits, thresholds, right_shift,
      output_offset, act_min, act_max,
    );
    ends += ending_bytes(ending, thresholds);
    sums = end;
  }
}

/**
 * `lanes` inputs make a group; parts of `flush` groups, an even number, fit in eight bits. `multiplied`: codes are
 * multiples, two bits of each.
 */
// @ts-ignore: decorator
@inline
export function fully_connected_s8_sum_tables(
  output: usize, input: usize, scratch: usize, patterns: usize, filter: usize, ends: usize, inputs: i32,
  output_channels: i32, first: i32, step: i32, middle: i32, unit: i32, output_offset: i32, act_min: i32, act_max: i32,
  lanes: i32, flush: i32, multiplied: i32, ending: i32, output_bits: i32, thresholds: i32, right_shift: i32,
): void {
  const fields = RELAXED && multiplied;
  const parts = scratch + 4 * SUM_BYTES;
  const tables = parts + 4 * PARTS;
  // Inputs that groups lack are 0.
  const groups = ((inputs + 2 * lanes - 1) & -(2 * lanes)) / lanes;
  const flushes = flushes_of(groups, flush);
  const end = fields ? tables : tables + <usize>groups * TABLE;
  const x_end = end + <usize>(groups * lanes);
  memory.copy(end, input, inputs);
  store<u64>(end + inputs, 0);
  if (!fields) {
    let x = end;
    for (let table = tables; table < end; table += TABLE) {
      fill_table(table, x, patterns, lanes);
      x += lanes;
    }
  }
  const sum = sum_run<i8>(input, inputs);
  const shared = i32x4.splat(fields ? first * sum : (first + step * middle) * sum + step * 16 * groups);
  const stretch = <usize>flush * TABLE;
  const block_bytes = <usize>(groups << 3);
  const blocks = output_channels + 15 >> 4;
  let block = 0;
  for (; block <= blocks - 4; block += 4) {
    if (fields) {
      sum_fields(scratch, end, x_end, filter, 64, true);
      sum_fields(scratch + 2 * SUM_BYTES, end, x_end, filter + 32, 64, true);
    } else {
      sum_tables(parts, tables, end, filter, stretch, flushes, 4);
      for (let i = 0; i < 4; i++) join_sums(scratch + <usize>(i << 6), parts + <usize>i * PARTS);
    }
    end_blocks(
      output, scratch, 4, block, ends, shared, step, output_channels, unit, output_offset, act_min, act_max, ending,
      output_bits, thresholds, right_shift,
    );
    filter += 4 * block_bytes;
    ends += 4 * ending_bytes(ending, thresholds);
  }
  for (; block < blocks; block++) {
    if (fields) {
      sum_fields(scratch, end, x_end, filter, 16, false);
    } else {
      sum_tables(parts, tables, end, filter, stretch, flushes, 1);
      join_sums(scratch, parts);
    }
    end_blocks(
      output, scratch, 1, block, ends, shared, step, output_channels, unit, output_offset, act_min, act_max, ending,
      output_bits, thresholds, right_shift,
    );
    filter += block_bytes;
    ends += ending_bytes(ending, thresholds);
  }
}
