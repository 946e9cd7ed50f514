// Products of float matrices for the quantizer, which runs float networks over calibration data.

/** Rows of `a` and filters of `b` that a tile takes. */
const ROWS: i32 = 4;
const FILTERS: i32 = 8;

/**
 * `y[m, n] = bias[n] + sum over k of a[m, k] * b[n, k]`, summed up in the order of k in float32.
 *
 * @param a [m, k]; m is a multiple of 4
 * @param b [n / 8, k, 8]: panels of eight filters, a value of each side by side
 * @param bias [n]
 * @param y [m, n]; n is a multiple of 8
 */
export function matmul(a: usize, b: usize, bias: usize, y: usize, m: i32, n: i32, k: i32): void {
  for (let row = 0; row < m; row += ROWS) {
    for (let panel = 0; panel < n; panel += FILTERS) {
      tile(a + 4 * usize(row * k), b + 4 * usize(panel * k), bias + 4 * panel, y + 4 * usize(row * n + panel), n, k);
    }
  }
}

// @ts-ignore: decorator
@inline
function tile(a: usize, b: usize, bias: usize, y: usize, n: i32, k: i32): void {
  const low = v128.load(bias);
  const high = v128.load(bias, 16);
  let y00 = low;
  let y01 = high;
  let y10 = low;
  let y11 = high;
  let y20 = low;
  let y21 = high;
  let y30 = low;
  let y31 = high;
  const line = 4 * usize(k);
  const end = a + line;
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    const a1 = v128.load32_splat(a + line);
    const a2 = v128.load32_splat(a + 2 * line);
    const a3 = v128.load32_splat(a + 3 * line);
    y00 = f32x4.add(y00, f32x4.mul(a0, b0));
    y01 = f32x4.add(y01, f32x4.mul(a0, b1));
    y10 = f32x4.add(y10, f32x4.mul(a1, b0));
    y11 = f32x4.add(y11, f32x4.mul(a1, b1));
    y20 = f32x4.add(y20, f32x4.mul(a2, b0));
    y21 = f32x4.add(y21, f32x4.mul(a2, b1));
    y30 = f32x4.add(y30, f32x4.mul(a3, b0));
    y31 = f32x4.add(y31, f32x4.mul(a3, b1));
    a += 4;
    b += 32;
  }
  const next = 4 * usize(n);
  v128.store(y, y00);
  v128.store(y, y01, 16);
  v128.store(y + next, y10);
  v128.store(y + next, y11, 16);
  v128.store(y + 2 * next, y20);
  v128.store(y + 2 * next, y21, 16);
  v128.store(y + 3 * next, y30);
  v128.store(y + 3 * next, y31, 16);
}
