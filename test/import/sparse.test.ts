import assert from 'node:assert/strict';
import { densified, type Sparsity } from '../../src/import/tflite/sparse.js';

/** Rows in full, of each row the columns that are not zero. */
const ROWS: Sparsity = {
  order: [0, 1],
  blocks: [],
  levels: [
    { kind: 'dense', size: 2 },
    { kind: 'csr', segments: [0, 2, 3], indices: [0, 3, 1] },
  ],
};

/** Blocks of 1 x 2: dimension 2 counts columns inside of a block of dimension 1. */
const BLOCKS: Sparsity = {
  order: [0, 1, 2],
  blocks: [1],
  levels: [
    { kind: 'dense', size: 2 },
    { kind: 'csr', segments: [0, 1, 2], indices: [1, 0] },
    { kind: 'dense', size: 2 },
  ],
};

const levels = (...list: Sparsity['levels']): Sparsity => ({ ...ROWS, levels: list });

describe('sparse constants', () => {
  it('are expanded row by row', () => {
    assert.deepEqual(
      densified([2, 4], ROWS, Float32Array.of(1, 2, 3)),
      Float32Array.of(1, 0, 0, 2, 0, 3, 0, 0),
    );
  });

  it('are expanded by blocks', () => {
    assert.deepEqual(
      densified([2, 4], BLOCKS, Int8Array.of(1, 2, 3, 4)),
      Int8Array.of(0, 0, 1, 2, 3, 4, 0, 0),
    );
  });

  it('along dimensions in another order', () => {
    const columns = { ...ROWS, order: [1, 0] };
    assert.deepEqual(
      densified([4, 2], columns, Float32Array.of(1, 2, 3)),
      Float32Array.of(1, 0, 0, 3, 0, 0, 2, 0),
    );
  });

  for (const [what, sparsity, count] of [
    ['fewer values than indices', ROWS, 2],
    ['more values than indices', ROWS, 4],
    ['a level too few', { ...ROWS, levels: ROWS.levels.slice(1) }, 3],
    ['a dimension twice', { ...ROWS, order: [0, 0] }, 3],
    ['blocks of a dimension that there is not', { ...BLOCKS, blocks: [2] }, 4],
    ['rows of another number', levels({ kind: 'dense', size: 3 }, ROWS.levels[1]!), 3],
    ['columns outside', levels(ROWS.levels[0]!, { kind: 'csr', segments: [0, 2, 3], indices: [0, 4, 1] }), 3],
    [
      'columns that do not rise',
      levels(ROWS.levels[0]!, { kind: 'csr', segments: [0, 2, 3], indices: [3, 3, 1] }),
      3,
    ],
    [
      'segments beyond the indices',
      levels(ROWS.levels[0]!, { kind: 'csr', segments: [0, 2, 9], indices: [0, 3, 1] }),
      3,
    ],
  ] as const) {
    it(`are damaged by ${what}`, () =>
      assert.equal(densified([2, 4], sparsity, new Float32Array(count)), null));
  }
});
