/**
 * Filters of 3x3 for Winograd's minimal filtering F(m x m, 3x3) in exact integers: `assembly/winograd.ts` has the other
 * matrices. U = G g G^T with
 *   m = 2: G = [2 0 0; 1 1 1; 1 -1 1; 0 0 2], sums come out times 4
 *   m = 4: G = [6 0 0; -4 -4 -4; -4 4 -4; 1 2 4; 1 -2 4; 0 0 6], times 576
 * G is that of Lavin and Gray with its rows scaled to integers, what they lack being in A^T. For int8 g and d, |U| <=
 * 144 * 128 and |V| <= 100 * 128 are int16, and so is half of each pair of products an int32. Sums may wrap: only y, times 4 or
 * (after division by 9, which is exact modulo 2^32) 64, has to fit.
 */
import type { CompactConstant } from '../kernel.js';
import { BLOCK } from './channels.js';

/** m: rows and columns of outputs of a patch. */
export type PatchSize = 2 | 4;

/** What sums of products are multiples of. */
export const WINOGRAD_SCALE = { 2: 4, 4: 576 } as const;
/** What their last form must not overflow by. */
const FINAL_SCALE = { 2: 4, 4: 64 } as const;

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

const TAPS = 9;

/** Whether sums of at most `bound` fit. */
export function winogradFits(bound: number, size: PatchSize): boolean {
  return bound * FINAL_SCALE[size] < 2 ** 31;
}

/** Filters of a layer: weights without zero points, [output channels][3][3][depth]. */
export interface Filters {
  readonly weights: Int8Array;
  readonly depth: number;
  /** Output channel by place in the blocks. */
  readonly order: readonly (number | null)[];
}

/** [blocks][(m + 2)^2][pairs of input channels][8][2] of U. */
export function packWinograd(filters: Filters, size: PatchSize): Int16Array {
  const { weights, depth, order } = filters;
  const edge = size + 2;
  const rows = G[size];
  const position = pairsOf(depth) * BLOCK * 2;
  const packed = new Int16Array((order.length / BLOCK) * edge * edge * position);
  const half = new Int32Array(3 * edge);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const block = Math.floor(place / BLOCK) * edge * edge * position + (place % BLOCK) * 2;
    for (let c = 0; c < depth; c++) {
      const from = channel * TAPS * depth + c;
      for (let i = 0; i < edge; i++) {
        const [p, q, r] = rows[i]!;
        for (let x = 0; x < 3; x++) {
          const at = from + x * depth;
          half[i * 3 + x] = p * weights[at]! + q * weights[at + 3 * depth]! + r * weights[at + 6 * depth]!;
        }
      }
      let to = block + (c >> 1) * BLOCK * 2 + (c & 1);
      for (let i = 0; i < edge; i++) {
        for (let j = 0; j < edge; j++, to += position) {
          const [p, q, r] = rows[j]!;
          packed[to] = p * half[i * 3]! + q * half[i * 3 + 1]! + r * half[i * 3 + 2]!;
        }
      }
    }
  });
  return packed;
}

/**
 * The weights themselves, [blocks][pairs][9][8][2], out of which `assembly/winograd_filter.ts` makes U in `freeBytes` of free
 * memory.
 */
export function compactWinograd(
  { weights, depth, order }: Filters,
  size: PatchSize,
): CompactConstant & { readonly freeBytes: number } {
  const pairs = pairsOf(depth);
  const blocks = order.length / BLOCK;
  const tap = BLOCK * 2;
  const data = new Int8Array(blocks * pairs * TAPS * tap);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const block = Math.floor(place / BLOCK) * pairs * TAPS * tap + (place % BLOCK) * 2;
    for (let k = 0; k < TAPS; k++) {
      for (let c = 0; c < depth; c++) {
        data[block + ((c >> 1) * TAPS + k) * tap + (c & 1)] = weights[(channel * TAPS + k) * depth + c]!;
      }
    }
  });
  return {
    data,
    expand: `expand_winograd_${size}`,
    source: 'winograd_filter',
    parameters: [blocks, pairs],
    freeBytes: (pairs * TAPS + 3 * (size + 2)) * tap,
  };
}

function pairsOf(depth: number): number {
  return Math.ceil(depth / 2);
}
