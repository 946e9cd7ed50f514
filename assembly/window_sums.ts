// AVERAGE_POOL_2D, MEAN and SUM over as many rows as an image has, of an image that never ends (see row_sums.ts): each row
// of the input, out of a ring, joins sums that outlive the call, and the row that was there as many rows before leaves
// them. The output is that of the last rows, once there are as many. Behind the sums of all rows, an i32 of each pixel and
// channel of the output, lie those of each row in a ring: in twice the bits of an element.
import { at, load1, load8 } from './lanes';
import { end_averages, end_sums } from './row_sums';

// @ts-ignore: decorator
@inline
function slide_rows<T>(
  sums: usize, input: usize, row_begin: i32, row_end: i32, channels: i32, input_height: i32, input_width: i32,
  input_ring_rows: i32, output_width: i32, filter_width: i32, stride_width: i32, pad_left: i32,
): void {
  const count = output_width * channels;
  const rows = sums + (<usize>count << 2);
  const row_bytes = (<usize>count * sizeof<T>()) << 1;
  if (row_begin == 0) memory.fill(sums, 0, (<usize>count << 2) + <usize>input_height * row_bytes);
  for (let y = row_begin; y < row_end; y++) {
    const row = at<T>(input, (y % input_ring_rows) * input_width * channels);
    let own = rows + <usize>(y % input_height) * row_bytes;
    let all = sums;
    for (let x = 0; x < output_width; x++) {
      const left = x * stride_width - pad_left;
      const begin = max(0, left);
      const end = min(input_width, left + filter_width);
      const first = at<T>(row, begin * channels);
      let c = 0;
      for (; c <= channels - 8; c += 8) {
        let low = i32x4.splat(0);
        let high = i32x4.splat(0);
        let tap = at<T>(first, c);
        for (let kx = begin; kx < end; kx++) {
          const value = load8<T>(tap);
          low = i32x4.add(low, i32x4.extend_low_i16x8_s(value));
          high = i32x4.add(high, i32x4.extend_high_i16x8_s(value));
          tap = at<T>(tap, channels);
        }
        if (sizeof<T>() == 1) {
          const before = v128.load(own);
          v128.store(own, i16x8.narrow_i32x4_s(low, high));
          low = i32x4.sub(low, i32x4.extend_low_i16x8_s(before));
          high = i32x4.sub(high, i32x4.extend_high_i16x8_s(before));
        } else {
          const low_before = v128.load(own);
          const high_before = v128.load(own, 16);
          v128.store(own, low);
          v128.store(own, high, 16);
          low = i32x4.sub(low, low_before);
          high = i32x4.sub(high, high_before);
        }
        v128.store(all, i32x4.add(v128.load(all), low));
        v128.store(all, i32x4.add(v128.load(all, 16), high), 16);
        all += 32;
        own += sizeof<T>() << 4;
      }
      for (; c < channels; c++) {
        let sum = 0;
        let tap = at<T>(first, c);
        for (let kx = begin; kx < end; kx++) {
          sum += load1<T>(tap);
          tap = at<T>(tap, channels);
        }
        if (sizeof<T>() == 1) {
          store<i32>(all, load<i32>(all) + sum - <i32>load<i16>(own));
          store<i16>(own, <i16>sum);
        } else {
          store<i32>(all, load<i32>(all) + sum - load<i32>(own));
          store<i32>(own, sum);
        }
        all += 4;
        own += sizeof<T>() << 1;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function average_pool_window<T>(
  output: usize, input: usize, sums: usize, row_begin: i32, row_end: i32, channels: i32, input_height: i32,
  input_width: i32, input_ring_rows: i32, output_width: i32, filter_width: i32, stride_width: i32, pad_left: i32,
  act_min: i32, act_max: i32,
): void {
  slide_rows<T>(
    sums, input, row_begin, row_end, channels, input_height, input_width, input_ring_rows, output_width, filter_width,
    stride_width, pad_left,
  );
  if (row_end < input_height) return;
  end_averages<T>(
    output, sums, channels, input_height, input_width, output_width, filter_width, stride_width, pad_left, act_min,
    act_max,
  );
}

/** `offset` is the zero point times the number of summed elements. */
// @ts-ignore: decorator
@inline
export function reduce_window<T>(
  output: usize, input: usize, sums: usize, row_begin: i32, row_end: i32, offset: i32, zero_point: i32,
  multiplier: i32, shift: i32, channels: i32, input_height: i32, input_width: i32, input_ring_rows: i32,
  output_width: i32, filter_width: i32, stride_width: i32, pad_left: i32, act_min: i32, act_max: i32,
): void {
  slide_rows<T>(
    sums, input, row_begin, row_end, channels, input_height, input_width, input_ring_rows, output_width, filter_width,
    stride_width, pad_left,
  );
  if (row_end < input_height) return;
  end_sums<T>(output, sums, offset, zero_point, multiplier, shift, output_width * channels, act_min, act_max);
}
