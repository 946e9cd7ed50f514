// DEPTHWISE_CONV_2D of int8 by 3x3 where dot.ts takes bytes, eight channels at a time. A column of a line is four rows of the
// image, byte after byte of a channel: with stride 1 these are the windows of two output rows, whose taps are the same but for
// a byte that shifts them.
// - filter: made of the taps by depthwise_conv_2d_3x3_filter.ts
// - channels: one_step.ts
import { dot_add } from './dot';
import { block_bytes, requantize_pixels } from './one_step';
import { ring_row } from './ring';

/** Bytes of eight channels of a column. */
const COLUMN: usize = 32;
/** Bytes of a block of the filter: as many as in the form of int16. */
const FILTER: usize = 160;
/** Where a block of the filter has what its sums exceed. */
const CORRECTION: usize = 96;

/** Sixteen codes, unsigned. */
// @ts-ignore: decorator
@inline
function load_unsigned(from: usize): v128 {
  return v128.xor(v128.load(from), i8x16.splat(-128));
}

/** Eight channels of a column or, `gap` bytes behind them, the next eight too. */
// @ts-ignore: decorator
@inline
function store_column(to: usize, a: v128, b: v128, c: v128, d: v128, gap: usize): void {
  const ab = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const cd = v128.shuffle<i8>(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128.store(to, v128.shuffle<i16>(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to, v128.shuffle<i16>(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  if (gap) {
    const ab_high = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const cd_high = v128.shuffle<i8>(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    v128.store(to + gap, v128.shuffle<i16>(ab_high, cd_high, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + gap, v128.shuffle<i16>(ab_high, cd_high, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}

/** Columns of `zero` from `to` to `end`, and `gap` bytes behind them. */
// @ts-ignore: decorator
@inline
function fill(to: usize, end: usize, zero: v128, gap: usize): void {
  for (; to < end; to += COLUMN) {
    v128.store(to, zero);
    v128.store(to, zero, 16);
    if (gap) {
      v128.store(to + gap, zero);
      v128.store(to + gap, zero, 16);
    }
  }
}

/**
 * `count` lines of `width` columns of eight channels, the rows of each `row_step` behind those of the one before. Rows outside of the
 * image are the vector at `zeros`, again and again. Where `gap` is not 0, the next eight channels are lines `gap` bytes behind.
 */
// @ts-ignore: decorator
@inline
function interleave_rows(
  lines: usize, image: usize, top: i32, count: i32, row_step: i32, width: i32, pad_left: i32, zeros: usize,
  height: i32, ring_rows: i32, row_width: i32, depth: i32, gap: usize,
): void {
  const zero = load_unsigned(zeros);
  const row = row_width * depth;
  const left = min(pad_left, width);
  const inside = min(row_width, width - left);
  for (; count > 0; count--) {
    const inside_0 = top >= 0 && top < height;
    const inside_1 = top + 1 >= 0 && top + 1 < height;
    const inside_2 = top + 2 >= 0 && top + 2 < height;
    const inside_3 = top + 3 >= 0 && top + 3 < height;
    let row_0 = inside_0 ? image + ring_row(top, ring_rows, height) * row : zeros;
    let row_1 = inside_1 ? image + ring_row(top + 1, ring_rows, height) * row : zeros;
    let row_2 = inside_2 ? image + ring_row(top + 2, ring_rows, height) * row : zeros;
    let row_3 = inside_3 ? image + ring_row(top + 3, ring_rows, height) * row : zeros;
    const step_0 = <usize>(inside_0 ? depth : 0);
    const step_1 = <usize>(inside_1 ? depth : 0);
    const step_2 = <usize>(inside_2 ? depth : 0);
    const step_3 = <usize>(inside_3 ? depth : 0);
    const first = lines + <usize>left * COLUMN;
    const last = first + <usize>inside * COLUMN;
    const end = lines + <usize>width * COLUMN;
    fill(lines, first, zero, gap);
    for (let to = first; to < last; to += COLUMN) {
      store_column(
        to, load_unsigned(row_0), load_unsigned(row_1), load_unsigned(row_2), load_unsigned(row_3), gap,
      );
      row_0 += step_0;
      row_1 += step_1;
      row_2 += step_2;
      row_3 += step_3;
    }
    fill(last, end, zero, gap);
    lines = end;
    top += row_step;
  }
}

/**
 * Eight int32 sums of each of `width` pixels, whose windows are `step` bytes apart: of a row and, where `two`, of the one below,
 * `sums_row` bytes behind it.
 */
// @ts-ignore: decorator
@inline
function sum_rows(
  sums: usize, sums_row: usize, line: usize, width: i32, step: usize, filter: usize, biases: usize, two: bool,
): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const w0 = v128.load(filter + 3 * half);
    const w1 = v128.load(filter + 3 * half, 16);
    const w2 = v128.load(filter + 3 * half, 32);
    const below_0 = i32x4.shl(w0, 8);
    const below_1 = i32x4.shl(w1, 8);
    const below_2 = i32x4.shl(w2, 8);
    const bias = i32x4.add(v128.load(biases + half), v128.load(filter + half, CORRECTION));
    let p = line + half;
    let to = sums + half;
    const end = to + (width << 5);
    do {
      const a = v128.load(p);
      const b = v128.load(p, COLUMN);
      const c = v128.load(p, 2 * COLUMN);
      v128.store(to, dot_add(dot_add(dot_add(bias, w0, a), w1, b), w2, c));
      if (two) v128.store(to + sums_row, dot_add(dot_add(dot_add(bias, below_0, a), below_1, b), below_2, c));
      p += step;
      to += 32;
    } while (to < end);
  }
}

/** Names as in depthwise_conv_2d_3x3.ts; with stride 1 there is room for an even number of rows. */
// @ts-ignore: decorator
@inline
export function depthwise_conv_2d_bytes(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, row_begin: i32, row_end: i32,
  zero_point: i32, output_offset: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_ring_rows: i32, output_height: i32, output_width: i32, output_ring_rows: i32, depth: i32, stride_height: i32,
  stride_width: i32, pad_top: i32, pad_left: i32, line_width: i32, band_rows: i32, partial: i32, one_step: i32,
  relu: i32, right_shift: i32,
): void {
  const rows_of_line = stride_height == 1 ? 2 : 1;
  const row_step = stride_height * rows_of_line;
  const line_bytes = <usize>line_width * COLUMN;
  const sums_row = <usize>output_width << 5;
  const most = band_rows + rows_of_line - 1 & -rows_of_line;
  const zeros = scratch + <usize>(most * output_width + 1 << 5);
  const lines = zeros + 16;
  const gap = <usize>(most / rows_of_line) * line_bytes;
  v128.store(zeros, i8x16.splat(<i8>zero_point));
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_ring_rows * input_width * depth;
    let rows = 0;
    for (let y = row_begin; y < row_end; y += rows) {
      const ring_y = ring_row(y, output_ring_rows, output_height);
      rows = min(min(most, row_end - y), output_ring_rows - ring_y);
      const row_output = output + (batch * output_ring_rows + ring_y) * output_width * depth;
      const count = (rows + rows_of_line - 1) / rows_of_line;
      const top = y * stride_height - pad_top;
      let w = filter;
      let block = channels;
      for (let n = 0; n < depth; n += 8) {
        const channel = min(n, max(0, depth - 8));
        // Every second block, where it is whole, was interleaved with the one before.
        const interleaved = (n & 8) != 0 && n + 8 <= depth;
        if (!interleaved) {
          if (n + 16 <= depth) {
            interleave_rows(
              lines, image + n, top, count, row_step, line_width, pad_left, zeros, input_height, input_ring_rows,
              input_width, depth, gap,
            );
          } else {
            interleave_rows(
              lines, image + channel, top, count, row_step, line_width, pad_left, zeros, input_height,
              input_ring_rows, input_width, depth, 0,
            );
          }
        }
        let line = interleaved ? lines + gap : lines;
        let sums = scratch;
        for (let i = 0; i < count; i++) {
          const step = <usize>stride_width * COLUMN;
          if (rows_of_line == 2) sum_rows(sums, sums_row, line, output_width, step, w, block, true);
          else sum_rows(sums, sums_row, line, output_width, step, w, block, false);
          line += line_bytes;
          sums += <usize>rows_of_line * sums_row;
        }
        w += FILTER;
        requantize_pixels(
          row_output + channel, depth, scratch, rows * output_width, block, output_offset, act_min, act_max, partial, depth,
          one_step, relu, right_shift,
        );
        block += block_bytes(one_step);
      }
    }
  }
}
