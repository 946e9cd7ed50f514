// FULLY_CONNECTED of one row of int8, and whatever else is the product of a matrix and a vector: each group of inputs meets
// the weights of 32 outputs, then of 8. Or of rows to their sums, by 16 outputs.
// - filter: fully_connected_filter.ts
// - channels: one_step.ts
import { dot_add, GROUP, RELAXED } from './dot';
import { lines_of } from './lines';
import { block_bytes, codes_of, requantize_block, store_some } from './one_step';
import { sum_run } from './reduce';

/** Four biases and what all outputs share. */
// @ts-ignore: decorator
@inline
function biases(at: usize, filter_offsets: i32, shared: v128): v128 {
  return filter_offsets ? i32x4.add(v128.load(at), shared) : v128.load(at);
}

/**
 * Writes the inputs as products want them: as int16, or bytes filled up by zeros to a whole group.
 * @returns their end
 */
// @ts-ignore: decorator
@inline
function spread_inputs(to: usize, input: usize, inputs: i32): usize {
  const padded = <usize>(inputs + 3 & ~3);
  if (!RELAXED) {
    lines_of<i16>(to, input, 0, 1, 1, 0, 0, 1, 1, 1, inputs);
    return to + (padded << 1);
  }
  lines_of<i8>(to, input, 0, 1, 1, 0, 0, 1, 1, 1, inputs);
  store<u32>(to + inputs, 0);
  return to + padded;
}

/**
 * `wide`: 32 outputs and more; `partial`: less than 8. A zero point of the filter takes the same from every output: that many
 * times the sum of all inputs (`filter_offsets`: there is one).
 */
// @ts-ignore: decorator
@inline
export function fully_connected_s8_simd(
  output: usize, input: usize, scratch: usize, filter: usize, channels: usize, filter_offset: i32, output_offset: i32,
  act_min: i32, act_max: i32, inputs: i32, outputs: i32, wide: i32, partial: i32, filter_offsets: i32, one_step: i32,
  relu: i32, right_shift: i32,
): void {
  const offset = i16x8.splat(<i16>output_offset);
  const least = i8x16.splat(<i8>act_min);
  const greatest = i8x16.splat(<i8>act_max);
  // Unsigned weights are 128 too large.
  const excess = RELAXED ? 128 : 0;
  const shares = RELAXED ? 1 : filter_offsets;
  const shared = i32x4.splat(shares ? (filter_offset - excess) * sum_run<i8>(input, inputs) : 0);
  const bytes = block_bytes(one_step);
  const end = spread_inputs(scratch, input, inputs);
  let w = filter;
  let block = channels;
  let n = 0;
  if (wide) {
    for (; n <= outputs - 32; n += 32) {
      let low_0 = biases(block, shares, shared);
      let high_0 = biases(block + 16, shares, shared);
      let low_1 = biases(block + bytes, shares, shared);
      let high_1 = biases(block + bytes + 16, shares, shared);
      let low_2 = biases(block + 2 * bytes, shares, shared);
      let high_2 = biases(block + 2 * bytes + 16, shares, shared);
      let low_3 = biases(block + 3 * bytes, shares, shared);
      let high_3 = biases(block + 3 * bytes + 16, shares, shared);
      let x = scratch;
      do {
        const a = v128.load32_splat(x);
        low_0 = dot_add(low_0, a, RELAXED ? v128.load(w) : v128.load8x8_s(w));
        high_0 = dot_add(high_0, a, RELAXED ? v128.load(w, 64) : v128.load8x8_s(w, 8));
        low_1 = dot_add(low_1, a, RELAXED ? v128.load(w, 16) : v128.load8x8_s(w, 16));
        high_1 = dot_add(high_1, a, RELAXED ? v128.load(w, 80) : v128.load8x8_s(w, 24));
        low_2 = dot_add(low_2, a, RELAXED ? v128.load(w, 32) : v128.load8x8_s(w, 32));
        high_2 = dot_add(high_2, a, RELAXED ? v128.load(w, 96) : v128.load8x8_s(w, 40));
        low_3 = dot_add(low_3, a, RELAXED ? v128.load(w, 48) : v128.load8x8_s(w, 48));
        high_3 = dot_add(high_3, a, RELAXED ? v128.load(w, 112) : v128.load8x8_s(w, 56));
        x += 4;
        w += 32 * GROUP;
      } while (x < end);
      const first = codes_of(
        requantize_block(low_0, high_0, block, one_step, relu, right_shift),
        requantize_block(low_1, high_1, block + bytes, one_step, relu, right_shift),
        offset, least, greatest,
      );
      const second = codes_of(
        requantize_block(low_2, high_2, block + 2 * bytes, one_step, relu, right_shift),
        requantize_block(low_3, high_3, block + 3 * bytes, one_step, relu, right_shift),
        offset, least, greatest,
      );
      v128.store(output + n, first);
      v128.store(output + n, second, 16);
      block += 4 * bytes;
    }
  }
  for (; n < outputs; n += 8) {
    let low = biases(block, shares, shared);
    let high = biases(block + 16, shares, shared);
    let x = scratch;
    do {
      const a = v128.load32_splat(x);
      low = dot_add(low, a, RELAXED ? v128.load(w) : v128.load8x8_s(w));
      high = dot_add(high, a, RELAXED ? v128.load(w, 16) : v128.load8x8_s(w, 8));
      x += 4;
      w += 8 * GROUP;
    } while (x < end);
    const sums = requantize_block(low, high, block, one_step, relu, right_shift);
    const codes = codes_of(sums, sums, offset, least, greatest);
    block += bytes;
    if (partial) store_some(output, codes, 0, outputs);
    else v128.store64_lane(output + min(n, outputs - 8), codes, 0);
  }
}

/**
 * Rows of int8 to their int32 sums. filter: int8 [outputs / 16, rounded up][pairs of inputs][16][2], bias: int32, filled up to 16;
 * `partial`: the last block is not full.
 */
// @ts-ignore: decorator
@inline
export function fully_connected_s8_s32_simd(
  output: usize, input: usize, scratch: usize, filter: usize, bias: usize, filter_offset: i32, rows: i32, inputs: i32,
  outputs: i32, partial: i32, filter_offsets: i32,
): void {
  const end = scratch + <usize>(inputs << 1);
  for (let row = 0; row < rows; row++) {
    const shared = i32x4.splat(filter_offsets ? filter_offset * sum_run<i8>(input, inputs) : 0);
    lines_of<i16>(scratch, input, 0, 1, 1, 0, 0, 1, 1, 1, inputs);
    let w = filter;
    for (let n = 0; n < outputs; n += 16) {
      const block = bias + (<usize>n << 2);
      let sums_0 = biases(block, filter_offsets, shared);
      let sums_1 = biases(block + 16, filter_offsets, shared);
      let sums_2 = biases(block + 32, filter_offsets, shared);
      let sums_3 = biases(block + 48, filter_offsets, shared);
      let x = scratch;
      do {
        const a = v128.load32_splat(x);
        sums_0 = i32x4.add(sums_0, i32x4.dot_i16x8_s(a, v128.load8x8_s(w)));
        sums_1 = i32x4.add(sums_1, i32x4.dot_i16x8_s(a, v128.load8x8_s(w, 8)));
        sums_2 = i32x4.add(sums_2, i32x4.dot_i16x8_s(a, v128.load8x8_s(w, 16)));
        sums_3 = i32x4.add(sums_3, i32x4.dot_i16x8_s(a, v128.load8x8_s(w, 24)));
        x += 4;
        w += 32;
      } while (x < end);
      if (partial && n + 16 > outputs) {
        // Where inputs were, there is room for all sums of a block.
        v128.store(scratch, sums_0);
        v128.store(scratch, sums_1, 16);
        v128.store(scratch, sums_2, 32);
        v128.store(scratch, sums_3, 48);
        memory.copy(output, scratch, <usize>(outputs - n) << 2);
        output += <usize>(outputs - n) << 2;
      } else {
        v128.store(output, sums_0);
        v128.store(output, sums_1, 16);
        v128.store(output, sums_2, 32);
        v128.store(output, sums_3, 48);
        output += 64;
      }
    }
    input += inputs;
  }
}
