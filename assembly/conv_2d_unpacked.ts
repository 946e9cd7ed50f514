// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of activations and weights of any width, element by element: small, not fast.
// - filter: rows of output channels, taps in the order height, width, input channels of a group. Below 8 bits a row begins at a
//   whole word, and a code stands for first + step * code
// - a pixel is written while it is read: `output` overlaps `input` by that rule
import { store_sum } from './ending';
import { code_of, load_code, row_bytes } from './packed';
import { ring_row } from './ring';

// @ts-ignore: decorator
@inline
export function conv_2d_unpacked(
  output: usize, input: usize, filter: usize, values: usize, row_begin: i32, row_end: i32, batches: i32,
  input_height: i32, input_width: i32, input_channels: i32, input_ring_rows: i32, output_height: i32,
  output_width: i32, output_channels: i32, output_ring_rows: i32, filter_height: i32, filter_width: i32,
  stride_height: i32, stride_width: i32, dilation_height: i32, dilation_width: i32, pad_top: i32, pad_left: i32,
  groups: i32, padded: i32, input_bits: i32, zero_point: i32, filter_bits: i32, offset_first: i32, offset_step: i32,
  ending: i32, output_bits: i32, thresholds: i32, per_channel: i32, right_shift: i32, output_offset: i32,
  act_min: i32, act_max: i32,
): void {
  const depth = input_channels / groups;
  const group_outputs = output_channels / groups;
  const pixel_bytes = row_bytes(input_channels, input_bits);
  const output_bytes = row_bytes(output_channels, output_bits);
  const filter_bytes = row_bytes(filter_height * filter_width * depth, filter_bits);
  for (let batch = 0; batch < batches; batch++) {
    const image = input + <usize>(batch * input_ring_rows * input_width * pixel_bytes);
    for (let y = row_begin; y < row_end; y++) {
      const line = batch * output_ring_rows + ring_row(y, output_ring_rows, output_height);
      let out = output + <usize>(line * output_width * output_bytes);
      const top = y * stride_height - pad_top;
      const ky_begin = padded && top < 0 ? (dilation_height - 1 - top) / dilation_height : 0;
      const ky_end = padded
        ? min(filter_height, (input_height - top + dilation_height - 1) / dilation_height)
        : filter_height;
      for (let x = 0; x < output_width; x++) {
        const left = x * stride_width - pad_left;
        const kx_begin = padded && left < 0 ? (dilation_width - 1 - left) / dilation_width : 0;
        const kx_end = padded
          ? min(filter_width, (input_width - left + dilation_width - 1) / dilation_width)
          : filter_width;
        for (let c = 0; c < output_channels; c++) {
          const first = c / group_outputs * depth;
          const weights = filter + <usize>(c * filter_bytes);
          let sum = 0;
          for (let ky = ky_begin; ky < ky_end; ky++) {
            const row = ring_row(top + ky * dilation_height, input_ring_rows, input_height) * input_width;
            for (let kx = kx_begin; kx < kx_end; kx++) {
              const pixel = image + <usize>((row + left + kx * dilation_width) * pixel_bytes);
              const tap = (ky * filter_width + kx) * depth;
              for (let i = 0; i < depth; i++) {
                const value = code_of(load_code(pixel, first + i, input_bits), input_bits) - zero_point;
                sum += value * (offset_first + offset_step * load_code(weights, tap + i, filter_bits));
              }
            }
          }
          store_sum(
            out, sum, c, values, output_channels, ending, output_bits, thresholds, per_channel, right_shift,
            output_offset, act_min, act_max,
          );
        }
        out += output_bytes;
      }
    }
  }
}
