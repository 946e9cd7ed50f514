// FULLY_CONNECTED over all of an image (see fully_connected.ts), whose rows come a few at a time: rows [row_begin, row_end) of the
// input, out of a ring, meet their part of the weights, and the products join sums that outlive the call; the last row ends in the
// output. The first row's products join the biases. Sums and biases are filled up to whole blocks of 16, and behind the sums lies a row
// of inputs as int16; filter: int8 [input_height][outputs / 16, rounded up][pairs of inputs][16][2].
import { fully_connected_s8_s32_simd } from './fully_connected';
import { clamp, mbqm_x4 } from './lanes';
import { mbqm } from './requantize';
import { ring_row } from './ring';

// @ts-ignore: decorator
@inline
export function fully_connected_rows_s8_simd(
  output: usize, input: usize, sums: usize, filter: usize, bias: usize, row_begin: i32, row_end: i32,
  filter_offset: i32, multiplier: i32, shift: i32, output_offset: i32, act_min: i32, act_max: i32, inputs: i32,
  outputs: i32, input_height: i32, input_ring_rows: i32, filter_offsets: i32, right_shift: i32,
): void {
  const padded = outputs + 15 & ~15;
  const line = sums + (<usize>padded << 2);
  const row_weights = padded * (inputs + 1 & ~1);
  for (let y = row_begin; y < row_end; y++) {
    const row = input + <usize>(ring_row(y, input_ring_rows, input_height) * inputs);
    fully_connected_s8_s32_simd(
      sums, row, line, filter + <usize>(y * row_weights), y == 0 ? bias : sums, filter_offset, 1, inputs, padded, 0,
      filter_offsets,
    );
  }
  if (row_end < input_height) return;
  const multipliers = i32x4.splat(multiplier);
  const offset = i16x8.splat(<i16>output_offset);
  const least = i16x8.splat(<i16>act_min);
  const greatest = i16x8.splat(<i16>act_max);
  let n = 0;
  for (; n <= outputs - 8; n += 8) {
    const low = mbqm_x4(v128.load(sums), multipliers, shift);
    const high = mbqm_x4(v128.load(sums, 16), multipliers, shift);
    const codes = i16x8.add_sat_s(i16x8.narrow_i32x4_s(low, high), offset);
    const inside = i16x8.min_s(i16x8.max_s(codes, least), greatest);
    v128.store64_lane(output + n, i8x16.narrow_i16x8_s(inside, inside), 0);
    sums += 32;
  }
  for (; n < outputs; n++) {
    const code = clamp(mbqm(load<i32>(sums), multiplier, shift) + output_offset, act_min, act_max);
    store<i8>(output + n, <i8>code);
    sums += 4;
  }
}
