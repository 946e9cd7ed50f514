// CONV_2D of int8 in tiles of four pixels by eight channels. A band of output rows at a time: its input rows become lines
// of int16, out of which all tiles of the band are computed.
// - filter: int16 [blocks of 8 channels][runs][pairs of a run][8][2], a run being what a window finds contiguous in a line
// - channels: one_step.ts
import { place_windows, widen_lines } from './lines';
import { block_bytes, codes_of, requantize_block, store_some } from './one_step';

/**
 * `window_rows` by `window_columns` runs of `run` int16 (even; weights beyond a window are zero) make a window; runs are
 * `tap_row_bytes` and `tap_column_bytes` apart, windows of neighbouring pixels `row_bytes` and `column_bytes`.
 */
// @ts-ignore: decorator
@inline
export function conv_2d_s8_tile(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, zero_point: i32, output_offset: i32,
  act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32, input_channels: i32,
  output_height: i32, output_width: i32, output_channels: i32, stride_height: i32, pad_top: i32, pad_left: i32,
  line_width: i32, band_rows: i32, band_extent: i32, window_rows: i32, window_columns: i32, run: i32,
  tap_row_bytes: i32, tap_column_bytes: i32, row_bytes: i32, column_bytes: i32, single: i32, partial: i32,
  one_step: i32, relu: i32, right_shift: i32,
): void {
  const offset = i16x8.splat(<i16>output_offset);
  const least = i8x16.splat(<i8>act_min);
  const greatest = i8x16.splat(<i8>act_max);
  const runs = single ? 1 : window_rows;
  const taps = single ? 1 : window_columns;
  const run_bytes = <usize>(run << 1);
  const column_skip = <usize>tap_column_bytes - run_bytes;
  const row_skip = <usize>(tap_row_bytes - taps * tap_column_bytes);
  const last_block = output_channels - 8;
  const lines = place_windows(scratch, band_rows, output_width, row_bytes, column_bytes);
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_height * input_width * input_channels;
    for (let y = 0; y < output_height; y += band_rows) {
      const rows = min(band_rows, output_height - y);
      const count = (rows - 1) * stride_height + band_extent;
      widen_lines(
        lines, image, y * stride_height - pad_top, count, line_width, pad_left, zero_point, input_height,
        input_width, input_channels,
      );
      const pixels = rows * output_width;
      // Of a band of fewer than four pixels the missing ones are written first, where others follow.
      const out_1 = min(1, pixels - 1) * output_channels;
      const out_2 = min(2, pixels - 1) * output_channels;
      const out_3 = min(3, pixels - 1) * output_channels;
      for (let tile = 0; tile < pixels; tile += 4) {
        const pixel = max(0, min(tile, pixels - 4));
        const windows = scratch + <usize>(pixel << 2);
        const x0 = lines + load<i32>(windows);
        const x1 = lines + load<i32>(windows, 4);
        const x2 = lines + load<i32>(windows, 8);
        const x3 = lines + load<i32>(windows, 12);
        let w = filter;
        let block = channels;
        for (let channel = 0; channel < output_channels; channel += 8) {
          let low_0 = v128.load(block);
          let high_0 = v128.load(block, 16);
          let low_1 = low_0;
          let high_1 = high_0;
          let low_2 = low_0;
          let high_2 = high_0;
          let low_3 = low_0;
          let high_3 = high_0;
          let p0 = x0;
          let p1 = x1;
          let p2 = x2;
          let p3 = x3;
          for (let ky = 0; ky < runs; ky++) {
            for (let kx = 0; kx < taps; kx++) {
              const end = p0 + run_bytes;
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
              if (!single) {
                p0 += column_skip;
                p1 += column_skip;
                p2 += column_skip;
                p3 += column_skip;
              }
            }
            if (!single) {
              p0 += row_skip;
              p1 += row_skip;
              p2 += row_skip;
              p3 += row_skip;
            }
          }
          const first = codes_of(
            requantize_block(low_0, high_0, block, one_step, relu, right_shift),
            requantize_block(low_1, high_1, block, one_step, relu, right_shift),
            offset, least, greatest,
          );
          const second = codes_of(
            requantize_block(low_2, high_2, block, one_step, relu, right_shift),
            requantize_block(low_3, high_3, block, one_step, relu, right_shift),
            offset, least, greatest,
          );
          block += block_bytes(one_step);
          const out = output + pixel * output_channels + min(channel, max(0, last_block));
          if (partial) {
            store_some(out + out_3, second, 1, output_channels);
            store_some(out + out_2, second, 0, output_channels);
            store_some(out + out_1, first, 1, output_channels);
            store_some(out, first, 0, output_channels);
          } else {
            v128.store64_lane(out + out_3, second, 1);
            v128.store64_lane(out + out_2, second, 0);
            v128.store64_lane(out + out_1, first, 1);
            v128.store64_lane(out, first, 0);
          }
        }
      }
      output += pixels * output_channels;
    }
  }
}
