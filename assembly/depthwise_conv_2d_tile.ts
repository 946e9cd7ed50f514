// DEPTHWISE_CONV_2D of int8, an output for each input channel, in tiles of four pixels by eight channels. A band of output
// rows at a time: its input rows become lines of pairs of vertical neighbours, which the dot product takes as they are.
// - filter: int16 [blocks of 8 channels][pairs of rows][columns][8][2]
// - channels: one_step.ts
import { place_windows, widen_line_pairs } from './lines';
import { block_bytes, codes_of, requantize_block, store_some } from './one_step';

/** Names as in conv_2d_tile.ts; lines are `line_step` rows of the image apart, rows of a pair `dilation_height`. */
// @ts-ignore: decorator
@inline
export function depthwise_conv_2d_s8_tile(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, zero_point: i32, output_offset: i32,
  act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32, output_height: i32,
  output_width: i32, depth: i32, stride_height: i32, dilation_height: i32, pad_top: i32, pad_left: i32,
  line_width: i32, line_step: i32, band_rows: i32, band_extent: i32, window_rows: i32, window_columns: i32,
  tap_row_bytes: i32, tap_column_bytes: i32, row_bytes: i32, column_bytes: i32, partial: i32, one_step: i32,
  relu: i32, right_shift: i32,
): void {
  const offset = i16x8.splat(<i16>output_offset);
  const least = i8x16.splat(<i8>act_min);
  const greatest = i8x16.splat(<i8>act_max);
  const row_skip = <usize>(tap_row_bytes - window_columns * tap_column_bytes);
  const last_block = max(0, depth - 8);
  const lines = place_windows(scratch, band_rows, output_width, row_bytes, column_bytes);
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_height * input_width * depth;
    for (let y = 0; y < output_height; y += band_rows) {
      const rows = min(band_rows, output_height - y);
      const count = ((rows - 1) * stride_height + band_extent - 1) / line_step + 1;
      widen_line_pairs(
        lines, image, y * stride_height - pad_top, count, line_step, dilation_height, line_width, pad_left,
        zero_point, input_height, input_width, depth,
      );
      const pixels = rows * output_width;
      // Of a band of fewer than four pixels the missing ones are written first, where others follow.
      const out_1 = min(1, pixels - 1) * depth;
      const out_2 = min(2, pixels - 1) * depth;
      const out_3 = min(3, pixels - 1) * depth;
      for (let tile = 0; tile < pixels; tile += 4) {
        const pixel = max(0, min(tile, pixels - 4));
        const windows = scratch + <usize>(pixel << 2);
        const x0 = lines + load<i32>(windows);
        const x1 = lines + load<i32>(windows, 4);
        const x2 = lines + load<i32>(windows, 8);
        const x3 = lines + load<i32>(windows, 12);
        let w = filter;
        let block = channels;
        for (let n = 0; n < depth; n += 8) {
          const channel = min(n, last_block);
          let low_0 = v128.load(block);
          let high_0 = v128.load(block, 16);
          let low_1 = low_0;
          let high_1 = high_0;
          let low_2 = low_0;
          let high_2 = high_0;
          let low_3 = low_0;
          let high_3 = high_0;
          let p0 = x0 + (channel << 2);
          let p1 = x1 + (channel << 2);
          let p2 = x2 + (channel << 2);
          let p3 = x3 + (channel << 2);
          for (let ky = 0; ky < window_rows; ky++) {
            for (let kx = 0; kx < window_columns; kx++) {
              const w_low = v128.load(w);
              const w_high = v128.load(w, 16);
              low_0 = i32x4.add(low_0, i32x4.dot_i16x8_s(v128.load(p0), w_low));
              high_0 = i32x4.add(high_0, i32x4.dot_i16x8_s(v128.load(p0, 16), w_high));
              low_1 = i32x4.add(low_1, i32x4.dot_i16x8_s(v128.load(p1), w_low));
              high_1 = i32x4.add(high_1, i32x4.dot_i16x8_s(v128.load(p1, 16), w_high));
              low_2 = i32x4.add(low_2, i32x4.dot_i16x8_s(v128.load(p2), w_low));
              high_2 = i32x4.add(high_2, i32x4.dot_i16x8_s(v128.load(p2, 16), w_high));
              low_3 = i32x4.add(low_3, i32x4.dot_i16x8_s(v128.load(p3), w_low));
              high_3 = i32x4.add(high_3, i32x4.dot_i16x8_s(v128.load(p3, 16), w_high));
              p0 += tap_column_bytes;
              p1 += tap_column_bytes;
              p2 += tap_column_bytes;
              p3 += tap_column_bytes;
              w += 32;
            }
            p0 += row_skip;
            p1 += row_skip;
            p2 += row_skip;
            p3 += row_skip;
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
          const out = output + pixel * depth + channel;
          if (partial) {
            store_some(out + out_3, second, 1, depth);
            store_some(out + out_2, second, 0, depth);
            store_some(out + out_1, first, 1, depth);
            store_some(out, first, 0, depth);
          } else {
            v128.store64_lane(out + out_3, second, 1);
            v128.store64_lane(out + out_2, second, 0);
            v128.store64_lane(out + out_1, first, 1);
            v128.store64_lane(out, first, 0);
          }
        }
      }
      output += pixels * depth;
    }
  }
}
