import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { weightFormat } from '../../../src/graph/weight-format.js';
import { codebookGrid, fullGrid, GRIDS, type Grid, oddGrid } from '../../../src/quantize/weights/grid.js';
import { splitTerms, sumGrid } from '../../../src/quantize/weights/residual.js';

const grids: readonly Grid[] = [
  ...Object.values(GRIDS),
  fullGrid(4),
  oddGrid(3),
  codebookGrid([-120, -7, 0, 1, 5, 33]),
  codebookGrid([4]),
];

describe('grids of codes', () => {
  it('give the nearest code, of two the one that is farther from zero, then the positive one', () => {
    const value = fc.oneof(
      fc.integer({ min: -300, max: 300 }).map((n) => n / 2),
      fc.double({ min: -150, max: 150, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...grids), value, (grid, x) => {
        const order = (a: number, b: number) =>
          Math.abs(a - x) - Math.abs(b - x) || Math.abs(b) - Math.abs(a) || b - a;
        equal(grid.nearest(x), [...grid.codes].sort(order)[0]);
      }),
      { numRuns: 300 },
    );
  });

  it('have the bits that a filter of their codes is read to have', () => {
    const bits = (grid: Grid) => weightFormat(grid.codes).bits;
    deepEqual(Object.values(GRIDS).map(bits), [8, 4, 3, 2, 2, 1]);
    deepEqual([fullGrid(4), oddGrid(3)].map(bits), [4, 3]);
  });

  it('of sums of two terms come apart into terms of the first grid', () => {
    for (const term of [GRIDS.ternary, fullGrid(2), oddGrid(2)]) {
      for (const shift of [1, 2, 3]) {
        const codes = Int16Array.from(sumGrid(term, shift).codes);
        const { first, second } = splitTerms(codes, term, shift);
        codes.forEach((code, i) => {
          equal(first[i]! * 2 ** shift + second[i]!, code);
          equal(term.nearest(first[i]!), first[i]);
          equal(term.nearest(second[i]!), second[i]);
        });
      }
    }
    deepEqual(
      sumGrid(fullGrid(2), 2).codes,
      Array.from({ length: 16 }, (_, i) => i - 10),
    );
  });
});
