/** Loads, stores, literals and lanes as such. */
import { ExtendLowSVecI16x8ToVecI32x4, ExtendLowSVecI8x16ToVecI16x8, ExtendLowUVecI8x16ToVecI16x8 } from './widths';

/** A vector from one place to another. */
export function MoveVec128(to: usize, a: usize): usize {
  const low = load<u64>(a);
  store<u64>(to, load<u64>(a, 8), 8);
  store<u64>(to, low);
  return to;
}

/** The two halves of a literal. */
export function ConstVec128(to: usize, low: u64, high: u64): usize {
  store<u64>(to, low);
  store<u64>(to, high, 8);
  return to;
}

/** @param low, high of each byte of the result where it is in the two vectors together */
export function ShuffleVec128(to: usize, a: usize, b: usize, low: u64, high: u64): usize {
  const first = selected(a, b, low);
  store<u64>(to, selected(a, b, high), 8);
  store<u64>(to, first);
  return to;
}

function selected(a: usize, b: usize, places: u64): u64 {
  let bytes: u64 = 0;
  for (let i = 0; i < 64; i += 8) {
    const place = <usize>(places >> i) & 31;
    bytes |= <u64>load<u8>((place < 16 ? a : b - 16) + place) << i;
  }
  return bytes;
}

export function SwizzleVecI8x16(to: usize, a: usize, b: usize): usize {
  const first = looked_up(a, load<u64>(b));
  store<u64>(to, looked_up(a, load<u64>(b, 8)), 8);
  store<u64>(to, first);
  return to;
}

function looked_up(table: usize, places: u64): u64 {
  let bytes: u64 = 0;
  for (let i = 0; i < 64; i += 8) {
    const place = <usize>(places >> i) & 255;
    if (place < 16) bytes |= <u64>load<u8>(table + place) << i;
  }
  return bytes;
}

export function SplatVecI8x16(to: usize, value: i32): usize {
  for (let i: usize = 0; i < 16; i += 1) store<i8>(to + i, <i8>value);
  return to;
}

export function SplatVecI16x8(to: usize, value: i32): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, <i16>value);
  return to;
}

export function SplatVecI32x4(to: usize, value: i32): usize {
  store<i32>(to, <i32>value);
  store<i32>(to, <i32>value, 4);
  store<i32>(to, <i32>value, 8);
  store<i32>(to, <i32>value, 12);
  return to;
}

export function SplatVecI64x2(to: usize, value: i64): usize {
  store<i64>(to, <i64>value);
  store<i64>(to, <i64>value, 8);
  return to;
}

export function SplatVecF32x4(to: usize, value: f32): usize {
  store<f32>(to, <f32>value);
  store<f32>(to, <f32>value, 4);
  store<f32>(to, <f32>value, 8);
  store<f32>(to, <f32>value, 12);
  return to;
}

export function SplatVecF64x2(to: usize, value: f64): usize {
  store<f64>(to, <f64>value);
  store<f64>(to, <f64>value, 8);
  return to;
}

export function ExtractLaneSVecI8x16(a: usize, lane: usize): i32 {
  return load<i8>(a + lane);
}

export function ExtractLaneUVecI8x16(a: usize, lane: usize): i32 {
  return load<u8>(a + lane);
}

export function ExtractLaneSVecI16x8(a: usize, lane: usize): i32 {
  return load<i16>(a + 2 * lane);
}

export function ExtractLaneUVecI16x8(a: usize, lane: usize): i32 {
  return load<u16>(a + 2 * lane);
}

export function ExtractLaneVecI32x4(a: usize, lane: usize): i32 {
  return load<i32>(a + 4 * lane);
}

export function ExtractLaneVecI64x2(a: usize, lane: usize): i64 {
  return load<i64>(a + 8 * lane);
}

export function ExtractLaneVecF32x4(a: usize, lane: usize): f32 {
  return load<f32>(a + 4 * lane);
}

export function ExtractLaneVecF64x2(a: usize, lane: usize): f64 {
  return load<f64>(a + 8 * lane);
}

export function ReplaceLaneVecI32x4(to: usize, a: usize, value: i32, lane: usize): usize {
  MoveVec128(to, a);
  store<i32>(to + 4 * lane, value);
  return to;
}

export function Load8SplatVec128(to: usize, from: usize): usize {
  return SplatVecI8x16(to, load<u8>(from));
}

export function Load16SplatVec128(to: usize, from: usize): usize {
  return SplatVecI16x8(to, load<u16>(from));
}

export function Load32SplatVec128(to: usize, from: usize): usize {
  return SplatVecI32x4(to, load<u32>(from));
}

export function Load64SplatVec128(to: usize, from: usize): usize {
  return SplatVecI64x2(to, load<u64>(from));
}

export function Load32ZeroVec128(to: usize, from: usize): usize {
  return ConstVec128(to, load<u32>(from), 0);
}

export function Load64ZeroVec128(to: usize, from: usize): usize {
  return ConstVec128(to, load<u64>(from), 0);
}

export function Load8x8SVec128(to: usize, from: usize): usize {
  return ExtendLowSVecI8x16ToVecI16x8(to, from);
}

export function Load8x8UVec128(to: usize, from: usize): usize {
  return ExtendLowUVecI8x16ToVecI16x8(to, from);
}

export function Load16x4SVec128(to: usize, from: usize): usize {
  return ExtendLowSVecI16x8ToVecI32x4(to, from);
}

export function Store32LaneVec128(to: usize, a: usize, lane: usize): void {
  store<u32>(to, load<u32>(a + 4 * lane));
}

export function Store64LaneVec128(to: usize, a: usize, lane: usize): void {
  store<u64>(to, load<u64>(a + 8 * lane));
}
