import type { PlacementProblem } from './problem.js';

/** Offsets in granules, by buffer. */
export type Offsets = readonly number[];

/** Size of the arena that these offsets need. */
export function extent(sizes: readonly number[], offsets: Offsets): number {
  return offsets.reduce((top, offset, i) => Math.max(top, offset + sizes[i]!), 0);
}

/** The best of first-fit placements in several orders; not optimal in general, but never wrong. */
export function placeGreedily(problem: PlacementProblem): Offsets {
  const { sizes, moments } = problem;
  const starts = sizes.map((_, i) => moments.findIndex((live) => live.includes(i)));
  const lives = sizes.map((_, i) => moments.filter((live) => live.includes(i)).length);
  const crowds = sizes.map((_, i) =>
    Math.max(
      ...moments
        .filter((live) => live.includes(i))
        .map((live) => live.reduce((sum, j) => sum + sizes[j]!, 0)),
    ),
  );
  const orders: ((a: number, b: number) => number)[] = [
    (a, b) => sizes[b]! - sizes[a]!,
    (a, b) => crowds[b]! - crowds[a]! || sizes[b]! - sizes[a]!,
    (a, b) => crowds[b]! - crowds[a]! || starts[b]! - starts[a]!,
    (a, b) => lives[b]! - lives[a]! || sizes[b]! - sizes[a]!,
    (a, b) => sizes[b]! * lives[b]! - sizes[a]! * lives[a]!,
    (a, b) => starts[b]! - starts[a]!,
    (a, b) => starts[a]! - starts[b]!,
  ];
  const placements = orders.map((order) =>
    placeInOrder(
      problem,
      [...sizes.keys()].sort((a, b) => order(a, b) || a - b),
    ),
  );
  return placements.reduce((best, next) => (extent(sizes, next) < extent(sizes, best) ? next : best));
}

/** Puts one buffer after the other at the lowest offset that agrees with those already placed. */
function placeInOrder({ sizes, pairs }: PlacementProblem, order: readonly number[]): Offsets {
  const neighbours: { other: number; below: number; above: number }[][] = sizes.map(() => []);
  for (const { a, b, gapAB, gapBA } of pairs) {
    neighbours[a]!.push({ other: b, below: gapAB, above: gapBA });
    neighbours[b]!.push({ other: a, below: gapBA, above: gapAB });
  }
  const offsets: number[] = sizes.map(() => -1);
  for (const i of order) {
    // Forbidden are the offsets strictly between `placed - below` and `placed + above`.
    const holes = neighbours[i]!.filter(({ other }) => offsets[other]! >= 0)
      .map(({ other, below, above }) => ({ from: offsets[other]! - below, to: offsets[other]! + above }))
      .sort((x, y) => x.from - y.from);
    let offset = 0;
    for (const { from, to } of holes) if (offset > from && offset < to) offset = to;
    offsets[i] = offset;
  }
  return offsets;
}
