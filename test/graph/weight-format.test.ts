import assert from 'node:assert/strict';
import { weightFormat, weightFormatName } from '../../src/graph/weight-format.js';

const nameOf = (...values: number[]) => weightFormatName(weightFormat(values));

describe('the number format of a filter', () => {
  it('is read off its values', () => {
    assert.equal(nameOf(-1, 1, 1), 'binary');
    assert.equal(nameOf(-1, 0, 1), 'ternary');
    assert.equal(nameOf(-2, -1, 0, 1), 'int2');
    assert.equal(nameOf(-4, -3, 0, 1, 3), 'int3');
    assert.equal(nameOf(-8, -7, -5, -2, 0, 1, 3, 4, 7), 'int4');
    assert.equal(nameOf(-128, 127, 0, 1, 2, 3, 5, 7, 9, 11, 13, 17, 19, 23, 29, 31, 37), 'int8');
  });

  it('knows half-integer grids, whose values are odd', () => {
    assert.deepEqual(weightFormat([-3, -1, 1, 3]), { kind: 'grid', levels: 4, bits: 2, first: -3, step: 2 });
    assert.deepEqual(weightFormat([-15, 15, 1]), { kind: 'codebook', bits: 2, entries: [-15, 1, 15] });
    assert.deepEqual(weightFormat([-15, 15, 1, 3, 5]), {
      kind: 'codebook',
      bits: 3,
      entries: [-15, 1, 3, 5, 15],
    });
  });

  it('is a codebook only where that takes fewer bits than the grid', () => {
    assert.equal(nameOf(-100, -7, 0, 33, 99), 'codebook of 5');
    assert.equal(nameOf(-2, 0, 1), 'int2');
  });

  it('is one bit of a constant', () => {
    assert.deepEqual(weightFormat([5, 5]), { kind: 'grid', levels: 1, bits: 1, first: 5, step: 1 });
  });
});
