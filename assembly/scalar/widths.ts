/**
 * Operations whose result has lanes of another width. The result may lie where an operand does, so that lanes which become wider are taken
 * from the end that is not overwritten yet.
 */
import { saturated } from './saturated';

export function ExtendLowSVecI8x16ToVecI16x8(to: usize, a: usize): usize {
  for (let i: usize = 7; <isize>i >= 0; i--) store<i16>(to + 2 * i, load<i8>(a + i));
  return to;
}

export function ExtendHighSVecI8x16ToVecI16x8(to: usize, a: usize): usize {
  for (let i: usize = 0; i < 8; i++) store<i16>(to + 2 * i, load<i8>(a + i, 8));
  return to;
}

export function ExtendLowSVecI16x8ToVecI32x4(to: usize, a: usize): usize {
  for (let i: usize = 3; <isize>i >= 0; i--) store<i32>(to + 4 * i, load<i16>(a + 2 * i));
  return to;
}

export function ExtendHighSVecI16x8ToVecI32x4(to: usize, a: usize): usize {
  for (let i: usize = 0; i < 4; i++) store<i32>(to + 4 * i, load<i16>(a + 2 * i, 8));
  return to;
}

export function ExtendLowSVecI32x4ToVecI64x2(to: usize, a: usize): usize {
  for (let i: usize = 1; <isize>i >= 0; i--) store<i64>(to + 8 * i, load<i32>(a + 4 * i));
  return to;
}

export function ExtendHighSVecI32x4ToVecI64x2(to: usize, a: usize): usize {
  for (let i: usize = 0; i < 2; i++) store<i64>(to + 8 * i, load<i32>(a + 4 * i, 8));
  return to;
}

export function ExtendLowUVecI8x16ToVecI16x8(to: usize, a: usize): usize {
  for (let i: usize = 7; <isize>i >= 0; i--) store<u16>(to + 2 * i, load<u8>(a + i));
  return to;
}

export function ExtendHighUVecI8x16ToVecI16x8(to: usize, a: usize): usize {
  for (let i: usize = 0; i < 8; i++) store<u16>(to + 2 * i, load<u8>(a + i, 8));
  return to;
}

export function ExtMulLowSVecI32x4(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 3; <isize>i >= 0; i--) {
    store<i32>(to + 4 * i, <i32>load<i16>(a + 2 * i) * load<i16>(b + 2 * i));
  }
  return to;
}

export function ExtMulHighSVecI32x4(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 4; i++) {
    store<i32>(to + 4 * i, <i32>load<i16>(a + 2 * i, 8) * load<i16>(b + 2 * i, 8));
  }
  return to;
}

export function ExtMulLowUVecI64x2(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 1; <isize>i >= 0; i--) {
    store<u64>(to + 8 * i, <u64>load<u32>(a + 4 * i) * load<u32>(b + 4 * i));
  }
  return to;
}

export function ExtMulHighUVecI64x2(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 2; i++) {
    store<u64>(to + 8 * i, <u64>load<u32>(a + 4 * i, 8) * load<u32>(b + 4 * i, 8));
  }
  return to;
}

export function ExtAddPairwiseSVecI8x16ToI16x8(to: usize, a: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, <i16>load<i8>(a + i) + load<i8>(a + i, 1));
  return to;
}

export function ExtAddPairwiseSVecI16x8ToI32x4(to: usize, a: usize): usize {
  store<i32>(to, <i32>load<i16>(a) + load<i16>(a, 2));
  store<i32>(to, <i32>load<i16>(a, 4) + load<i16>(a, 6), 4);
  store<i32>(to, <i32>load<i16>(a, 8) + load<i16>(a, 10), 8);
  store<i32>(to, <i32>load<i16>(a, 12) + load<i16>(a, 14), 12);
  return to;
}

/** Of two pairs of int16. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize): i32 {
  return <i32>load<i16>(a) * load<i16>(b) + <i32>load<i16>(a, 2) * load<i16>(b, 2);
}

export function DotSVecI16x8ToVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, dot(a, b));
  store<i32>(to, dot(a + 4, b + 4), 4);
  store<i32>(to, dot(a + 8, b + 8), 8);
  store<i32>(to, dot(a + 12, b + 12), 12);
  return to;
}

/** The sum of a vector and such a dot product. */
export function AddDotSVecI16x8ToVecI32x4(to: usize, sums: usize, a: usize, b: usize): usize {
  store<i32>(to, load<i32>(sums) + dot(a, b));
  store<i32>(to, load<i32>(sums, 4) + dot(a + 4, b + 4), 4);
  store<i32>(to, load<i32>(sums, 8) + dot(a + 8, b + 8), 8);
  store<i32>(to, load<i32>(sums, 12) + dot(a + 12, b + 12), 12);
  return to;
}

/** Eight int16 as bytes between two bounds. */
function narrowed8(a: usize, least: i32, most: i32): u64 {
  let bytes: u64 = 0;
  for (let i: usize = 0; i < 8; i++) {
    bytes |= <u64>(saturated(load<i16>(a + 2 * i), least, most) & 0xff) << (8 * i);
  }
  return bytes;
}

/** Four int32 as 16 bits each, between two bounds. */
function narrowed16(a: usize, least: i32, most: i32): u64 {
  let words: u64 = 0;
  for (let i: usize = 0; i < 4; i++) {
    words |= <u64>(saturated(load<i32>(a + 4 * i), least, most) & 0xffff) << (16 * i);
  }
  return words;
}

export function NarrowSVecI16x8ToVecI8x16(to: usize, a: usize, b: usize): usize {
  const low = narrowed8(a, -128, 127);
  store<u64>(to, narrowed8(b, -128, 127), 8);
  store<u64>(to, low);
  return to;
}

export function NarrowUVecI16x8ToVecI8x16(to: usize, a: usize, b: usize): usize {
  const low = narrowed8(a, 0, 255);
  store<u64>(to, narrowed8(b, 0, 255), 8);
  store<u64>(to, low);
  return to;
}

export function NarrowSVecI32x4ToVecI16x8(to: usize, a: usize, b: usize): usize {
  const low = narrowed16(a, -32768, 32767);
  store<u64>(to, narrowed16(b, -32768, 32767), 8);
  store<u64>(to, low);
  return to;
}

export function NarrowUVecI32x4ToVecI16x8(to: usize, a: usize, b: usize): usize {
  const low = narrowed16(a, 0, 65535);
  store<u64>(to, narrowed16(b, 0, 65535), 8);
  store<u64>(to, low);
  return to;
}
