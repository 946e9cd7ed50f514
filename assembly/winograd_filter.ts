// U of filters of 3x3 out of their weights: src/kernels/weights/winograd.ts has the definition. Runs once, when a module is
// instantiated. The weights, [blocks][pairs][9][8][2] of int8, lie at the end of the memory of U, which grows towards them:
// those of a block are moved to free memory before its U overwrites them.

const TAPS = 9;
/** Bytes of a tap of eight channels by two input channels. */
const TAP = 16;

/** `free`: memory for the weights of a block and for G g of a vector of them. */
export function expand_winograd_2(to: usize, free: usize, blocks: i32, pairs: i32): void {
  expand(to, free, blocks, pairs, 2);
}

export function expand_winograd_4(to: usize, free: usize, blocks: i32, pairs: i32): void {
  expand(to, free, blocks, pairs, 4);
}

// @ts-ignore: decorator
@inline
function expand(to: usize, free: usize, blocks: i32, pairs: i32, size: i32): void {
  const edge = size + 2;
  const position = <usize>pairs << 5;
  const block_bytes = position * edge * edge;
  const weights = <usize>(pairs * TAPS * TAP);
  const half = free + weights;
  let from = to + blocks * (block_bytes - weights);
  for (let block = 0; block < blocks; block++) {
    memory.copy(free, from, weights);
    from += weights;
    for (let pair = 0; pair < pairs; pair++) {
      for (let lanes = 0; lanes < TAP; lanes += 8) {
        const g = free + pair * TAPS * TAP + lanes;
        for (let x = 0; x < 3; x++) {
          const column = g + x * TAP;
          put(
            half + x * TAP, 3 * TAP, v128.load8x8_s(column), v128.load8x8_s(column, 3 * TAP),
            v128.load8x8_s(column, 6 * TAP), size,
          );
        }
        let u = to + (pair << 5) + (lanes << 1);
        for (let i = 0; i < edge; i++) {
          const row = half + i * 3 * TAP;
          put(u, position, v128.load(row), v128.load(row, TAP), v128.load(row, 2 * TAP), size);
          u += position * edge;
        }
      }
    }
    to += block_bytes;
  }
}

/** G times a column, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function put(to: usize, step: usize, a: v128, b: v128, c: v128, size: i32): void {
  const outer = i16x8.add(a, c);
  if (size == 2) {
    v128.store(to, i16x8.add(a, a));
    v128.store(to + step, i16x8.add(outer, b));
    v128.store(to + 2 * step, i16x8.sub(outer, b));
    v128.store(to + 3 * step, i16x8.add(c, c));
    return;
  }
  const twice_b = i16x8.add(b, b);
  const zoomed = i16x8.add(a, i16x8.shl(c, 2));
  v128.store(to, i16x8.mul(a, i16x8.splat(6)));
  v128.store(to + step, i16x8.shl(i16x8.neg(i16x8.add(outer, b)), 2));
  v128.store(to + 2 * step, i16x8.shl(i16x8.sub(b, outer), 2));
  v128.store(to + 3 * step, i16x8.add(zoomed, twice_b));
  v128.store(to + 4 * step, i16x8.sub(zoomed, twice_b));
  v128.store(to + 5 * step, i16x8.mul(c, i16x8.splat(6)));
}
