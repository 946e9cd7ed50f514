// CONV_2D of int8 in tiles of four pixels by eight channels. A band of output rows at a time: its input rows become lines
// of int16. A block of channels at a time, whose filter stays in the cache, all tiles of the band are summed up; then the
// sums are requantized.
// - filter: int16 [blocks of 8 channels][runs][pairs of a run][8][2], a run being what a window finds contiguous in a line
// - channels: one_step.ts
import { conv_2d_windows } from './conv_2d_windows';
import { RELAXED } from './dot';
import { place_taps, place_windows, lines_of } from './lines';
import { block_bytes, requantize_pixels } from './one_step';
import { ring_row } from './ring';

/**
 * Rows `row_begin` up to `row_end`, in bands of at most `band_rows`; images are rings of rows (ring.ts), whole with several batches.
 * `window_rows` by `window_columns` runs of `run` int16 (even; weights beyond a window are zero) make a window of `steps` pairs;
 * runs are `tap_row_bytes` and `tap_column_bytes` apart, windows of neighbouring pixels `row_bytes` and `column_bytes`.
 * `single`: there is one run, so that no table has to say where its pairs are. `bytes`: weights are, and with relaxed SIMD stay
 * as they are, for `part_pixels` at a time.
 */
// @ts-ignore: decorator
@inline
export function conv_2d_s8_tile(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, row_begin: i32, row_end: i32,
  zero_point: i32, output_offset: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_channels: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_channels: i32,
  output_ring_rows: i32, stride_height: i32, pad_top: i32, pad_left: i32, line_width: i32, band_rows: i32,
  band_extent: i32, window_rows: i32, window_columns: i32, run: i32, steps: i32, tap_row_bytes: i32,
  tap_column_bytes: i32, row_bytes: i32, column_bytes: i32, part_pixels: i32, bytes: i32, single: i32, partial: i32,
  one_step: i32, relu: i32, right_shift: i32,
): void {
  if (RELAXED && bytes) {
    conv_2d_windows(
      output, input, scratch, filter, channels, row_begin, row_end, zero_point, output_offset, act_min, act_max, batches,
      input_height, input_width, input_channels, input_ring_rows, output_height, output_width, output_channels,
      output_ring_rows, stride_height, pad_top, pad_left, line_width, band_rows, band_extent, window_rows,
      window_columns, run, steps, tap_row_bytes >> 1, tap_column_bytes >> 1, row_bytes >> 1, column_bytes >> 1,
      part_pixels, partial, one_step, relu, right_shift,
    );
    return;
  }
  const sums = scratch;
  const windows = sums + <usize>((max(3, band_rows * output_width) + 1) << 5);
  const taps = place_windows(windows, band_rows, output_width, row_bytes, column_bytes);
  const taps_end = taps + <usize>(steps << 2);
  const lines = single ? taps : place_taps(taps, window_rows, window_columns, run, tap_row_bytes, tap_column_bytes);
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_ring_rows * input_width * input_channels;
    let rows = 0;
    for (let y = row_begin; y < row_end; y += rows) {
      const ring_y = ring_row(y, output_ring_rows, output_height);
      rows = min(min(band_rows, row_end - y), output_ring_rows - ring_y);
      const row_output = output + (batch * output_ring_rows + ring_y) * output_width * output_channels;
      const count = (rows - 1) * stride_height + band_extent;
      lines_of<i16>(
        lines, image, y * stride_height - pad_top, count, line_width, pad_left, zero_point, input_height,
        input_ring_rows, input_width, input_channels,
      );
      const pixels = rows * output_width;
      let block = channels;
      let block_filter = filter;
      for (let channel = 0; channel < output_channels; channel += 8) {
        const bias_low = v128.load(block);
        const bias_high = v128.load(block, 16);
        for (let tile = 0; tile < pixels; tile += 4) {
          // The last tile begins earlier rather than end later; the pixels that a small band lacks are not used.
          const pixel = max(0, min(tile, pixels - 4));
          const window = windows + <usize>(pixel << 2);
          let p0 = lines + load<i32>(window);
          let p1 = lines + load<i32>(window, 4);
          let p2 = lines + load<i32>(window, 8);
          let p3 = lines + load<i32>(window, 12);
          let low_0 = bias_low;
          let high_0 = bias_high;
          let low_1 = bias_low;
          let high_1 = bias_high;
          let low_2 = bias_low;
          let high_2 = bias_high;
          let low_3 = bias_low;
          let high_3 = bias_high;
          let w = block_filter;
          if (single) {
            const end = p0 + <usize>(steps << 2);
            do {
              const w_low = v128.load(w);
              const w_high = v128.load(w, 16);
              const a0 = v128.load32_splat(p0);
              low_0 = i32x4.add(low_0, i32x4.dot_i16x8_s(a0, w_low));
              high_0 = i32x4.add(high_0, i32x4.dot_i16x8_s(a0, w_high));
              const a1 = v128.load32_splat(p1);
              low_1 = i32x4.add(low_1, i32x4.dot_i16x8_s(a1, w_low));
              high_1 = i32x4.add(high_1, i32x4.dot_i16x8_s(a1, w_high));
              const a2 = v128.load32_splat(p2);
              low_2 = i32x4.add(low_2, i32x4.dot_i16x8_s(a2, w_low));
              high_2 = i32x4.add(high_2, i32x4.dot_i16x8_s(a2, w_high));
              const a3 = v128.load32_splat(p3);
              low_3 = i32x4.add(low_3, i32x4.dot_i16x8_s(a3, w_low));
              high_3 = i32x4.add(high_3, i32x4.dot_i16x8_s(a3, w_high));
              p0 += 4;
              p1 += 4;
              p2 += 4;
              p3 += 4;
              w += 32;
            } while (p0 < end);
          } else {
            let tap = taps;
            do {
              const at = <usize>load<i32>(tap);
              const w_low = v128.load(w);
              const w_high = v128.load(w, 16);
              const a0 = v128.load32_splat(p0 + at);
              low_0 = i32x4.add(low_0, i32x4.dot_i16x8_s(a0, w_low));
              high_0 = i32x4.add(high_0, i32x4.dot_i16x8_s(a0, w_high));
              const a1 = v128.load32_splat(p1 + at);
              low_1 = i32x4.add(low_1, i32x4.dot_i16x8_s(a1, w_low));
              high_1 = i32x4.add(high_1, i32x4.dot_i16x8_s(a1, w_high));
              const a2 = v128.load32_splat(p2 + at);
              low_2 = i32x4.add(low_2, i32x4.dot_i16x8_s(a2, w_low));
              high_2 = i32x4.add(high_2, i32x4.dot_i16x8_s(a2, w_high));
              const a3 = v128.load32_splat(p3 + at);
              low_3 = i32x4.add(low_3, i32x4.dot_i16x8_s(a3, w_low));
              high_3 = i32x4.add(high_3, i32x4.dot_i16x8_s(a3, w_high));
              tap += 4;
              w += 32;
            } while (tap < taps_end);
          }
          const to = sums + <usize>(pixel << 5);
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
          row_output + min(channel, max(0, output_channels - 8)), output_channels, sums, pixels, block, output_offset,
          act_min, act_max, partial, output_channels, one_step, relu, right_shift,
        );
        block += block_bytes(one_step);
        block_filter += <usize>(steps << 5);
      }
    }
  }
}
