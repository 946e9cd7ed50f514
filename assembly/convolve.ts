// The traversal of CONV_2D and TRANSPOSE_CONV: a pixel at a time, eight output channels at a time. Layouts, with values
// of channels padded to blocks of eight in each group:
// - filter: [groups][blocks][runs][pairs of a run][8][2], a run being what is contiguous in the input
// - bias: int32, or int64 for 64-bit sums; where no window leaves the image, with input_offset * sum(filter) in it
// - multiplier: int32; reduced to 16 bits for 64-bit sums
// - shift: int32; 2^(32 + shift) where every shift is in -31..-1 (`right_shift`)

import { requantize64_x4, requantize_x4, store_x8 } from './output';
import { ring_row } from './ring';

/** Two neighbouring inputs in all pairs of lanes. */
// @ts-ignore: decorator
@inline
function load_pair<T>(address: usize): v128 {
  return sizeof<T>() == 1
    ? i16x8.extend_low_i8x16_s(v128.load16_splat(address))
    : v128.load32_splat(address);
}

/** One input in all lanes; the filter has a zero beside it. */
// @ts-ignore: decorator
@inline
function load_one<T>(address: usize): v128 {
  return i16x8.splat(<i16>load<T>(address));
}

/**
 * T: int8 or int16 activations. A: int32 or int64 sums. A window's taps ky_begin, ky_begin + row_tap_step, .. below ky_end
 * meet rows from row_origin + rows_outside * row_step on, every row_step-th; columns alike.
 */
// @ts-ignore: decorator
@inline
export function convolve<T, A>(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize,
  row_begin: i32, row_end: i32, input_offset: i32, filter_offset: i32, output_offset: i32, act_min: i32, act_max: i32,
  transposed: bool, batches: i32, input_height: i32, input_width: i32, input_channels: i32, input_ring_rows: i32,
  output_height: i32, output_width: i32, output_channels: i32, output_ring_rows: i32, filter_height: i32,
  filter_width: i32, stride_height: i32, stride_width: i32, dilation_height: i32, dilation_width: i32, pad_top: i32,
  pad_left: i32, groups: i32, padded: i32, filter_offsets: i32, right_shift: i32,
): void {
  const group_inputs = input_channels / groups;
  const group_outputs = output_channels / groups;
  const blocks = (group_outputs + 7) / 8;
  const tap_bytes = ((group_inputs + 1) / 2) * 16;
  const block_bytes = filter_height * filter_width * tap_bytes;
  const row_tap_step = transposed ? stride_height : 1;
  const column_tap_step = transposed ? stride_width : 1;
  const row_step = transposed ? -1 : dilation_height;
  const column_step = transposed ? -1 : dilation_width;
  // Neighbouring taps are one run where no gap, no other group and no half pair lies between them.
  const merged = groups == 1 && column_step == 1 && (group_inputs & 1) == 0;
  const offset = i16x8.splat(<i16>input_offset);
  for (let batch = 0; batch < batches; batch++) {
    for (let y = row_begin; y < row_end; y++) {
      const row_origin = transposed ? (y + pad_top) / stride_height : y * stride_height - pad_top;
      const rows_outside = transposed
        ? max(0, row_origin - (input_height - 1))
        : padded && row_origin < 0 ? (dilation_height - 1 - row_origin) / dilation_height : 0;
      const ky_begin = transposed ? (y + pad_top) % stride_height + rows_outside * stride_height : rows_outside;
      const ky_end = transposed
        ? min(filter_height, y + pad_top + 1)
        : padded
        ? min(filter_height, (input_height - row_origin + dilation_height - 1) / dilation_height)
        : filter_height;
      let out = output + <usize>((batch * output_ring_rows + ring_row(y, output_ring_rows, output_height)) *
        output_width * output_channels << <i32>alignof<T>());
      for (let x = 0; x < output_width; x++) {
        const column_origin = transposed ? (x + pad_left) / stride_width : x * stride_width - pad_left;
        const columns_outside = transposed
          ? max(0, column_origin - (input_width - 1))
          : padded && column_origin < 0 ? (dilation_width - 1 - column_origin) / dilation_width : 0;
        const kx_begin = transposed ? (x + pad_left) % stride_width + columns_outside * stride_width : columns_outside;
        const kx_end = transposed
          ? min(filter_width, x + pad_left + 1)
          : padded
          ? min(filter_width, (input_width - column_origin + dilation_width - 1) / dilation_width)
          : filter_width;
        const taps = merged ? kx_end - kx_begin : 1;
        const run = taps * group_inputs;
        for (let group = 0; group < groups; group++) {
          for (let block = 0; block < blocks; block++) {
            const index = group * blocks + block;
            let sum_low = i32x4.splat(0);
            let sum_high = i32x4.splat(0);
            let sum_inputs = i32x4.splat(0);
            let wide_0 = i64x2.splat(0);
            let wide_1 = i64x2.splat(0);
            let wide_2 = i64x2.splat(0);
            let wide_3 = i64x2.splat(0);
            if (sizeof<A>() == 4) {
              sum_low = v128.load(bias + index * 32);
              sum_high = v128.load(bias + index * 32, 16);
            } else {
              wide_0 = v128.load(bias + index * 64);
              wide_1 = v128.load(bias + index * 64, 16);
              wide_2 = v128.load(bias + index * 64, 32);
              wide_3 = v128.load(bias + index * 64, 48);
            }
            let row = row_origin + rows_outside * row_step;
            for (let ky = ky_begin; ky < ky_end; ky += row_tap_step) {
              const line = (batch * input_ring_rows + ring_row(row, input_ring_rows, input_height)) * input_width;
              row += row_step;
              let column = column_origin + columns_outside * column_step;
              for (let kx = kx_begin; kx < kx_end; kx += taps * column_tap_step) {
                let a = input + <usize>((line + column) * input_channels + group * group_inputs << <i32>alignof<T>());
                let w = filter + <usize>(index * block_bytes + (ky * filter_width + kx) * tap_bytes);
                column += column_step;
                let left = run;
                do {
                  // 64-bit sums are made of 32-bit ones, each short enough for any values.
                  const part = sizeof<A>() == 4 ? left : min(left, 256);
                  left -= part;
                  const end = a + <usize>((part & ~1) << <i32>alignof<T>());
                  while (a < end) {
                    let v = load_pair<T>(a);
                    if (padded && sizeof<T>() == 1) v = i16x8.add(v, offset);
                    const b = v128.load(w);
                    sum_low = i32x4.add(sum_low, i32x4.dot_i16x8_s(v, i16x8.extend_low_i8x16_s(b)));
                    sum_high = i32x4.add(sum_high, i32x4.dot_i16x8_s(v, i16x8.extend_high_i8x16_s(b)));
                    if (filter_offsets) sum_inputs = i32x4.add(sum_inputs, i32x4.dot_i16x8_s(v, i16x8.splat(1)));
                    a += 2 * sizeof<T>();
                    w += 16;
                  }
                  if (group_inputs & 1 && part & 1) {
                    let v = load_one<T>(a);
                    if (padded && sizeof<T>() == 1) v = i16x8.add(v, offset);
                    const b = v128.load(w);
                    sum_low = i32x4.add(sum_low, i32x4.dot_i16x8_s(v, i16x8.extend_low_i8x16_s(b)));
                    sum_high = i32x4.add(sum_high, i32x4.dot_i16x8_s(v, i16x8.extend_high_i8x16_s(b)));
                    if (filter_offsets) sum_inputs = i32x4.add(sum_inputs, i32x4.dot_i16x8_s(v, i32x4.splat(1)));
                  }
                  if (sizeof<A>() == 8) {
                    wide_0 = i64x2.add(wide_0, i64x2.extend_low_i32x4_s(sum_low));
                    wide_1 = i64x2.add(wide_1, i64x2.extend_high_i32x4_s(sum_low));
                    wide_2 = i64x2.add(wide_2, i64x2.extend_low_i32x4_s(sum_high));
                    wide_3 = i64x2.add(wide_3, i64x2.extend_high_i32x4_s(sum_high));
                    sum_low = i32x4.splat(0);
                    sum_high = i32x4.splat(0);
                  }
                } while (sizeof<A>() == 8 && left > 0);
              }
            }
            if (filter_offsets) {
              const correction = i32x4.mul(sum_inputs, i32x4.splat(filter_offset));
              sum_low = i32x4.add(sum_low, correction);
              sum_high = i32x4.add(sum_high, correction);
            }
            const m = multiplier + index * 32;
            const s = shift + index * 32;
            const low = sizeof<A>() == 8
              ? requantize64_x4(wide_0, wide_1, m, s)
              : requantize_x4(sum_low, m, s, right_shift);
            const high = sizeof<A>() == 8
              ? requantize64_x4(wide_2, wide_3, m + 16, s + 16)
              : requantize_x4(sum_high, m + 16, s + 16, right_shift);
            const count = min(8, group_outputs - block * 8);
            const channel = group * group_outputs + block * 8;
            store_x8<T>(out + (<usize>channel << alignof<T>()), low, high, output_offset, act_min, act_max, count);
          }
        }
        out += <usize>output_channels << alignof<T>();
      }
    }
  }
}
