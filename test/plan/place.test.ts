import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lowerBound } from '../../src/plan/memory/bound.js';
import { extent } from '../../src/plan/memory/greedy.js';
import { place } from '../../src/plan/memory/place.js';
import type { Pair, PlacementProblem } from '../../src/plan/memory/problem.js';
import { fitInto } from '../../src/plan/memory/search.js';

interface Life {
  readonly size: number;
  readonly first: number;
  readonly length: number;
  /** How far its successor in time must start below it, if it may overlap. */
  readonly distance: number | null;
}

/** Buffers with lifetimes; where one dies in the step that writes another, the later may overlap the earlier. */
function problemOf(lives: readonly Life[], steps: number): PlacementProblem {
  const sizes = lives.map(({ size }) => size);
  const last = (life: Life) => Math.min(life.first + life.length, steps - 1);
  const pairs: Pair[] = [];
  const gap = (low: number, high: number) => {
    const [output, input] = [lives[low]!, lives[high]!];
    const mayOverlap = input.distance !== null && last(input) === output.first && input.first < output.first;
    return mayOverlap ? Math.min(input.distance, output.size) : output.size;
  };
  lives.forEach((x, a) => {
    lives.slice(a + 1).forEach((y, i) => {
      const b = a + 1 + i;
      if (x.first <= last(y) && y.first <= last(x)) {
        pairs.push({ a, b, gapAB: gap(a, b), gapBA: gap(b, a) });
      }
    });
  });
  const moments = Array.from({ length: steps }, (_, t) =>
    lives.flatMap((life, i) => (life.first <= t && t <= last(life) ? [i] : [])),
  );
  return { sizes, pairs, moments };
}

const STEPS = 6;
const problems = (maxBuffers: number) =>
  fc
    .array(
      fc.record({
        size: fc.integer({ min: 1, max: 20 }),
        first: fc.integer({ min: 0, max: STEPS - 1 }),
        length: fc.integer({ min: 0, max: 3 }),
        distance: fc.option(fc.integer({ min: 0, max: 25 }), { nil: null }),
      }),
      { minLength: 1, maxLength: maxBuffers },
    )
    .map((lives) => problemOf(lives, STEPS));

/** Least extent over every order of the buffers' offsets. */
function bruteForce({ sizes, pairs }: PlacementProblem): number {
  const gaps = sizes.map(() => sizes.map(() => 0));
  for (const { a, b, gapAB, gapBA } of pairs) {
    gaps[a]![b] = gapAB;
    gaps[b]![a] = gapBA;
  }
  let best = Number.POSITIVE_INFINITY;
  const offsets: number[] = [];
  const extend = (order: readonly number[], top: number) => {
    if (top >= best) return;
    if (order.length === sizes.length) best = top;
    sizes.forEach((size, i) => {
      if (order.includes(i)) return;
      offsets[i] = Math.max(0, ...order.map((j) => offsets[j]! + gaps[j]![i]!));
      extend([...order, i], Math.max(top, offsets[i]! + size));
    });
  };
  extend([], 0);
  return best;
}

describe('arena placement', () => {
  it('keeps every pair of live buffers as far apart as they demand', () => {
    fc.assert(
      fc.property(problems(30), (problem) => {
        const { offsets, size } = place(problem);
        assert.ok(offsets.every((offset) => offset >= 0));
        assert.equal(extent(problem.sizes, offsets), size);
        for (const { a, b, gapAB, gapBA } of problem.pairs) {
          assert.ok(offsets[b]! >= offsets[a]! + gapAB || offsets[a]! >= offsets[b]! + gapBA);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is optimal and proves it on small problems', () => {
    fc.assert(
      fc.property(problems(7), (problem) => {
        const best = bruteForce(problem);
        const { size, lowerBound } = place(problem);
        assert.deepEqual({ size, lowerBound }, { size: best, lowerBound: best });
      }),
      { numRuns: 300 },
    );
  });

  it('bounds from below by what is live at one moment', () => {
    fc.assert(
      fc.property(problems(6), (problem) => assert.ok(lowerBound(problem) <= bruteForce(problem))),
      { numRuns: 300 },
    );
  });

  it('reaches exactly the bound where one output overlaps its dying input', () => {
    // A 100-byte input whose 60-byte output must start 10 bytes below.
    const pair = { a: 0, b: 1, gapAB: 100, gapBA: 10 };
    const { size, offsets } = place({ sizes: [100, 60], pairs: [pair], moments: [[0, 1]] });
    assert.deepEqual({ size, offsets }, { size: 110, offsets: [10, 0] });
  });

  it('needs more than any moment where overlaps drift downwards in a chain', () => {
    // Four equal buffers, each 10 below the last: no room to jump back up.
    const sizes = [100, 100, 100, 100];
    const pairs = [0, 1, 2].map((a) => ({ a, b: a + 1, gapAB: 100, gapBA: 10 }));
    const problem = { sizes, pairs, moments: pairs.map(({ a, b }) => [a, b]) };
    assert.equal(lowerBound(problem), 110);
    const { size, lowerBound: proved } = place(problem);
    assert.deepEqual({ size, proved }, { size: 130, proved: 130 });
  });

  it('gives the same placement for the same problem', () => {
    fc.assert(
      fc.property(problems(20), (problem) => assert.deepEqual(place(problem), place(problem))),
      { numRuns: 50 },
    );
  });

  it('says that it does not know when the budget of the search ends', () => {
    const sizes = [2, 2, 2];
    const pairs = [
      { a: 0, b: 1, gapAB: 2, gapBA: 2 },
      { a: 0, b: 2, gapAB: 2, gapBA: 2 },
      { a: 1, b: 2, gapAB: 2, gapBA: 2 },
    ];
    const problem = { sizes, pairs, moments: [[0, 1, 2]] };
    assert.equal(fitInto(problem, 6, 0).kind, 'unknown');
    assert.equal(fitInto(problem, 6, 1000).kind, 'found');
    assert.equal(fitInto(problem, 5, 1000).kind, 'impossible');
  });
});
