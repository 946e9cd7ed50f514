// CONV_2D of int8 where dot.ts takes bytes, some windows of a band after the others (pixel_tiles.ts has the constants' layout).
import { lines_of, place_windows } from './lines';
import { bytes_of_sums, bytes_of_tiles, groups_of, interleave_windows, multiply_tiles } from './pixel_tiles';
import { ring_row } from './ring';

/** Names as in conv_2d_tile.ts, bytes those of lines of int8; `part_pixels` windows at a time have room in scratch memory. */
// @ts-ignore: decorator
@inline
export function conv_2d_windows(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, row_begin: i32, row_end: i32,
  zero_point: i32, output_offset: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_channels: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_channels: i32,
  output_ring_rows: i32, stride_height: i32, pad_top: i32, pad_left: i32, line_width: i32, band_rows: i32,
  band_extent: i32, window_rows: i32, window_columns: i32, run: i32, steps: i32, tap_row_bytes: i32,
  tap_column_bytes: i32, row_bytes: i32, column_bytes: i32, part_pixels: i32, partial: i32, one_step: i32, relu: i32,
  right_shift: i32,
): void {
  const run_groups = groups_of(run >> 1);
  const groups = window_rows * window_columns * run_groups;
  const windows = scratch + bytes_of_sums(part_pixels);
  const tiles = place_windows(windows, band_rows, output_width, row_bytes, column_bytes);
  const lines = tiles + bytes_of_tiles(part_pixels, groups);
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_ring_rows * input_width * input_channels;
    let rows = 0;
    for (let y = row_begin; y < row_end; y += rows) {
      const ring_y = ring_row(y, output_ring_rows, output_height);
      rows = min(min(band_rows, row_end - y), output_ring_rows - ring_y);
      const row_output = output + (batch * output_ring_rows + ring_y) * output_width * output_channels;
      lines_of<i8>(
        lines, image, y * stride_height - pad_top, (rows - 1) * stride_height + band_extent, line_width, pad_left,
        zero_point, input_height, input_ring_rows, input_width, input_channels,
      );
      const pixels = rows * output_width;
      for (let first = 0; first < pixels; first += part_pixels) {
        const count = min(part_pixels, pixels - first);
        interleave_windows(
          tiles, windows + <usize>(first << 2), count, lines, window_rows, window_columns, run_groups, tap_row_bytes,
          tap_column_bytes,
        );
        multiply_tiles(
          row_output + first * output_channels, scratch, tiles, groups, filter, <usize>(steps << 5), channels,
          output_offset, act_min, act_max, count, output_channels, partial, one_step, relu, right_shift,
        );
      }
    }
  }
}
