// DEPTHWISE_CONV_2D: eight channels at a time where each input channel has one output channel, else one at a time.
// - filter: [height][width][channels]
// - bias: int32, or int64 for 64-bit sums; where no window leaves the image, with input_offset * sum(filter) in it
// - multiplier: int32; reduced to 16 bits for 64-bit sums
// - shift: int32; 2^(32 + shift) where every shift is in -31..-1 (`right_shift`)

import { clamp, requantize64_x4, requantize_one, requantize_x4, store_x8 } from './output';
import { ring_row } from './ring';

/** Eight int8 or int16 values as int16. */
// @ts-ignore: decorator
@inline
function load_x8<T>(address: usize): v128 {
  return sizeof<T>() == 1 ? v128.load8x8_s(address) : v128.load(address);
}

/** T: int8 or int16 activations. A: int32 or int64 sums. */
// @ts-ignore: decorator
@inline
function depthwise_conv_2d<T, A>(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize,
  row_begin: i32, row_end: i32, input_offset: i32, filter_offset: i32, output_offset: i32, act_min: i32, act_max: i32,
  batches: i32, input_height: i32, input_width: i32, input_channels: i32, input_ring_rows: i32, output_height: i32,
  output_width: i32, output_ring_rows: i32, depth_multiplier: i32, filter_height: i32, filter_width: i32,
  stride_height: i32, stride_width: i32, dilation_height: i32, dilation_width: i32, pad_top: i32, pad_left: i32,
  padded: i32, filter_offsets: i32, right_shift: i32,
): void {
  const channels = input_channels * depth_multiplier;
  const vectors = depth_multiplier == 1 ? channels & ~7 : 0;
  const x_offset = i16x8.splat(<i16>input_offset);
  const w_offset = i16x8.splat(<i16>filter_offset);
  for (let batch = 0; batch < batches; batch++) {
    for (let y = row_begin; y < row_end; y++) {
      const row = y * stride_height - pad_top;
      const ky_begin = padded && row < 0 ? (dilation_height - 1 - row) / dilation_height : 0;
      const ky_end = padded
        ? min(filter_height, (input_height - row + dilation_height - 1) / dilation_height)
        : filter_height;
      let out = output + <usize>((batch * output_ring_rows + ring_row(y, output_ring_rows, output_height)) *
        output_width * channels << <i32>alignof<T>());
      for (let x = 0; x < output_width; x++) {
        const column = x * stride_width - pad_left;
        const kx_begin = padded && column < 0 ? (dilation_width - 1 - column) / dilation_width : 0;
        const kx_end = padded
          ? min(filter_width, (input_width - column + dilation_width - 1) / dilation_width)
          : filter_width;
        for (let c = 0; c < vectors; c += 8) {
          const at = <usize>c << 2;
          let low = i32x4.splat(0);
          let high = i32x4.splat(0);
          let wide_0 = i64x2.splat(0);
          let wide_1 = i64x2.splat(0);
          let wide_2 = i64x2.splat(0);
          let wide_3 = i64x2.splat(0);
          if (sizeof<A>() == 4) {
            low = v128.load(bias + at);
            high = v128.load(bias + at, 16);
          } else {
            wide_0 = v128.load(bias + 2 * at);
            wide_1 = v128.load(bias + 2 * at, 16);
            wide_2 = v128.load(bias + 2 * at, 32);
            wide_3 = v128.load(bias + 2 * at, 48);
          }
          for (let ky = ky_begin; ky < ky_end; ky++) {
            const line = ring_row(row + ky * dilation_height, input_ring_rows, input_height) + batch * input_ring_rows;
            let p = input + <usize>(((line * input_width + column + kx_begin * dilation_width) * input_channels + c) <<
              <i32>alignof<T>());
            let q = filter + <usize>((ky * filter_width + kx_begin) * channels + c);
            for (let kx = kx_begin; kx < kx_end; kx++) {
              let v = load_x8<T>(p);
              let w = v128.load8x8_s(q);
              if (padded && sizeof<T>() == 1) v = i16x8.add(v, x_offset);
              if (filter_offsets) w = i16x8.add(w, w_offset);
              const a = i32x4.extmul_low_i16x8_s(v, w);
              const b = i32x4.extmul_high_i16x8_s(v, w);
              if (sizeof<A>() == 4) {
                low = i32x4.add(low, a);
                high = i32x4.add(high, b);
              } else {
                wide_0 = i64x2.add(wide_0, i64x2.extend_low_i32x4_s(a));
                wide_1 = i64x2.add(wide_1, i64x2.extend_high_i32x4_s(a));
                wide_2 = i64x2.add(wide_2, i64x2.extend_low_i32x4_s(b));
                wide_3 = i64x2.add(wide_3, i64x2.extend_high_i32x4_s(b));
              }
              p += <usize>(dilation_width * input_channels) << alignof<T>();
              q += channels;
            }
          }
          const m = multiplier + at;
          const s = shift + at;
          if (sizeof<A>() == 4) {
            low = requantize_x4(low, m, s, right_shift);
            high = requantize_x4(high, m + 16, s + 16, right_shift);
          } else {
            low = requantize64_x4(wide_0, wide_1, m, s);
            high = requantize64_x4(wide_2, wide_3, m + 16, s + 16);
          }
          store_x8<T>(out + (<usize>c << alignof<T>()), low, high, output_offset, act_min, act_max, 8);
        }
        for (let c = vectors; c < channels; c++) {
          let acc = load<A>(bias + <usize>c * sizeof<A>());
          for (let ky = ky_begin; ky < ky_end; ky++) {
            const line = ring_row(row + ky * dilation_height, input_ring_rows, input_height) + batch * input_ring_rows;
            for (let kx = kx_begin; kx < kx_end; kx++) {
              const i = (line * input_width + column + kx * dilation_width) * input_channels + c / depth_multiplier;
              const v = <i32>load<T>(input + (<usize>i << alignof<T>())) + (padded ? input_offset : 0);
              const w = <i32>load<i8>(filter + <usize>((ky * filter_width + kx) * channels + c));
              acc += <A>(v * (w + (filter_offsets ? filter_offset : 0)));
            }
          }
          const code = requantize_one<A>(acc, multiplier + (<usize>c << 2), shift + (<usize>c << 2), right_shift);
          store<T>(out + (<usize>c << alignof<T>()), <T>clamp(code + output_offset, act_min, act_max));
        }
        out += <usize>channels << alignof<T>();
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function depthwise_conv_2d_s8_simd(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize, row_begin: i32,
  row_end: i32, input_offset: i32, filter_offset: i32, output_offset: i32, act_min: i32, act_max: i32,
  batches: i32, input_height: i32, input_width: i32, input_channels: i32, input_ring_rows: i32,
  output_height: i32, output_width: i32, output_ring_rows: i32, depth_multiplier: i32, filter_height: i32,
  filter_width: i32, stride_height: i32, stride_width: i32, dilation_height: i32, dilation_width: i32,
  pad_top: i32, pad_left: i32, padded: i32, filter_offsets: i32, right_shift: i32,
): void {
  depthwise_conv_2d<i8, i32>(
    output, input, filter, bias, multiplier, shift, row_begin, row_end, input_offset, filter_offset,
    output_offset, act_min, act_max, batches, input_height, input_width, input_channels, input_ring_rows,
    output_height, output_width, output_ring_rows, depth_multiplier, filter_height, filter_width,
    stride_height, stride_width, dilation_height, dilation_width, pad_top, pad_left, padded,
    filter_offsets, right_shift,
  );
}

// @ts-ignore: decorator
@inline
export function depthwise_conv_2d_s16_acc32_simd(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize, row_begin: i32,
  row_end: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_channels: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_ring_rows: i32,
  depth_multiplier: i32, filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32,
  dilation_height: i32, dilation_width: i32, pad_top: i32, pad_left: i32, padded: i32, filter_offsets: i32,
  right_shift: i32,
): void {
  depthwise_conv_2d<i16, i32>(
    output, input, filter, bias, multiplier, shift, row_begin, row_end, 0, 0, 0, act_min, act_max, batches,
    input_height, input_width, input_channels, input_ring_rows, output_height, output_width,
    output_ring_rows, depth_multiplier, filter_height, filter_width, stride_height, stride_width,
    dilation_height, dilation_width, pad_top, pad_left, padded, filter_offsets, right_shift,
  );
}

// @ts-ignore: decorator
@inline
export function depthwise_conv_2d_s16_simd(
  output: usize, input: usize, filter: usize, bias: usize, multiplier: usize, shift: usize, row_begin: i32,
  row_end: i32, act_min: i32, act_max: i32, batches: i32, input_height: i32, input_width: i32,
  input_channels: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_ring_rows: i32,
  depth_multiplier: i32, filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32,
  dilation_height: i32, dilation_width: i32, pad_top: i32, pad_left: i32, padded: i32, filter_offsets: i32,
  right_shift: i32,
): void {
  depthwise_conv_2d<i16, i64>(
    output, input, filter, bias, multiplier, shift, row_begin, row_end, 0, 0, 0, act_min, act_max, batches,
    input_height, input_width, input_channels, input_ring_rows, output_height, output_width,
    output_ring_rows, depth_multiplier, filter_height, filter_width, stride_height, stride_width,
    dilation_height, dilation_width, pad_top, pad_left, padded, filter_offsets, right_shift,
  );
}
