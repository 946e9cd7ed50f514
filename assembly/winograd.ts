// Winograd's minimal filtering F(m x m, 3x3) in exact integers, for m = 2 and m = 4 (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks"). A patch d of m + 2 by m + 2 pixels gives m by m outputs y:
//   V = B^T d B, M = sum of U * V over channels, s * y = A^T M A; src/kernels/weights/winograd.ts has U and the bounds
//   m = 2, s = 4:   B^T = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1], A^T = [1 1 1 0; 0 1 -1 -1]
//   m = 4, s = 576: B^T = [4 0 -5 0 1 0; 0 -4 -4 1 1 0; 0 4 -4 -1 1 0; 0 -2 -1 2 1 0; 0 2 -1 -2 1 0; 0 4 0 -5 0 1],
//                   A^T = [1 1 1 1 1 0; 0 1 -1 2 -2 0; 0 1 1 4 4 0; 0 1 -1 8 -8 4]
// Sums wrap. 576 y times the inverse of 9 modulo 2^32 is 64 y, which fits.

/** Bytes of a position of M: [patch 4][channel 8] of int32. */
const POSITION = 128;
/** Of 9, modulo 2^32. */
const NINTH = 954437177;

/** Rows of V before their columns: m + 2 lines `row_bytes` apart, which is a multiple of 16, out of lines of `line_bytes`. */
// @ts-ignore: decorator
@inline
export function transform_lines(to: usize, row_bytes: usize, lines: usize, line_bytes: usize, size: i32): void {
  const end = lines + line_bytes;
  while (lines < end) {
    let from = lines;
    const d0 = v128.load(from);
    from += line_bytes;
    const d1 = v128.load(from);
    from += line_bytes;
    const d2 = v128.load(from);
    from += line_bytes;
    const d3 = v128.load(from);
    if (size == 2) {
      put_row_2(to, row_bytes, d0, d1, d2, d3);
    } else {
      from += line_bytes;
      const d4 = v128.load(from);
      put_row_4(to, row_bytes, d0, d1, d2, d3, d4, v128.load(from + line_bytes));
    }
    lines += 16;
    to += 16;
  }
}

/** V of a row of patches out of the rows that transform_lines has made: [patch][position][depth]. */
// @ts-ignore: decorator
@inline
export function transform_patches(
  v: usize, rows: usize, row_bytes: usize, columns: i32, pixel_bytes: usize, depth_bytes: usize, size: i32,
): void {
  const step = <usize>size * pixel_bytes;
  const patch_bytes = depth_bytes * (size + 2) * (size + 2);
  for (let row = 0; row < size + 2; row++) {
    let from_patch = rows;
    let patch = v;
    for (let x = 0; x < columns; x++) {
      for (let c: usize = 0; c < depth_bytes; c += 16) {
        let from = from_patch + c;
        const d0 = v128.load(from);
        from += pixel_bytes;
        const d1 = v128.load(from);
        from += pixel_bytes;
        const d2 = v128.load(from);
        from += pixel_bytes;
        const d3 = v128.load(from);
        if (size == 2) {
          put_row_2(patch + c, depth_bytes, d0, d1, d2, d3);
        } else {
          from += pixel_bytes;
          const d4 = v128.load(from);
          put_row_4(patch + c, depth_bytes, d0, d1, d2, d3, d4, v128.load(from + pixel_bytes));
        }
      }
      from_patch += step;
      patch += patch_bytes;
    }
    rows += row_bytes;
    v += depth_bytes * (size + 2);
  }
}

// @ts-ignore: decorator
@inline
function put_row_2(to: usize, step: usize, d0: v128, d1: v128, d2: v128, d3: v128): void {
  v128.store(to, i16x8.sub(d0, d2));
  to += step;
  v128.store(to, i16x8.add(d1, d2));
  to += step;
  v128.store(to, i16x8.sub(d2, d1));
  to += step;
  v128.store(to, i16x8.sub(d1, d3));
}

// @ts-ignore: decorator
@inline
function put_row_4(to: usize, step: usize, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128): void {
  const e = i16x8.sub(d4, d2);
  const f = i16x8.sub(d3, d1);
  v128.store(to, i16x8.add(i16x8.shl(i16x8.sub(d0, d2), 2), e));
  to += step;
  const g = i16x8.sub(d4, i16x8.shl(d2, 2));
  const h = i16x8.sub(d3, i16x8.shl(d1, 2));
  v128.store(to, i16x8.add(g, h));
  to += step;
  v128.store(to, i16x8.sub(g, h));
  to += step;
  const twice = i16x8.add(f, f);
  v128.store(to, i16x8.add(e, twice));
  to += step;
  v128.store(to, i16x8.sub(e, twice));
  to += step;
  v128.store(to, i16x8.sub(i16x8.sub(d5, d3), i16x8.shl(f, 2)));
}

/**
 * M of four patches whose V begin at x0..x3: [positions][patch 4][8]. `filter`: [positions][pairs][8][2]. Position (1, 1)
 * adds to each output: there the biases come in.
 */
export function winograd_products(
  m: usize, x0: usize, x1: usize, x2: usize, x3: usize, filter: usize, biases: usize, pair_bytes: usize,
  depth_bytes: usize, middle: usize, last: usize,
): void {
  const skip = depth_bytes - pair_bytes;
  for (; m < last; m += POSITION) {
    let low_0 = i32x4.splat(0);
    let high_0 = low_0;
    if (m == middle) {
      low_0 = v128.load(biases);
      high_0 = v128.load(biases, 16);
    }
    let low_1 = low_0;
    let high_1 = high_0;
    let low_2 = low_0;
    let high_2 = high_0;
    let low_3 = low_0;
    let high_3 = high_0;
    const end = x0 + pair_bytes;
    do {
      const w_low = v128.load(filter);
      const w_high = v128.load(filter, 16);
      const a0 = v128.load32_splat(x0);
      low_0 = i32x4.add(low_0, i32x4.dot_i16x8_s(a0, w_low));
      high_0 = i32x4.add(high_0, i32x4.dot_i16x8_s(a0, w_high));
      const a1 = v128.load32_splat(x1);
      low_1 = i32x4.add(low_1, i32x4.dot_i16x8_s(a1, w_low));
      high_1 = i32x4.add(high_1, i32x4.dot_i16x8_s(a1, w_high));
      const a2 = v128.load32_splat(x2);
      low_2 = i32x4.add(low_2, i32x4.dot_i16x8_s(a2, w_low));
      high_2 = i32x4.add(high_2, i32x4.dot_i16x8_s(a2, w_high));
      const a3 = v128.load32_splat(x3);
      low_3 = i32x4.add(low_3, i32x4.dot_i16x8_s(a3, w_low));
      high_3 = i32x4.add(high_3, i32x4.dot_i16x8_s(a3, w_high));
      x0 += 4;
      x1 += 4;
      x2 += 4;
      x3 += 4;
      filter += 32;
    } while (x0 < end);
    x0 += skip;
    x1 += skip;
    x2 += skip;
    x3 += skip;
    v128.store(m, low_0);
    v128.store(m, high_0, 16);
    v128.store(m, low_1, 32);
    v128.store(m, high_1, 48);
    v128.store(m, low_2, 64);
    v128.store(m, high_2, 80);
    v128.store(m, low_3, 96);
    v128.store(m, high_3, 112);
  }
}

/** A^T M, in the first m rows of M. */
// @ts-ignore: decorator
@inline
export function combine_rows(m: usize, size: i32): void {
  const end = m + (size + 2) * POSITION;
  for (; m < end; m += 16) {
    if (size == 2) {
      const b = v128.load(m, 4 * POSITION);
      const c = v128.load(m, 8 * POSITION);
      v128.store(m, i32x4.add(i32x4.add(v128.load(m), b), c));
      v128.store(m, i32x4.sub(i32x4.sub(b, c), v128.load(m, 12 * POSITION)), 4 * POSITION);
    } else {
      const b = v128.load(m, 6 * POSITION);
      const c = v128.load(m, 12 * POSITION);
      const d = v128.load(m, 18 * POSITION);
      const e = v128.load(m, 24 * POSITION);
      const p = i32x4.add(b, c);
      const q = i32x4.sub(b, c);
      const r = i32x4.add(d, e);
      const t = i32x4.sub(d, e);
      const twice = i32x4.add(t, t);
      v128.store(m, i32x4.add(i32x4.add(v128.load(m), p), r));
      v128.store(m, i32x4.add(q, twice), 6 * POSITION);
      v128.store(m, i32x4.add(p, i32x4.shl(r, 2)), 12 * POSITION);
      v128.store(m, i32x4.add(q, i32x4.shl(i32x4.add(twice, v128.load(m, 30 * POSITION)), 2)), 18 * POSITION);
    }
  }
}

/** y of one patch out of A^T M: rows of m pixels of eight channels, `row_bytes` apart. */
// @ts-ignore: decorator
@inline
export function combine_columns(y: usize, row_bytes: usize, m: usize, size: i32): void {
  for (let row = 0; row < size; row++) {
    put_pixels(y, m, size);
    put_pixels(y + 16, m + 16, size);
    y += row_bytes;
    m += (size + 2) * POSITION;
  }
}

// @ts-ignore: decorator
@inline
function put_pixels(y: usize, m: usize, size: i32): void {
  const b = v128.load(m, POSITION);
  const c = v128.load(m, 2 * POSITION);
  const d = v128.load(m, 3 * POSITION);
  if (size == 2) {
    v128.store(y, i32x4.shr_s(i32x4.add(i32x4.add(v128.load(m), b), c), 2));
    v128.store(y, i32x4.shr_s(i32x4.sub(i32x4.sub(b, c), d), 2), 32);
    return;
  }
  const e = v128.load(m, 4 * POSITION);
  const p = i32x4.add(b, c);
  const q = i32x4.sub(b, c);
  const r = i32x4.add(d, e);
  const t = i32x4.sub(d, e);
  const twice = i32x4.add(t, t);
  const ninth = i32x4.splat(NINTH);
  v128.store(y, of_576(i32x4.add(i32x4.add(v128.load(m), p), r), ninth));
  v128.store(y, of_576(i32x4.add(q, twice), ninth), 32);
  v128.store(y, of_576(i32x4.add(p, i32x4.shl(r, 2)), ninth), 64);
  v128.store(y, of_576(i32x4.add(q, i32x4.shl(i32x4.add(twice, v128.load(m, 5 * POSITION)), 2)), ninth), 96);
}

// @ts-ignore: decorator
@inline
function of_576(x: v128, ninth: v128): v128 {
  return i32x4.shr_s(i32x4.mul(x, ninth), 6);
}
