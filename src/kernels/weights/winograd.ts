/**
 * Winograd's minimal filtering F(m x m, 3x3) in exact integers (Lavin and Gray, arXiv:1509.09308, with the rows of their G scaled
 * to integers, what they lack being in A^T). For int8 g and d, |U| <= 144 * 128 and |V| <= 100 * 128 are int16, and so is half of
 * each pair of products an int32. Sums come out times 4 for m = 2 and times 576 for m = 4. They may wrap: only y, times 4 or (after
 * division by 9, which is exact modulo 2^32) 64, has to fit.
 */

/** m: rows and columns of outputs of a patch. */
export type PatchSize = 2 | 4;

const G = {
  2: [
    [2, 0, 0],
    [1, 1, 1],
    [1, -1, 1],
    [0, 0, 2],
  ],
  4: [
    [6, 0, 0],
    [-4, -4, -4],
    [-4, 4, -4],
    [1, 2, 4],
    [1, -2, 4],
    [0, 0, 6],
  ],
} as const;

/**
 * U = G g G^T of one filter, row after row.
 * @param u receives (m + 2)^2 elements
 * @param at index in `weights` of the first of 3x3 taps, which are `step` apart
 */
export function transformFilter(
  u: Int32Array,
  weights: Int8Array,
  at: number,
  step: number,
  size: PatchSize,
): void {
  const rows = G[size];
  rows.forEach(([p, q, r], i) => {
    const [a, b, c] = [0, 1, 2].map((x) => {
      const tap = at + x * step;
      return p * weights[tap]! + q * weights[tap + 3 * step]! + r * weights[tap + 6 * step]!;
    }) as [number, number, number];
    rows.forEach(([p, q, r], j) => {
      u[i * rows.length + j] = p * a + q * b + r * c;
    });
  });
}
