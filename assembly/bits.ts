/** x * 2^e on 32 bits, saturating; gemmlowp's SaturatingRoundingMultiplyByPOT. */
// @ts-ignore: decorator
@inline
export function saturating_shift_left(x: i32, e: i32): i32 {
  const threshold = i32.MAX_VALUE >> e;
  return x > threshold ? i32.MAX_VALUE : x < -threshold ? i32.MIN_VALUE : x << e;
}
