// DEPTHWISE_CONV_2D of int8 by 3x3, eight channels at a time. A band of output rows: the input rows that it meets become
// int16 lines of these eight channels alone, padding included; the sums of all pixels of the band come first, their codes
// after, so that in both loops constants stay in registers.
// - filter: int16 [blocks of 8 channels][9 taps and ones][8]
// - channels: one_step.ts
import { depthwise_conv_2d_bytes } from './depthwise_conv_2d_bytes';
import { RELAXED } from './dot';
import { block_bytes, requantize_pixels } from './one_step';
import { ring_row } from './ring';

/** Bytes of eight int16. */
const VECTOR: usize = 16;

/**
 * Eight channels of `count` pixels that are `depth` bytes apart; where `gap` is not 0, the next eight too, `gap` bytes behind
 * them. Four pixels at a time, since counting costs as much as widening.
 * @returns where the next vector goes
 */
// @ts-ignore: decorator
@inline
function widen_strided(to: usize, from: usize, count: i32, depth: usize, gap: usize): usize {
  const end = to + <usize>(count << 4);
  for (; to + 3 * VECTOR < end; to += 4 * VECTOR) {
    v128.store(to, v128.load8x8_s(from));
    v128.store(to, v128.load8x8_s(from + depth), 16);
    v128.store(to, v128.load8x8_s(from + 2 * depth), 32);
    v128.store(to, v128.load8x8_s(from + 3 * depth), 48);
    if (gap) {
      v128.store(to + gap, v128.load8x8_s(from, 8));
      v128.store(to + gap, v128.load8x8_s(from + depth, 8), 16);
      v128.store(to + gap, v128.load8x8_s(from + 2 * depth, 8), 32);
      v128.store(to + gap, v128.load8x8_s(from + 3 * depth, 8), 48);
    }
    from += 4 * depth;
  }
  for (; to < end; to += VECTOR) {
    v128.store(to, v128.load8x8_s(from));
    if (gap) v128.store(to + gap, v128.load8x8_s(from, 8));
    from += depth;
  }
  return to;
}

/** `zero` for all vectors from `to` to `end`, and `gap` bytes behind them. */
// @ts-ignore: decorator
@inline
function fill(to: usize, end: usize, zero: v128, gap: usize): void {
  for (; to < end; to += VECTOR) {
    v128.store(to, zero);
    if (gap) v128.store(to + gap, zero);
  }
}

/**
 * Eight channels of `count` input rows from `top` on, as lines of `width` pixels. Where `gap` is not 0, the next eight are lines
 * `gap` bytes behind: what lies in one cache line of the image is then used at once.
 */
// @ts-ignore: decorator
@inline
function widen_lines_of_block(
  lines: usize, image: usize, top: i32, count: i32, width: i32, pad_left: i32, zero_point: i32, height: i32,
  ring_rows: i32, row_width: i32, depth: i32, gap: usize,
): void {
  const zero = i16x8.splat(<i16>zero_point);
  const left = min(pad_left, width);
  const inside = min(row_width, width - left);
  for (let y = top; y < top + count; y++) {
    const end = lines + (width << 4);
    if (y >= 0 && y < height) {
      const first = lines + (left << 4);
      fill(lines, first, zero, gap);
      lines = widen_strided(first, image + ring_row(y, ring_rows, height) * row_width * depth, inside, depth, gap);
    }
    fill(lines, end, zero, gap);
    lines = end;
  }
}

/**
 * Eight int32 sums of each of `width` pixels, whose windows are `step` bytes apart. Products of two taps are added as int16,
 * where src/kernels/convolution/depthwise_conv_2d_3x3.ts has proved that they fit; a dot product with ones adds two such
 * sums as int32. The last tap is alone.
 */
// @ts-ignore: decorator
@inline
function sum_row(
  sums: usize, p0: usize, line_bytes: usize, width: i32, step: usize, filter: usize, biases: usize,
): void {
  const w0 = v128.load(filter);
  const w1 = v128.load(filter, 16);
  const w2 = v128.load(filter, 32);
  const w3 = v128.load(filter, 48);
  const w4 = v128.load(filter, 64);
  const w5 = v128.load(filter, 80);
  const w6 = v128.load(filter, 96);
  const w7 = v128.load(filter, 112);
  const w8 = v128.load(filter, 128);
  const ones = v128.load(filter, 144);
  const bias_low = v128.load(biases);
  const bias_high = v128.load(biases, 16);
  let p1 = p0 + line_bytes;
  let p2 = p1 + line_bytes;
  const end = sums + (width << 5);
  do {
    const a = i16x8.add(i16x8.mul(v128.load(p0), w0), i16x8.mul(v128.load(p0, 16), w1));
    const b = i16x8.add(i16x8.mul(v128.load(p0, 32), w2), i16x8.mul(v128.load(p1), w3));
    const c = i16x8.add(i16x8.mul(v128.load(p1, 16), w4), i16x8.mul(v128.load(p1, 32), w5));
    const d = i16x8.add(i16x8.mul(v128.load(p2), w6), i16x8.mul(v128.load(p2, 16), w7));
    const e = i16x8.mul(v128.load(p2, 32), w8);
    const low = i32x4.add(
      i32x4.add(
        i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), ones),
        i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11), ones),
      ),
      i32x4.add(i32x4.extend_low_i16x8_s(e), bias_low),
    );
    const high = i32x4.add(
      i32x4.add(
        i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), ones),
        i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15), ones),
      ),
      i32x4.add(i32x4.extend_high_i16x8_s(e), bias_high),
    );
    v128.store(sums, low);
    v128.store(sums, high, 16);
    p0 += step;
    p1 += step;
    p2 += step;
    sums += 32;
  } while (sums < end);
}

/**
 * Rows `row_begin` up to `row_end`; images are rings of rows (ring.ts), whole with several batches. Lines are of `line_width`
 * pixels, those of two blocks one behind the other; the sums of a band of at most `band_rows` rows stand before them in scratch
 * memory. `bytes`: weights are.
 */
// @ts-ignore: decorator
@inline
export function depthwise_conv_2d_s8_3x3(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, row_begin: i32, row_end: i32,
  zero_point: i32, output_offset: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_ring_rows: i32, output_height: i32, output_width: i32, output_ring_rows: i32, depth: i32, stride_height: i32,
  stride_width: i32, pad_top: i32, pad_left: i32, line_width: i32, band_rows: i32, bytes: i32, partial: i32,
  one_step: i32, relu: i32, right_shift: i32,
): void {
  if (RELAXED && bytes) {
    depthwise_conv_2d_bytes(
      output, input, scratch, filter, channels, row_begin, row_end, zero_point, output_offset, act_min, act_max, batches,
      input_height, input_width, input_ring_rows, output_height, output_width, output_ring_rows, depth, stride_height,
      stride_width, pad_top, pad_left, line_width, band_rows, partial, one_step, relu, right_shift,
    );
    return;
  }
  const line_bytes = <usize>(line_width << 4);
  const lines = scratch + <usize>(band_rows * output_width + 1 << 5);
  const gap = <usize>((band_rows - 1) * stride_height + 3) * line_bytes;
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_ring_rows * input_width * depth;
    let rows = 0;
    for (let y = row_begin; y < row_end; y += rows) {
      const ring_y = ring_row(y, output_ring_rows, output_height);
      rows = min(min(band_rows, row_end - y), output_ring_rows - ring_y);
      const pixels = rows * output_width;
      const row_output = output + (batch * output_ring_rows + ring_y) * output_width * depth;
      let w = filter;
      let block = channels;
      for (let n = 0; n < depth; n += 8) {
        const channel = min(n, max(0, depth - 8));
        // Every second block, where it is whole, was widened with the one before.
        const widened = (n & 8) != 0 && n + 8 <= depth;
        if (!widened) {
          const top = y * stride_height - pad_top;
          const count = (rows - 1) * stride_height + 3;
          if (n + 16 <= depth) {
            widen_lines_of_block(
              lines, image + n, top, count, line_width, pad_left, zero_point, input_height, input_ring_rows,
              input_width, depth, gap,
            );
          } else {
            widen_lines_of_block(
              lines, image + channel, top, count, line_width, pad_left, zero_point, input_height,
              input_ring_rows, input_width, depth, 0,
            );
          }
        }
        const block_lines = widened ? lines + gap : lines;
        for (let row = 0; row < rows; row++) {
          sum_row(
            scratch + <usize>(row * output_width << 5), block_lines + row * stride_height * line_bytes,
            line_bytes, output_width, <usize>(stride_width << 4), w, block,
          );
        }
        w += 160;
        requantize_pixels(
          row_output + channel, depth, scratch, pixels, block, output_offset, act_min, act_max, partial, depth, one_step,
          relu, right_shift,
        );
        block += block_bytes(one_step);
      }
    }
  }
}
