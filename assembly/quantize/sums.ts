// Sums in float64 for the weight solvers of `bitloom quantize` (src/quantize/weights/algebra.ts).
// Each element's sum has the order of the rows whatever the tile, so that no result depends on how work is cut.
// Lengths are multiples of 4 elements; the caller pads by zeros.

/** y[n] += a * x[n] */
export function add_scaled(y: usize, x: usize, a: f64, n: i32): void {
  const factor = f64x2.splat(a);
  const end = x + (<usize>n << 3);
  while (x < end) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(factor, v128.load(x))));
    v128.store(y, f64x2.add(v128.load(y, 16), f64x2.mul(factor, v128.load(x, 16))), 16);
    x += 32;
    y += 32;
  }
}

/**
 * c[m, n] += transpose(a)[m, rows] * b[rows, n] for a[rows, m].
 * @param upper whether only tiles on and above the diagonal are wanted
 */
export function add_product(c: usize, a: usize, b: usize, rows: i32, m: i32, n: i32, upper: bool): void {
  for (let i = 0; i < m; i += 4) {
    for (let j = upper ? i : 0; j < n; j += 4) add_tile(c, a, b, rows, m, n, i, j);
  }
}

/** The tile of 4 by 4 elements at [i, j]. */
// @ts-ignore: decorator
@inline
function add_tile(c: usize, a: usize, b: usize, rows: i32, m: i32, n: i32, i: i32, j: i32): void {
  const aStep = <usize>m << 3;
  const bStep = <usize>n << 3;
  const c0 = c + ((<usize>i * n + j) << 3);
  const c1 = c0 + bStep;
  const c2 = c1 + bStep;
  const c3 = c2 + bStep;
  let s00 = v128.load(c0);
  let s01 = v128.load(c0, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  let p = a + (<usize>i << 3);
  let q = b + (<usize>j << 3);
  for (let r = 0; r < rows; r++) {
    const low = v128.load(q);
    const high = v128.load(q, 16);
    let x = v128.load64_splat(p);
    s00 = f64x2.add(s00, f64x2.mul(x, low));
    s01 = f64x2.add(s01, f64x2.mul(x, high));
    x = v128.load64_splat(p, 8);
    s10 = f64x2.add(s10, f64x2.mul(x, low));
    s11 = f64x2.add(s11, f64x2.mul(x, high));
    x = v128.load64_splat(p, 16);
    s20 = f64x2.add(s20, f64x2.mul(x, low));
    s21 = f64x2.add(s21, f64x2.mul(x, high));
    x = v128.load64_splat(p, 24);
    s30 = f64x2.add(s30, f64x2.mul(x, low));
    s31 = f64x2.add(s31, f64x2.mul(x, high));
    p += aStep;
    q += bStep;
  }
  v128.store(c0, s00);
  v128.store(c0, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}
