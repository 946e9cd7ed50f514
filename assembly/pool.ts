// AVERAGE_POOL_2D and MAX_POOL_2D: TensorFlow Lite Micro's reference/integer_ops/pooling.h. Rows [row_begin, row_end)
// of the output, from rings of rows; taps outside of the image do not count.
import { average, average_x4 } from './average';
import { at, clamp, clamp_x4, least_code, load1, load8, store8 } from './lanes';
import { ring_row } from './ring';

/** `is_average`: else the maximum. All but the pointers, rows and bounds are constants at each call. */
// @ts-ignore: decorator
@inline
function pool<T>(
  is_average: bool, output: usize, input: usize, row_begin: i32, row_end: i32, batches: i32, channels: i32,
  input_height: i32, input_width: i32, input_ring_rows: i32, output_height: i32, output_width: i32,
  output_ring_rows: i32, filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32,
  pad_top: i32, pad_left: i32, act_min: i32, act_max: i32,
): void {
  const row_size = input_width * channels;
  const small_sums = filter_height * filter_width * -least_code<T>() < 1 << 22;
  for (let batch = 0; batch < batches; batch++) {
    const image = at<T>(input, batch * input_ring_rows * row_size);
    for (let y = row_begin; y < row_end; y++) {
      const top = y * stride_height - pad_top;
      const ky_begin = max(0, -top);
      const ky_end = min(filter_height, input_height - top);
      const out_row = batch * output_ring_rows + ring_row(y, output_ring_rows, output_height);
      let out = at<T>(output, out_row * output_width * channels);
      for (let x = 0; x < output_width; x++) {
        const left = x * stride_width - pad_left;
        const kx_begin = max(0, -left);
        const kx_end = min(filter_width, input_width - left);
        const taps = (ky_end - ky_begin) * (kx_end - kx_begin);
        const first = (left + kx_begin) * channels;
        let c = 0;
        if (is_average && small_sums) {
          for (; c <= channels - 8; c += 8) {
            let low = i32x4.splat(0);
            let high = i32x4.splat(0);
            for (let ky = ky_begin; ky < ky_end; ky++) {
              let tap = at<T>(image, ring_row(top + ky, input_ring_rows, input_height) * row_size + first + c);
              for (let kx = kx_begin; kx < kx_end; kx++) {
                const value = load8<T>(tap);
                low = i32x4.add(low, i32x4.extend_low_i16x8_s(value));
                high = i32x4.add(high, i32x4.extend_high_i16x8_s(value));
                tap = at<T>(tap, channels);
              }
            }
            const least = i32x4.splat(act_min);
            const greatest = i32x4.splat(act_max);
            const words = i16x8.narrow_i32x4_s(
              clamp_x4(average_x4(low, taps), least, greatest),
              clamp_x4(average_x4(high, taps), least, greatest),
            );
            store8<T>(at<T>(out, c), words);
          }
        }
        if (!is_average) {
          for (; c <= channels - 8; c += 8) {
            let largest = i16x8.splat(<i16>least_code<T>());
            for (let ky = ky_begin; ky < ky_end; ky++) {
              let tap = at<T>(image, ring_row(top + ky, input_ring_rows, input_height) * row_size + first + c);
              for (let kx = kx_begin; kx < kx_end; kx++) {
                largest = i16x8.max_s(largest, load8<T>(tap));
                tap = at<T>(tap, channels);
              }
            }
            const bounded = i16x8.min_s(i16x8.max_s(largest, i16x8.splat(<i16>act_min)), i16x8.splat(<i16>act_max));
            store8<T>(at<T>(out, c), bounded);
          }
        }
        for (; c < channels; c++) {
          let acc = is_average ? 0 : least_code<T>();
          for (let ky = ky_begin; ky < ky_end; ky++) {
            let tap = at<T>(image, ring_row(top + ky, input_ring_rows, input_height) * row_size + first + c);
            for (let kx = kx_begin; kx < kx_end; kx++) {
              acc = is_average ? acc + load1<T>(tap) : max(acc, load1<T>(tap));
              tap = at<T>(tap, channels);
            }
          }
          if (is_average) acc = average(acc, taps);
          store<T>(at<T>(out, c), <T>clamp(acc, act_min, act_max));
        }
        out = at<T>(out, channels);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function average_pool<T>(
  output: usize, input: usize, row_begin: i32, row_end: i32, batches: i32, channels: i32, input_height: i32,
  input_width: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_ring_rows: i32,
  filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32, pad_top: i32, pad_left: i32,
  act_min: i32, act_max: i32,
): void {
  pool<T>(
    true, output, input, row_begin, row_end, batches, channels, input_height, input_width, input_ring_rows,
    output_height, output_width, output_ring_rows, filter_height, filter_width, stride_height, stride_width,
    pad_top, pad_left, act_min, act_max,
  );
}

// @ts-ignore: decorator
@inline
export function max_pool<T>(
  output: usize, input: usize, row_begin: i32, row_end: i32, batches: i32, channels: i32, input_height: i32,
  input_width: i32, input_ring_rows: i32, output_height: i32, output_width: i32, output_ring_rows: i32,
  filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32, pad_top: i32, pad_left: i32,
  act_min: i32, act_max: i32,
): void {
  pool<T>(
    false, output, input, row_begin, row_end, batches, channels, input_height, input_width, input_ring_rows,
    output_height, output_width, output_ring_rows, filter_height, filter_width, stride_height, stride_width,
    pad_top, pad_left, act_min, act_max,
  );
}
