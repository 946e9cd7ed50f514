import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { weightFormat } from '../../../src/graph/weight-format.js';
import { GRIDS, Grid, oddGrid } from '../../../src/quantize/weights/grid.js';

const grids: readonly Grid[] = [
  ...Object.values(GRIDS),
  oddGrid(3),
  new Grid('uneven', [-120, -7, 0, 1, 5, 33]),
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
    equal(bits(oddGrid(3)), 3);
  });
});
