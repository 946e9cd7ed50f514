// Products of int8 by codes of two bits, where the module multiplies signed bytes by those of seven bits, which all engines do
// alike. A byte holds the codes of four channels, of one input: fields, which are masked where they lie, so that a field's sums
// are a power of two too large. Three fields have six bits; of these the third is what all have beyond the other two.
import { dot_add } from './dot';

/** Masks of the first field, the second and the lower three: to be loaded ahead of a loop. */
const FIELDS = memory.data<u8>([
  3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
  63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
], 16);

/** Four sums of each of four fields, which become those of four times four channels: field after field of a lane. */
// @ts-ignore: decorator
@inline
function store_lanes(sums: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  v128.store(sums, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(sums, v128.shuffle<i64>(ab, cd, 1, 3), 16);
  const ab_high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd_high = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(sums, v128.shuffle<i64>(ab_high, cd_high, 0, 2), 32);
  v128.store(sums, v128.shuffle<i64>(ab_high, cd_high, 1, 3), 48);
}

/** The fields' sums, without the powers of two: of the third, what `three` has beyond the first and the second. */
// @ts-ignore: decorator
@inline
function store_fields(sums: usize, a: v128, b: v128, three: v128, d: v128): void {
  const c = i32x4.sub(three, i32x4.add(a, b));
  store_lanes(sums, a, i32x4.shr_s(b, 2), i32x4.shr_s(c, 4), d);
}

/** The fourth field, down to where the first one lies. */
// @ts-ignore: decorator
@inline
function fourth(w: v128, first: v128): v128 {
  return v128.and(i16x8.shr_u(w, 6), first);
}

/**
 * The sums of a block of sixteen channels, of inputs from `x` to `end`, four at a time; with `twice` those of the next block too,
 * which follow. A lane of `w` is of four inputs, its fields four channels; `row` bytes on are the next four inputs.
 */
// @ts-ignore: decorator
@inline
export function sum_fields(sums: usize, x: usize, end: usize, w: usize, row: usize, twice: bool): void {
  const first = v128.load(FIELDS);
  const second = v128.load(FIELDS, 16);
  const three = v128.load(FIELDS, 32);
  let a0 = i32x4.splat(0);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  let a1 = a0;
  let b1 = a0;
  let c1 = a0;
  let d1 = a0;
  do {
    const inputs = v128.load32_splat(x);
    const w0 = v128.load(w);
    a0 = dot_add(a0, inputs, v128.and(w0, first));
    b0 = dot_add(b0, inputs, v128.and(w0, second));
    c0 = dot_add(c0, inputs, v128.and(w0, three));
    d0 = dot_add(d0, inputs, fourth(w0, first));
    if (twice) {
      const w1 = v128.load(w, 16);
      a1 = dot_add(a1, inputs, v128.and(w1, first));
      b1 = dot_add(b1, inputs, v128.and(w1, second));
      c1 = dot_add(c1, inputs, v128.and(w1, three));
      d1 = dot_add(d1, inputs, fourth(w1, first));
    }
    x += 4;
    w += row;
  } while (x < end);
  store_fields(sums, a0, b0, c0, d0);
  if (twice) store_fields(sums + 64, a1, b1, c1, d1);
}
