/** Filters of 3x3 for Winograd's minimal filtering in WASM: how they lie, and which sums fit. */
import type { CompactConstant } from '../kernel.js';
import { BLOCK } from './channels.js';
import { type PatchSize, transformFilter } from './winograd.js';

/** What sums of products are multiples of. */
export const WINOGRAD_SCALE = { 2: 4, 4: 576 } as const;
/** What their last form must not overflow by. */
const FINAL_SCALE = { 2: 4, 4: 64 } as const;

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
  const elements = (size + 2) ** 2;
  const position = pairsOf(depth) * BLOCK * 2;
  const packed = new Int16Array((order.length / BLOCK) * elements * position);
  const u = new Int32Array(elements);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const block = Math.floor(place / BLOCK) * elements * position + (place % BLOCK) * 2;
    for (let c = 0; c < depth; c++) {
      transformFilter(u, weights, channel * TAPS * depth + c, depth, size);
      const to = block + (c >> 1) * BLOCK * 2 + (c & 1);
      for (let element = 0; element < elements; element++) packed[to + element * position] = u[element]!;
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
