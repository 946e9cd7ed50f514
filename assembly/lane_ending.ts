// How weighted sums end (see ending.ts), sixteen channels of a pixel at a time. Sums are multiples of `unit`. A block of channels,
// one vector of int32 for each four channels, is
// - accumulators (ending = 0): [added 16]
// - multiplier (1): [added 16][multiplier 16][shift 16], shifts as `requantize_x4` takes them
// - thresholds (2): [thresholds][16], rising, with what would be added to the sum taken off, in units
// - multiplier in one step (3), see one_step.ts: [added 16], then [scale 16][offset 16] of float64
import { EXCESS, results_of } from './one_step';
import { requantize_x4 } from './output';

/** Bytes of the sums of a pixel. */
export const SUM_BYTES: usize = 64;

/** Bytes of a block. */
// @ts-ignore: decorator
@inline
export function ending_bytes(ending: i32, thresholds: i32): usize {
  return <usize>(ending == 3 ? 5 : ending == 2 ? thresholds : ending ? 3 : 1) << 6;
}

/** Four sums that accumulators or a multiplier end. */
// @ts-ignore: decorator
@inline
function complete(sums: v128, added: usize, unit: i32): v128 {
  return i32x4.add(unit == 1 ? sums : i32x4.mul(sums, i32x4.splat(unit)), v128.load(added));
}

// @ts-ignore: decorator
@inline
function requantized(sums: v128, block: usize, unit: i32, right_shift: i32): v128 {
  return requantize_x4(complete(sums, block, unit), block + 64, block + 128, right_shift);
}

/** Eight results of one step. */
// @ts-ignore: decorator
@inline
function stepped(low: v128, high: v128, added: usize, scales: usize, unit: i32): v128 {
  return results_of(
    complete(low, added, unit), complete(high, added + 16, unit), v128.load(scales), v128.load(scales, 16),
    v128.load(scales, 32), v128.load(scales, 48), v128.load(scales, 128), v128.load(scales, 144),
    v128.load(scales, 160), v128.load(scales, 176), i32x4.splat(EXCESS), 0,
  );
}

/** `all` less the number of thresholds that a sum does not reach, by lane. */
// @ts-ignore: decorator
@inline
function reached(sums: v128, block: usize, thresholds: i32, all: v128): v128 {
  let count = i32x4.add(all, i32x4.gt_s(v128.load(block), sums));
  for (let i = 1; i < thresholds; i++) {
    block += 64;
    count = i32x4.add(count, i32x4.gt_s(v128.load(block), sums));
  }
  return count;
}

// @ts-ignore: decorator
@inline
function narrow(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** Sixteen codes of 8 bits; of a binary output, all bits where it is -1. */
// @ts-ignore: decorator
@inline
function codes_of(
  sums: usize, block: usize, unit: i32, ending: i32, output_bits: i32, thresholds: i32, right_shift: i32,
  output_offset: i32, act_min: i32, act_max: i32,
): v128 {
  const a = v128.load(sums);
  const b = v128.load(sums, 16);
  const c = v128.load(sums, 32);
  const d = v128.load(sums, 48);
  if (ending == 2) {
    const all = i32x4.splat(output_bits == 1 ? 0 : act_min + thresholds);
    return narrow(
      reached(a, block, thresholds, all), reached(b, block + 16, thresholds, all),
      reached(c, block + 32, thresholds, all), reached(d, block + 48, thresholds, all),
    );
  }
  const offset = i16x8.splat(<i16>output_offset);
  let low: v128;
  let high: v128;
  if (ending == 3) {
    low = stepped(a, b, block, block + 64, unit);
    high = stepped(c, d, block + 32, block + 128, unit);
  } else {
    low = i16x8.narrow_i32x4_s(
      requantized(a, block, unit, right_shift), requantized(b, block + 16, unit, right_shift),
    );
    high = i16x8.narrow_i32x4_s(
      requantized(c, block + 32, unit, right_shift), requantized(d, block + 48, unit, right_shift),
    );
  }
  const codes = i8x16.narrow_i16x8_s(i16x8.add_sat_s(low, offset), i16x8.add_sat_s(high, offset));
  return i8x16.min_s(i8x16.max_s(codes, i8x16.splat(<i8>act_min)), i8x16.splat(<i8>act_max));
}

/** Writes codes of channels from `c` on, a multiple of 16, into a row; those beyond `count` must be zero where it is packed. */
// @ts-ignore: decorator
@inline
function store_codes(row: usize, c: i32, codes: v128, count: i32, bits: i32): void {
  if (bits == 1) {
    const signs = i8x16.bitmask(codes);
    // The first half of a word clears the second.
    if (c & 16) store<u16>(row + (c >> 3), <u16>signs);
    else store<u32>(row + (c >> 3), signs);
  } else if (bits == 2) {
    const pairs = v128.and(v128.or(codes, i16x8.shr_u(codes, 6)), i16x8.splat(15));
    const fours = v128.or(pairs, i32x4.shr_u(pairs, 12));
    const bytes = v128.shuffle<i8>(fours, fours, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    v128.store32_lane(row + (c >> 2), bytes, 0);
  } else if (bits == 4) {
    const pairs = v128.and(v128.or(codes, i16x8.shr_u(codes, 4)), i16x8.splat(255));
    const bytes = i8x16.narrow_i16x8_u(pairs, pairs);
    if (count > 8) v128.store64_lane(row + (c >> 1), bytes, 0);
    else v128.store32_lane(row + (c >> 1), bytes, 0);
  } else if (count == 16) {
    v128.store(row + c, codes);
  } else {
    let rest = i64x2.extract_lane(codes, 0);
    for (let i = 0; i < count; i++) {
      if (i == 8) rest = i64x2.extract_lane(codes, 1);
      store<i8>(row + c + i, <i8>rest);
      rest >>= 8;
    }
  }
}

/**
 * Ends the sums of channels from `c` on, a multiple of 16, of `pixels`, whose rows are `row_bytes` apart. Blocks must come in
 * rising order.
 */
// @ts-ignore: decorator
@inline
export function end_pixels(
  output: usize, row_bytes: i32, sums: usize, pixels: i32, block: usize, c: i32, channels: i32, unit: i32, ending: i32,
  output_bits: i32, thresholds: i32, right_shift: i32, output_offset: i32, act_min: i32, act_max: i32,
): void {
  const count = min(16, channels - c);
  const end = sums + <usize>pixels * SUM_BYTES;
  if (ending == 0) {
    for (; sums < end; sums += SUM_BYTES) {
      const to = output + (<usize>c << 2);
      const a = complete(v128.load(sums), block, unit);
      const b = complete(v128.load(sums, 16), block + 16, unit);
      const d = complete(v128.load(sums, 32), block + 32, unit);
      const e = complete(v128.load(sums, 48), block + 48, unit);
      if (count == 16) {
        v128.store(to, a);
        v128.store(to, b, 16);
        v128.store(to, d, 32);
        v128.store(to, e, 48);
      } else {
        v128.store(sums, a);
        v128.store(sums, b, 16);
        v128.store(sums, d, 32);
        v128.store(sums, e, 48);
        for (let i: usize = 0; i < <usize>count << 2; i += 4) store<i32>(to + i, load<i32>(sums + i));
      }
      output += row_bytes;
    }
    return;
  }
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const used = i8x16.gt_s(i8x16.splat(<i8>count), places);
  for (; sums < end; sums += SUM_BYTES) {
    const codes = codes_of(
      sums, block, unit, ending, output_bits, thresholds, right_shift, output_offset, act_min, act_max,
    );
    store_codes(output, c, output_bits < 8 ? v128.and(codes, used) : codes, count, output_bits);
    output += row_bytes;
  }
}
