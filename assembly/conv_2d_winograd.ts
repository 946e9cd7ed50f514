// CONV_2D of int8 by 3x3 with stride 1, by Winograd's minimal filtering (winograd.ts). A band of rows of patches at a time: V
// of all its patches first, then by block of eight output channels products and sums, which are requantized row by row.
// - filter: U as int16 [blocks of 8 channels][(size + 2)^2][pairs of input channels][8][2]
// - channels: one_step.ts, with biases times 4 or 576
import { lines_of } from './lines';
import { block_bytes, requantize_pixels } from './one_step';
import { combine_columns, combine_rows, transform_lines, transform_patches, winograd_products } from './winograd';

/** `size`: 2 or 4 rows and columns of outputs a patch. */
// @ts-ignore: decorator
@inline
export function conv_2d_s8_winograd_patches(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, zero_point: i32, output_offset: i32,
  act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32, input_channels: i32,
  output_height: i32, output_width: i32, output_channels: i32, pad_top: i32, pad_left: i32, band_rows: i32, columns: i32,
  size: i32, one_step: i32, relu: i32, right_shift: i32,
): void {
  const positions = (size + 2) * (size + 2);
  const pixel_bytes = <usize>input_channels << 1;
  const line_width = size * columns + 2;
  const line_bytes = <usize>line_width * pixel_bytes;
  const row_bytes = (line_bytes + 15) & ~15;
  const depth_bytes = (pixel_bytes + 15) & ~15;
  const pair_bytes = (pixel_bytes + 3) & ~3;
  const patch_bytes = depth_bytes * positions;
  const sum_bytes = <usize>(size * columns) << 5;
  const middle = scratch + 128 * (size + 3);
  const v = scratch + 128 * positions;
  const sums = v + <usize>(band_rows * columns) * patch_bytes;
  const rows_of_v = sums + <usize>(band_rows * size) * sum_bytes + 32;
  const lines = rows_of_v + row_bytes * (size + 2) + 16;
  for (let batch = 0; batch < batches; batch++) {
    const image = input + batch * input_height * input_width * input_channels;
    for (let y = 0; y < output_height; y += band_rows * size) {
      const rows = min(band_rows * size, output_height - y);
      const patch_rows = (rows + size - 1) / size;
      lines_of<i16>(
        lines, image, y - pad_top, patch_rows * size + 2, line_width, pad_left, zero_point, input_height, input_height,
        input_width, input_channels,
      );
      for (let row = 0; row < patch_rows; row++) {
        transform_lines(rows_of_v, row_bytes, lines + row * size * line_bytes, line_bytes, size);
        transform_patches(
          v + row * columns * patch_bytes, rows_of_v, row_bytes, columns, pixel_bytes, depth_bytes, size,
        );
      }
      const patches = patch_rows * columns;
      const last = v + (patches - 1) * patch_bytes;
      let w = filter;
      let block = channels;
      for (let channel = 0; channel < output_channels; channel += 8) {
        let x = v;
        let column = 0;
        let to = sums;
        for (let patch = 0; patch < patches; patch += 4) {
          winograd_products(
            scratch, x, min(x + patch_bytes, last), min(x + 2 * patch_bytes, last), min(x + 3 * patch_bytes, last), w, block,
            pair_bytes, depth_bytes, middle, v,
          );
          x += 4 * patch_bytes;
          combine_rows(scratch, size);
          const count = min(4, patches - patch);
          let m = scratch;
          for (let i = 0; i < count; i++) {
            combine_columns(to, sum_bytes, m, size);
            m += 32;
            to += size << 5;
            if (++column == columns) {
              column = 0;
              to += (size - 1) * sum_bytes;
            }
          }
        }
        let out = output + min(channel, output_channels - 8);
        let from = sums;
        for (let row = 0; row < rows; row++) {
          requantize_pixels(
            out, output_channels, from, output_width, block, output_offset, act_min, act_max, 0, 0, one_step, relu,
            right_shift,
          );
          out += output_width * output_channels;
          from += sum_bytes;
        }
        w += pair_bytes * 8 * positions;
        block += block_bytes(one_step);
      }
      output += rows * output_width * output_channels;
    }
  }
}
