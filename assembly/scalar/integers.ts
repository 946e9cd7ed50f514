/**
 * Operations on lanes of one width in code without SIMD. Functions of this folder are named as Binaryen names the instructions, take the
 * addresses of their vectors, which may be those of others or of the result, write their result to `to` and return that.
 */
import { saturated } from './saturated';

export function AddVecI8x16(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 1) store<i8>(to + i, load<i8>(a + i) + load<i8>(b + i));
  return to;
}

export function SubVecI8x16(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 1) store<i8>(to + i, load<i8>(a + i) - load<i8>(b + i));
  return to;
}

export function AddVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, load<i16>(a + i) + load<i16>(b + i));
  return to;
}

export function SubVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, load<i16>(a + i) - load<i16>(b + i));
  return to;
}

export function AddVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, load<i32>(a) + load<i32>(b));
  store<i32>(to, load<i32>(a, 4) + load<i32>(b, 4), 4);
  store<i32>(to, load<i32>(a, 8) + load<i32>(b, 8), 8);
  store<i32>(to, load<i32>(a, 12) + load<i32>(b, 12), 12);
  return to;
}

export function SubVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, load<i32>(a) - load<i32>(b));
  store<i32>(to, load<i32>(a, 4) - load<i32>(b, 4), 4);
  store<i32>(to, load<i32>(a, 8) - load<i32>(b, 8), 8);
  store<i32>(to, load<i32>(a, 12) - load<i32>(b, 12), 12);
  return to;
}

export function AddVecI64x2(to: usize, a: usize, b: usize): usize {
  store<i64>(to, load<i64>(a) + load<i64>(b));
  store<i64>(to, load<i64>(a, 8) + load<i64>(b, 8), 8);
  return to;
}

export function SubVecI64x2(to: usize, a: usize, b: usize): usize {
  store<i64>(to, load<i64>(a) - load<i64>(b));
  store<i64>(to, load<i64>(a, 8) - load<i64>(b, 8), 8);
  return to;
}

export function MulVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, load<i16>(a + i) * load<i16>(b + i));
  return to;
}

export function MulVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, load<i32>(a) * load<i32>(b));
  store<i32>(to, load<i32>(a, 4) * load<i32>(b, 4), 4);
  store<i32>(to, load<i32>(a, 8) * load<i32>(b, 8), 8);
  store<i32>(to, load<i32>(a, 12) * load<i32>(b, 12), 12);
  return to;
}

export function MinSVecI8x16(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 1) store<i8>(to + i, min<i32>(load<i8>(a + i), load<i8>(b + i)));
  return to;
}

export function MaxSVecI8x16(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 1) store<i8>(to + i, max<i32>(load<i8>(a + i), load<i8>(b + i)));
  return to;
}

export function MinSVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, min<i32>(load<i16>(a + i), load<i16>(b + i)));
  return to;
}

export function MaxSVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, max<i32>(load<i16>(a + i), load<i16>(b + i)));
  return to;
}

export function MinSVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, min<i32>(load<i32>(a), load<i32>(b)));
  store<i32>(to, min<i32>(load<i32>(a, 4), load<i32>(b, 4)), 4);
  store<i32>(to, min<i32>(load<i32>(a, 8), load<i32>(b, 8)), 8);
  store<i32>(to, min<i32>(load<i32>(a, 12), load<i32>(b, 12)), 12);
  return to;
}

export function MaxSVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, max<i32>(load<i32>(a), load<i32>(b)));
  store<i32>(to, max<i32>(load<i32>(a, 4), load<i32>(b, 4)), 4);
  store<i32>(to, max<i32>(load<i32>(a, 8), load<i32>(b, 8)), 8);
  store<i32>(to, max<i32>(load<i32>(a, 12), load<i32>(b, 12)), 12);
  return to;
}

export function MinUVecI8x16(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 1) store<u8>(to + i, min<u32>(load<u8>(a + i), load<u8>(b + i)));
  return to;
}

export function AddSatSVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) {
    store<i16>(to + i, saturated(<i32>load<i16>(a + i) + load<i16>(b + i), -32768, 32767));
  }
  return to;
}

export function NegVecI16x8(to: usize, a: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, -load<i16>(a + i));
  return to;
}

export function NegVecI32x4(to: usize, a: usize): usize {
  store<i32>(to, -load<i32>(a));
  store<i32>(to, -load<i32>(a, 4), 4);
  store<i32>(to, -load<i32>(a, 8), 8);
  store<i32>(to, -load<i32>(a, 12), 12);
  return to;
}

export function AbsVecI32x4(to: usize, a: usize): usize {
  store<i32>(to, abs<i32>(load<i32>(a)));
  store<i32>(to, abs<i32>(load<i32>(a, 4)), 4);
  store<i32>(to, abs<i32>(load<i32>(a, 8)), 8);
  store<i32>(to, abs<i32>(load<i32>(a, 12)), 12);
  return to;
}

export function ShrUVecI8x16(to: usize, a: usize, count: i32): usize {
  for (let i: usize = 0; i < 16; i += 1) store<u8>(to + i, load<u8>(a + i) >> <u8>count);
  return to;
}

export function ShlVecI16x8(to: usize, a: usize, count: i32): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, load<i16>(a + i) << <i16>count);
  return to;
}

export function ShrSVecI16x8(to: usize, a: usize, count: i32): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, load<i16>(a + i) >> <i16>count);
  return to;
}

export function ShrUVecI16x8(to: usize, a: usize, count: i32): usize {
  for (let i: usize = 0; i < 16; i += 2) store<u16>(to + i, load<u16>(a + i) >> <u16>count);
  return to;
}

export function ShlVecI32x4(to: usize, a: usize, count: i32): usize {
  store<i32>(to, load<i32>(a) << <i32>count);
  store<i32>(to, load<i32>(a, 4) << <i32>count, 4);
  store<i32>(to, load<i32>(a, 8) << <i32>count, 8);
  store<i32>(to, load<i32>(a, 12) << <i32>count, 12);
  return to;
}

export function ShrSVecI32x4(to: usize, a: usize, count: i32): usize {
  store<i32>(to, load<i32>(a) >> <i32>count);
  store<i32>(to, load<i32>(a, 4) >> <i32>count, 4);
  store<i32>(to, load<i32>(a, 8) >> <i32>count, 8);
  store<i32>(to, load<i32>(a, 12) >> <i32>count, 12);
  return to;
}

export function ShrUVecI32x4(to: usize, a: usize, count: i32): usize {
  store<u32>(to, load<u32>(a) >> <u32>count);
  store<u32>(to, load<u32>(a, 4) >> <u32>count, 4);
  store<u32>(to, load<u32>(a, 8) >> <u32>count, 8);
  store<u32>(to, load<u32>(a, 12) >> <u32>count, 12);
  return to;
}

export function ShrUVecI64x2(to: usize, a: usize, count: i32): usize {
  store<u64>(to, load<u64>(a) >> <u64>count);
  store<u64>(to, load<u64>(a, 8) >> <u64>count, 8);
  return to;
}

export function GtSVecI8x16(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 1) store<i8>(to + i, -<i8>(load<i8>(a + i) > load<i8>(b + i)));
  return to;
}

export function GtSVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, -<i16>(load<i16>(a + i) > load<i16>(b + i)));
  return to;
}

export function LtSVecI16x8(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 2) store<i16>(to + i, -<i16>(load<i16>(a + i) < load<i16>(b + i)));
  return to;
}

export function GtSVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, -<i32>(load<i32>(a) > load<i32>(b)));
  store<i32>(to, -<i32>(load<i32>(a, 4) > load<i32>(b, 4)), 4);
  store<i32>(to, -<i32>(load<i32>(a, 8) > load<i32>(b, 8)), 8);
  store<i32>(to, -<i32>(load<i32>(a, 12) > load<i32>(b, 12)), 12);
  return to;
}

export function GeSVecI32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, -<i32>(load<i32>(a) >= load<i32>(b)));
  store<i32>(to, -<i32>(load<i32>(a, 4) >= load<i32>(b, 4)), 4);
  store<i32>(to, -<i32>(load<i32>(a, 8) >= load<i32>(b, 8)), 8);
  store<i32>(to, -<i32>(load<i32>(a, 12) >= load<i32>(b, 12)), 12);
  return to;
}

export function AndVec128(to: usize, a: usize, b: usize): usize {
  store<i64>(to, load<i64>(a) & load<i64>(b));
  store<i64>(to, load<i64>(a, 8) & load<i64>(b, 8), 8);
  return to;
}

export function OrVec128(to: usize, a: usize, b: usize): usize {
  store<i64>(to, load<i64>(a) | load<i64>(b));
  store<i64>(to, load<i64>(a, 8) | load<i64>(b, 8), 8);
  return to;
}

export function XorVec128(to: usize, a: usize, b: usize): usize {
  store<i64>(to, load<i64>(a) ^ load<i64>(b));
  store<i64>(to, load<i64>(a, 8) ^ load<i64>(b, 8), 8);
  return to;
}

export function AndNotVec128(to: usize, a: usize, b: usize): usize {
  store<i64>(to, load<i64>(a) & ~load<i64>(b));
  store<i64>(to, load<i64>(a, 8) & ~load<i64>(b, 8), 8);
  return to;
}

export function NotVec128(to: usize, a: usize): usize {
  store<i64>(to, ~load<i64>(a));
  store<i64>(to, ~load<i64>(a, 8), 8);
  return to;
}

export function BitselectVec128(to: usize, a: usize, b: usize, mask: usize): usize {
  for (let i: usize = 0; i < 16; i += 8) {
    const bits = load<i64>(mask + i);
    store<i64>(to + i, (load<i64>(a + i) & bits) | (load<i64>(b + i) & ~bits));
  }
  return to;
}

export function BitmaskVecI8x16(a: usize): i32 {
  let bits = 0;
  for (let i: usize = 0; i < 16; i++) bits |= <i32>(load<u8>(a + i) >> 7) << <i32>i;
  return bits;
}
