// Requantization of eight channels of one pixel, with what `src/kernels/weights/channels.ts` has proved about the layer:
// - one_step = 31 + E > 0: |x| * scale * multiplier, plus `rounding`, shifted right by 31 + E is the twice rounded
//   result; `scale` = 2^(E - e) stands for the channel's own shift e, since WASM has no shift by lane
// - one_step = 0: two roundings, with shifts by lane where right_shift says so
// A block of channels is [bias 8][multiplier 8][scale or shift 8] of int32 and, for one step, [rounding 8] of int64.
import { requantize_x4 } from './output';

/** Bytes of a block. */
// @ts-ignore: decorator
@inline
export function block_bytes(one_step: i32): usize {
  return one_step ? 160 : 96;
}

/** `half`: channels 0..3 or 4..7 of the block at `channels`. `relu`: negative results do not matter. */
// @ts-ignore: decorator
@inline
export function requantize_half(sums: v128, channels: usize, half: i32, one_step: i32, relu: i32, right_shift: i32): v128 {
  const m = channels + 32 + (half << 4);
  const s = channels + 64 + (half << 4);
  if (!one_step) return requantize_x4(sums, m, s, right_shift);
  const magnitude = relu ? i32x4.max_s(sums, i32x4.splat(0)) : i32x4.abs(sums);
  const scaled = i32x4.mul(magnitude, v128.load(s));
  const multiplier = v128.load(m);
  const rounding = channels + 96 + (half << 5);
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_u(scaled, multiplier), v128.load(rounding)), one_step);
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_u(scaled, multiplier), v128.load(rounding, 16)), one_step);
  const result = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  if (relu) return result;
  const sign = i32x4.shr_s(sums, 31);
  return i32x4.sub(v128.xor(result, sign), sign);
}

/** Eight codes as int16, less the output's zero point. */
// @ts-ignore: decorator
@inline
export function requantize_block(
  low: v128, high: v128, channels: usize, one_step: i32, relu: i32, right_shift: i32,
): v128 {
  return i16x8.narrow_i32x4_s(
    requantize_half(low, channels, 0, one_step, relu, right_shift),
    requantize_half(high, channels, 1, one_step, relu, right_shift),
  );
}

/** Codes of two pixels, clamped. */
// @ts-ignore: decorator
@inline
export function codes_of(a: v128, b: v128, zero_point: v128, least: v128, greatest: v128): v128 {
  const codes = i8x16.narrow_i16x8_s(i16x8.add_sat_s(a, zero_point), i16x8.add_sat_s(b, zero_point));
  return i8x16.min_s(i8x16.max_s(codes, least), greatest);
}

/** Writes the first `count` bytes of a 64-bit half. */
// @ts-ignore: decorator
@inline
export function store_some(to: usize, codes: v128, half: i32, count: i32): void {
  let bits = half ? i64x2.extract_lane(codes, 1) : i64x2.extract_lane(codes, 0);
  for (let i = 0; i < count; i++) {
    store<i8>(to + i, <i8>bits);
    bits >>= 8;
  }
}
