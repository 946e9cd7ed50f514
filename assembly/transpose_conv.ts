// TRANSPOSE_CONV, gathering the inputs of each output pixel. Layouts: convolve.ts.
import { convolve } from './convolve';

// @ts-ignore: decorator
@inline
export function transpose_conv_s8_simd(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize, row_begin: i32,
  row_end: i32, input_offset: i32, filter_offset: i32, output_offset: i32, act_min: i32, act_max: i32,
  batches: i32, input_height: i32, input_width: i32, input_channels: i32, input_ring_rows: i32,
  output_height: i32, output_width: i32, output_channels: i32, output_ring_rows: i32, filter_height: i32,
  filter_width: i32, stride_height: i32, stride_width: i32, dilation_height: i32, dilation_width: i32,
  pad_top: i32, pad_left: i32, groups: i32, padded: i32, filter_offsets: i32, right_shift: i32,
): void {
  convolve<i8, i32>(
    output, input, filter, bias, multiplier, shift, row_begin, row_end, input_offset, filter_offset,
    output_offset, act_min, act_max, true, batches, input_height, input_width, input_channels,
    input_ring_rows, output_height, output_width, output_channels, output_ring_rows, filter_height,
    filter_width, stride_height, stride_width, dilation_height, dilation_width, pad_top, pad_left, groups,
    padded, filter_offsets, right_shift,
  );
}

// @ts-ignore: decorator
@inline
export function transpose_conv_s16_acc32_simd(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize, row_begin: i32,
  row_end: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_channels: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_channels: i32,
  output_ring_rows: i32, filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32,
  dilation_height: i32, dilation_width: i32, pad_top: i32, pad_left: i32, groups: i32, padded: i32,
  filter_offsets: i32, right_shift: i32,
): void {
  convolve<i16, i32>(
    output, input, filter, bias, multiplier, shift, row_begin, row_end, 0, 0, 0, act_min, act_max, true,
    batches, input_height, input_width, input_channels, input_ring_rows, output_height, output_width,
    output_channels, output_ring_rows, filter_height, filter_width, stride_height, stride_width,
    dilation_height, dilation_width, pad_top, pad_left, groups, padded, filter_offsets, right_shift,
  );
}

// @ts-ignore: decorator
@inline
export function transpose_conv_s16_simd(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize, row_begin: i32,
  row_end: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_channels: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_channels: i32,
  output_ring_rows: i32, filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32,
  dilation_height: i32, dilation_width: i32, pad_top: i32, pad_left: i32, groups: i32, padded: i32,
  filter_offsets: i32, right_shift: i32,
): void {
  convolve<i16, i64>(
    output, input, filter, bias, multiplier, shift, row_begin, row_end, 0, 0, 0, act_min, act_max, true,
    batches, input_height, input_width, input_channels, input_ring_rows, output_height, output_width,
    output_channels, output_ring_rows, filter_height, filter_width, stride_height, stride_width,
    dilation_height, dilation_width, pad_top, pad_left, groups, padded, filter_offsets, right_shift,
  );
}
