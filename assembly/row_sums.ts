// AVERAGE_POOL_2D, MEAN and SUM over the whole height of an image (see pool.ts and reduce.ts), whose rows come a few at a time:
// rows [row_begin, row_end) of the input, out of a ring, are added to sums that outlive the call, and the last of them ends
// in the output. The sums are an i32 of each pixel and channel of the output.
import { average, average_x4 } from './average';
import { at, clamp, clamp_x4, least_code, load1, load8, mbqm_x4, store8 } from './lanes';
import { mbqm } from './requantize';
import { ring_row } from './ring';

// @ts-ignore: decorator
@inline
function add_rows<T>(
  sums: usize, input: usize, row_begin: i32, row_end: i32, channels: i32, input_height: i32, input_width: i32,
  input_ring_rows: i32, output_width: i32, filter_width: i32, stride_width: i32, pad_left: i32,
): void {
  if (row_begin == 0) memory.fill(sums, 0, (output_width * channels) << 2);
  for (let y = row_begin; y < row_end; y++) {
    const row = at<T>(input, ring_row(y, input_ring_rows, input_height) * input_width * channels);
    let sum = sums;
    for (let x = 0; x < output_width; x++) {
      const left = x * stride_width - pad_left;
      const begin = max(0, left);
      const end = min(input_width, left + filter_width);
      const first = at<T>(row, begin * channels);
      let c = 0;
      for (; c <= channels - 8; c += 8) {
        let low = v128.load(sum);
        let high = v128.load(sum, 16);
        let tap = at<T>(first, c);
        for (let kx = begin; kx < end; kx++) {
          const value = load8<T>(tap);
          low = i32x4.add(low, i32x4.extend_low_i16x8_s(value));
          high = i32x4.add(high, i32x4.extend_high_i16x8_s(value));
          tap = at<T>(tap, channels);
        }
        v128.store(sum, low);
        v128.store(sum, high, 16);
        sum += 32;
      }
      for (; c < channels; c++) {
        let one = load<i32>(sum);
        let tap = at<T>(first, c);
        for (let kx = begin; kx < end; kx++) {
          one += load1<T>(tap);
          tap = at<T>(tap, channels);
        }
        store<i32>(sum, one);
        sum += 4;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function average_pool_rows<T>(
  output: usize, input: usize, sums: usize, row_begin: i32, row_end: i32, channels: i32, input_height: i32,
  input_width: i32, input_ring_rows: i32, output_width: i32, filter_width: i32, stride_width: i32, pad_left: i32,
  act_min: i32, act_max: i32,
): void {
  add_rows<T>(
    sums, input, row_begin, row_end, channels, input_height, input_width, input_ring_rows, output_width, filter_width,
    stride_width, pad_left,
  );
  if (row_end < input_height) return;
  end_averages<T>(
    output, sums, channels, input_height, input_width, output_width, filter_width, stride_width, pad_left, act_min,
    act_max,
  );
}

/** What averages over `input_height` rows make of their sums. */
// @ts-ignore: decorator
@inline
export function end_averages<T>(
  output: usize, sums: usize, channels: i32, input_height: i32, input_width: i32, output_width: i32,
  filter_width: i32, stride_width: i32, pad_left: i32, act_min: i32, act_max: i32,
): void {
  const small_sums = input_height * filter_width * -least_code<T>() < 1 << 22;
  const least = i32x4.splat(act_min);
  const greatest = i32x4.splat(act_max);
  for (let x = 0; x < output_width; x++) {
    const left = x * stride_width - pad_left;
    const taps = input_height * (min(input_width, left + filter_width) - max(0, left));
    let c = 0;
    if (small_sums) {
      for (; c <= channels - 8; c += 8) {
        const low = clamp_x4(average_x4(v128.load(sums), taps), least, greatest);
        const high = clamp_x4(average_x4(v128.load(sums, 16), taps), least, greatest);
        store8<T>(at<T>(output, c), i16x8.narrow_i32x4_s(low, high));
        sums += 32;
      }
    }
    for (; c < channels; c++) {
      store<T>(at<T>(output, c), <T>clamp(average(load<i32>(sums), taps), act_min, act_max));
      sums += 4;
    }
    output = at<T>(output, channels);
  }
}

/** `offset` is the zero point times the number of summed elements. */
// @ts-ignore: decorator
@inline
export function reduce_rows<T>(
  output: usize, input: usize, sums: usize, row_begin: i32, row_end: i32, offset: i32, zero_point: i32,
  multiplier: i32, shift: i32, channels: i32, input_height: i32, input_width: i32, input_ring_rows: i32,
  output_width: i32, filter_width: i32, stride_width: i32, pad_left: i32, act_min: i32, act_max: i32,
): void {
  add_rows<T>(
    sums, input, row_begin, row_end, channels, input_height, input_width, input_ring_rows, output_width, filter_width,
    stride_width, pad_left,
  );
  if (row_end < input_height) return;
  end_sums<T>(output, sums, offset, zero_point, multiplier, shift, output_width * channels, act_min, act_max);
}

/** What MEAN and SUM make of their `count` sums. */
// @ts-ignore: decorator
@inline
export function end_sums<T>(
  output: usize, sums: usize, offset: i32, zero_point: i32, multiplier: i32, shift: i32, count: i32, act_min: i32,
  act_max: i32,
): void {
  const offsets = i32x4.splat(offset);
  const multipliers = i32x4.splat(multiplier);
  const zeros = i32x4.splat(zero_point);
  let i = 0;
  for (; i <= count - 8; i += 8) {
    const low = mbqm_x4(i32x4.sub(v128.load(sums), offsets), multipliers, shift);
    const high = mbqm_x4(i32x4.sub(v128.load(sums, 16), offsets), multipliers, shift);
    store8<T>(at<T>(output, i), i16x8.narrow_i32x4_s(i32x4.add(low, zeros), i32x4.add(high, zeros)));
    sums += 32;
  }
  for (; i < count; i++) {
    const scaled = mbqm(load<i32>(sums) - offset, multiplier, shift) + zero_point;
    store<T>(at<T>(output, i), <T>clamp(scaled, act_min, act_max));
    sums += 4;
  }
}
