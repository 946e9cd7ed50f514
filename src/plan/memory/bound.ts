import type { PlacementProblem } from './problem.js';

/** Overlapping groups larger than this are counted without their overlaps' help from permutations. */
const MAX_GROUP = 6;

/** No placement is smaller than what is live at one moment; buffers that may overlap are counted as their tightest packing. */
export function lowerBound({ sizes, pairs, moments }: PlacementProblem): number {
  const gaps = new Map<string, number>();
  const partners = new Map<number, Set<number>>();
  for (const { a, b, gapAB, gapBA } of pairs) {
    gaps.set(`${a}/${b}`, gapAB);
    gaps.set(`${b}/${a}`, gapBA);
    if (gapAB === sizes[a] && gapBA === sizes[b]) continue;
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      partners.set(x, (partners.get(x) ?? new Set<number>()).add(y));
    }
  }
  const gap = (low: number, high: number) => gaps.get(`${low}/${high}`) ?? sizes[low]!;
  return Math.max(0, ...moments.map((live) => leastTotal(live, sizes, partners, gap)));
}

/** Buffers that overlap nothing here add their sizes; each connected group of overlaps adds its tightest packing. */
function leastTotal(
  live: readonly number[],
  sizes: readonly number[],
  partners: ReadonlyMap<number, ReadonlySet<number>>,
  gap: (low: number, high: number) => number,
): number {
  const left = new Set(live);
  let total = 0;
  for (const start of live) {
    if (!left.delete(start)) continue;
    const group = [start];
    for (const member of group) {
      for (const partner of partners.get(member) ?? []) if (left.delete(partner)) group.push(partner);
    }
    total +=
      group.length <= MAX_GROUP ? tightest(group, sizes, gap) : Math.max(...group.map((i) => sizes[i]!));
  }
  return total;
}

/** Least extent of the group over all orders of its offsets, each buffer as low as those below it allow. */
function tightest(
  group: readonly number[],
  sizes: readonly number[],
  gap: (low: number, high: number) => number,
): number {
  let best = Number.POSITIVE_INFINITY;
  const extend = (placed: readonly { i: number; offset: number }[], top: number) => {
    if (top >= best) return;
    if (placed.length === group.length) {
      best = top;
      return;
    }
    for (const i of group) {
      if (placed.some((p) => p.i === i)) continue;
      const offset = placed.reduce((low, p) => Math.max(low, p.offset + gap(p.i, i)), 0);
      extend([...placed, { i, offset }], Math.max(top, offset + sizes[i]!));
    }
  };
  extend([], 0);
  return best;
}
