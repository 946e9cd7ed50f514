// Sums of products of int8 codes, in the two forms that a module may have:
// - base: int16 by int16, two products a lane
// - relaxed: unsigned by signed bytes, four products a lane. Engines may compute `i32x4.relaxed_dot_i8x16_i7x16_add_s` in
//   several ways; bindings load this form only where they have seen that it takes its second operand as unsigned and keeps every bit

/** Whether the module may use relaxed SIMD. */
export const RELAXED: bool = ASC_FEATURE_RELAXED_SIMD;

/** Products that a lane sums up at once. */
export const GROUP: i32 = RELAXED ? 4 : 2;

/** Each lane of `sums` and the products of its group: signed `a`, and `b` that is unsigned where RELAXED. */
// @ts-ignore: decorator
@inline
export function dot_add(sums: v128, a: v128, b: v128): v128 {
  if (RELAXED) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, sums);
  return i32x4.add(sums, i32x4.dot_i16x8_s(b, a));
}
