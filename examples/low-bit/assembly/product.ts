// AssemblyScript: the one heavy loop of training.

/**
 * C += A * B in float32. A is m x k with `aRow` and `aColumn` elements between rows and columns, so that it may be transposed; B (k x n)
 * and C (m x n) are row-major.
 */
export function product(
  c: usize, a: usize, b: usize, m: i32, n: i32, k: i32, aRow: i32, aColumn: i32,
): void {
  const row = <usize>n << 2;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let j = 0;
    for (; j + 8 <= n; j += 8) tile(c + i * row + (<usize>j << 2), a + (<usize>(i * aRow) << 2), b + (<usize>j << 2), row, k, aRow, aColumn);
    for (; j < n; j++) for (let r = 0; r < 4; r++) single(c, a, b, i + r, j, n, k, aRow, aColumn);
  }
  for (; i < m; i++) for (let j = 0; j < n; j++) single(c, a, b, i, j, n, k, aRow, aColumn);
}

// @ts-ignore: decorator
@inline
function tile(c: usize, a: usize, b: usize, row: usize, k: i32, aRow: i32, aColumn: i32): void {
  const stride = <usize>aRow << 2;
  const step = <usize>aColumn << 2;
  let c0 = v128.load(c), c1 = v128.load(c, 16);
  let d0 = v128.load(c + row), d1 = v128.load(c + row, 16);
  let e0 = v128.load(c + 2 * row), e1 = v128.load(c + 2 * row, 16);
  let f0 = v128.load(c + 3 * row), f1 = v128.load(c + 3 * row, 16);
  for (; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(x, b0));
    c1 = f32x4.add(c1, f32x4.mul(x, b1));
    x = v128.load32_splat(a + stride);
    d0 = f32x4.add(d0, f32x4.mul(x, b0));
    d1 = f32x4.add(d1, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 2 * stride);
    e0 = f32x4.add(e0, f32x4.mul(x, b0));
    e1 = f32x4.add(e1, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 3 * stride);
    f0 = f32x4.add(f0, f32x4.mul(x, b0));
    f1 = f32x4.add(f1, f32x4.mul(x, b1));
    a += step;
    b += row;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c + row, d0);
  v128.store(c + row, d1, 16);
  v128.store(c + 2 * row, e0);
  v128.store(c + 2 * row, e1, 16);
  v128.store(c + 3 * row, f0);
  v128.store(c + 3 * row, f1, 16);
}

// @ts-ignore: decorator
@inline
function single(c: usize, a: usize, b: usize, i: i32, j: i32, n: i32, k: i32, aRow: i32, aColumn: i32): void {
  let at = a + (<usize>(i * aRow) << 2);
  let from = b + (<usize>j << 2);
  const to = c + (<usize>(i * n + j) << 2);
  let sum = load<f32>(to);
  for (; k > 0; k--) {
    sum += load<f32>(at) * load<f32>(from);
    at += <usize>aColumn << 2;
    from += <usize>n << 2;
  }
  store<f32>(to, sum);
}
