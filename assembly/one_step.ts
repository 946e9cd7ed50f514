// Requantization of eight channels of a pixel, with what `src/kernels/weights/channels.ts` has proved about the layer:
// - one_step = 1: the high word of |x| * scale + offset in float64 is, less what the offset brings, TFLM's twice rounded
//   result for every sum x that the layer can have. f64x2 is IEEE 754 in every engine, so nothing is left to chance
// - one_step = 2: the same in float32, for relu. Sums lie around 0, since biases lack what the block's excess stands for
// - one_step = 0: two roundings, with shifts by lane where right_shift says so
// A block of channels is [bias 8] of int32, then [scale 8][offset 8] of float64 and the excess; or [scale 8][offset 8] of
// float32, the magic number and its excess; or [multiplier 8][scale or shift 8] of int32. It is filled up to 16 bytes.
import { requantize_x4 } from './output';

/** What the high word of a float64 exceeds the result by. */
export const EXCESS: i32 = 0x41380000;

/** Bytes of a block. */
// @ts-ignore: decorator
@inline
export function block_bytes(one_step: i32): usize {
  return one_step == 2 ? 112 : one_step ? 176 : 96;
}

/** What the high word of a float64, or a float32 beside its magic number, exceeds the result by. */
// @ts-ignore: decorator
@inline
function excess_of(channels: usize, one_step: i32): v128 {
  return one_step == 2 ? v128.load32_splat(channels, 100) : v128.load32_splat(channels, 160);
}

/** Byte of the magic number in float32. */
const MAGIC: usize = 96;

/** The high words of four results. */
// @ts-ignore: decorator
@inline
function high_words(x: v128, scale_0: v128, scale_1: v128, offset_0: v128, offset_1: v128): v128 {
  const upper = v128.shuffle<i32>(x, x, 2, 3, 2, 3);
  const low = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(x), scale_0), offset_0);
  const high = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(upper), scale_1), offset_1);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** Gives each of eight results the sign of its sum. */
// @ts-ignore: decorator
@inline
function with_signs(results: v128, low: v128, high: v128): v128 {
  const signs = i16x8.shr_s(i16x8.narrow_i32x4_s(low, high), 15);
  return i16x8.sub(v128.xor(results, signs), signs);
}

/** Eight results as int16, in float32. */
// @ts-ignore: decorator
@inline
function short_results(
  low: v128, high: v128, scale_0: v128, scale_1: v128, offset_0: v128, offset_1: v128, magic: v128, excess: v128,
): v128 {
  const y_low = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(low), scale_0), offset_0);
  const y_high = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(high), scale_1), offset_1);
  return i16x8.narrow_i32x4_s(
    i32x4.sub(f32x4.add(y_low, magic), excess),
    i32x4.sub(f32x4.add(y_high, magic), excess),
  );
}

/** Eight codes as int16, less the output's zero point. `relu`: negative results do not matter. */
// @ts-ignore: decorator
@inline
export function requantize_block(
  low: v128, high: v128, channels: usize, one_step: i32, relu: i32, right_shift: i32,
): v128 {
  if (!one_step) {
    return i16x8.narrow_i32x4_s(
      requantize_x4(low, channels + 32, channels + 64, right_shift),
      requantize_x4(high, channels + 48, channels + 80, right_shift),
    );
  }
  if (one_step == 2) {
    return short_results(
      low, high, v128.load(channels, 32), v128.load(channels, 48), v128.load(channels, 64), v128.load(channels, 80),
      v128.load32_splat(channels, MAGIC), excess_of(channels, one_step),
    );
  }
  const excess = excess_of(channels, one_step);
  const x_low = relu ? low : i32x4.abs(low);
  const x_high = relu ? high : i32x4.abs(high);
  const results = i16x8.narrow_i32x4_s(
    i32x4.sub(
      high_words(
        x_low, v128.load(channels, 32), v128.load(channels, 48), v128.load(channels, 96), v128.load(channels, 112),
      ),
      excess,
    ),
    i32x4.sub(
      high_words(
        x_high, v128.load(channels, 64), v128.load(channels, 80), v128.load(channels, 128), v128.load(channels, 144),
      ),
      excess,
    ),
  );
  return relu ? results : with_signs(results, low, high);
}

/** Eight results as int16, in float64, out of complete sums; constants as `requantize_pixels` holds them. */
// @ts-ignore: decorator
@inline
export function results_of(
  low: v128, high: v128, scale_0: v128, scale_1: v128, scale_2: v128, scale_3: v128, offset_0: v128, offset_1: v128,
  offset_2: v128, offset_3: v128, excess: v128, relu: i32,
): v128 {
  const results = i16x8.narrow_i32x4_s(
    i32x4.sub(high_words(relu ? low : i32x4.abs(low), scale_0, scale_1, offset_0, offset_1), excess),
    i32x4.sub(high_words(relu ? high : i32x4.abs(high), scale_2, scale_3, offset_2, offset_3), excess),
  );
  return relu ? results : with_signs(results, low, high);
}

/**
 * Requantizes `pixels` times eight sums of one block of channels, 32 bytes a pixel at `sums`, and writes them `stride`
 * bytes apart: `count` of each where `partial`. Out of the loop of products, constants have registers.
 */
// @ts-ignore: decorator
@inline
export function requantize_pixels(
  output: usize, stride: i32, sums: usize, pixels: i32, channels: usize, zero_point: i32, act_min: i32, act_max: i32,
  partial: i32, count: i32, one_step: i32, relu: i32, right_shift: i32,
): void {
  const offset = i16x8.splat(<i16>zero_point);
  const least = i8x16.splat(<i8>act_min);
  const greatest = i8x16.splat(<i8>act_max);
  // In float32, the last two scales are offsets.
  const scale_0 = v128.load(channels, 32);
  const scale_1 = v128.load(channels, 48);
  const scale_2 = v128.load(channels, 64);
  const scale_3 = v128.load(channels, 80);
  const offset_0 = one_step == 1 ? v128.load(channels, 96) : scale_0;
  const offset_1 = one_step == 1 ? v128.load(channels, 112) : scale_0;
  const offset_2 = one_step == 1 ? v128.load(channels, 128) : scale_0;
  const offset_3 = one_step == 1 ? v128.load(channels, 144) : scale_0;
  const excess = one_step ? excess_of(channels, one_step) : scale_0;
  const magic = one_step == 2 ? v128.load32_splat(channels, MAGIC) : scale_0;
  // Without signs to restore, the zero point comes with the excess.
  const shifted = i32x4.sub(excess, i32x4.splat(zero_point));
  const last = sums + <usize>(pixels << 5) - 32;
  do {
    const low_0 = v128.load(sums);
    const high_0 = v128.load(sums, 16);
    const low_1 = v128.load(sums, 32);
    const high_1 = v128.load(sums, 48);
    let codes: v128;
    if (one_step == 2) {
      const first = short_results(low_0, high_0, scale_0, scale_1, scale_2, scale_3, magic, shifted);
      const second = short_results(low_1, high_1, scale_0, scale_1, scale_2, scale_3, magic, shifted);
      codes = i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(first, second), least), greatest);
    } else if (one_step && relu) {
      const first = results_of(
        low_0, high_0, scale_0, scale_1, scale_2, scale_3, offset_0, offset_1, offset_2, offset_3, shifted, relu,
      );
      const second = results_of(
        low_1, high_1, scale_0, scale_1, scale_2, scale_3, offset_0, offset_1, offset_2, offset_3, shifted, relu,
      );
      codes = i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(first, second), least), greatest);
    } else if (one_step) {
      const first = results_of(
        low_0, high_0, scale_0, scale_1, scale_2, scale_3, offset_0, offset_1, offset_2, offset_3, excess, relu,
      );
      const second = results_of(
        low_1, high_1, scale_0, scale_1, scale_2, scale_3, offset_0, offset_1, offset_2, offset_3, excess, relu,
      );
      codes = codes_of(first, second, offset, least, greatest);
    } else {
      const first = requantize_block(low_0, high_0, channels, one_step, relu, right_shift);
      const second = requantize_block(low_1, high_1, channels, one_step, relu, right_shift);
      codes = codes_of(first, second, offset, least, greatest);
    }
    // Behind an odd number there is one more, which the last one then overwrites.
    const next = output + <usize>(sums < last ? stride : 0);
    if (partial) {
      store_some(next, codes, 1, count);
      store_some(output, codes, 0, count);
    } else {
      v128.store64_lane(next, codes, 1);
      v128.store64_lane(output, codes, 0);
    }
    output += stride << 1;
    sums += 64;
  } while (sums <= last);
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
