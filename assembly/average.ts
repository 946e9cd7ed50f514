/** sum / n, nearest, ties away from zero. */
// @ts-ignore: decorator
@inline
export function average(sum: i32, n: i32): i32 {
  return (sum > 0 ? sum + n / 2 : sum - n / 2) / n;
}

/** The same of four sums of magnitude below 2^23, for which a float division cannot round up to the next integer. */
// @ts-ignore: decorator
@inline
export function average_x4(sum: v128, n: i32): v128 {
  const sign = i32x4.shr_s(sum, 31);
  const magnitude = i32x4.add(i32x4.abs(sum), i32x4.splat(n / 2));
  const quotient = i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(magnitude), f32x4.splat(<f32>n)));
  return i32x4.sub(v128.xor(quotient, sign), sign);
}
