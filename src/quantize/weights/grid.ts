/** The integers that a filter may hold. */
import { clamp } from '../../numerics/fixed-point.js';

/**
 * Codes in rising order. A filter is stored as them, with a real scale for each of its channels; its format is read off
 * its values again (`src/graph/weight-format.ts`).
 */
export class Grid {
  /** Largest magnitude. */
  readonly reach: number;
  /** Distance of neighbours; 0 where it varies. */
  readonly #step: number;

  /** @param codes distinct, at least one */
  constructor(
    readonly name: string,
    readonly codes: readonly number[],
  ) {
    const step = codes.length > 1 ? codes[1]! - codes[0]! : 0;
    this.#step = codes.every((code, i) => i === 0 || code - codes[i - 1]! === step) ? step : 0;
    this.reach = Math.max(Math.abs(codes[0]!), Math.abs(codes.at(-1)!));
  }

  /** The nearest code; of two as near the one of larger magnitude, of these the positive one. */
  nearest(value: number): number {
    const last = this.codes.length - 1;
    const floor = this.#step > 0 ? Math.floor((value - this.codes[0]!) / this.#step) : this.#below(value);
    const low = clamp(floor, 0, last);
    const below = this.codes[low]!;
    if (low === last) return below;
    const above = this.codes[low + 1]!;
    const excess = value - below - (above - value);
    if (excess !== 0) return excess > 0 ? above : below;
    return Math.abs(above) >= Math.abs(below) ? above : below;
  }

  /** Index of the last code that is not above `value`, or -1. */
  #below(value: number): number {
    let index = this.codes.length - 1;
    while (index >= 0 && this.codes[index]! > value) index--;
    return index;
  }
}

/** -limit to limit: 127, 7, 3 and 1 are int8, int4, int3 and ternary. */
export function symmetricGrid(limit: number, name: string): Grid {
  return evenGrid(-limit, limit, 1, name);
}

/** Odd codes only, half-integers at half the scale: -3, -1, 1, 3 for 2 bits, -1 and 1 for one. */
export function oddGrid(bits: number): Grid {
  const limit = 2 ** bits - 1;
  return evenGrid(-limit, limit, 2, bits === 1 ? 'binary' : `int${bits} odd`);
}

/** The grids that need no data, by name. */
export const GRIDS = {
  int8: symmetricGrid(127, 'int8'),
  int4: symmetricGrid(7, 'int4'),
  int3: symmetricGrid(3, 'int3'),
  int2: oddGrid(2),
  ternary: symmetricGrid(1, 'ternary'),
  binary: oddGrid(1),
} as const;

export type GridName = keyof typeof GRIDS;
export const GRID_NAMES = Object.keys(GRIDS) as readonly GridName[];

function evenGrid(first: number, last: number, step: number, name: string): Grid {
  return new Grid(
    name,
    Array.from({ length: (last - first) / step + 1 }, (_, i) => first + i * step),
  );
}
