/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!;
  return strides;
}

/**
 * For every index of `shape` in row-major order: base + the sum of index[d] * strides[d]. All data movement is a copy
 * along such a list: a transposition permutes the strides, a broadcast sets some to 0, a slice scales them.
 */
export function offsets(shape: readonly number[], strides: readonly number[], base = 0): Int32Array {
  let list = Int32Array.of(base);
  shape.forEach((size, d) => {
    const stride = strides[d]!;
    const longer = new Int32Array(list.length * size);
    let at = 0;
    for (const offset of list) {
      for (let i = 0; i < size; i++) longer[at++] = offset + i * stride;
    }
    list = longer;
  });
  return list;
}

/** Where each element of an output of shape `to` reads an operand of shape `from` that is broadcast to it. */
export function broadcastOffsets(from: readonly number[], to: readonly number[]): Int32Array {
  const missing = to.length - from.length;
  const strides = stridesOf(from);
  return offsets(
    to,
    to.map((_, d) => (d < missing || from[d - missing] === 1 ? 0 : strides[d - missing]!)),
  );
}
