import assert from 'node:assert/strict';
import { Layout, movement } from '../../../src/import/onnx/layout.js';

const NHWC = [0, 2, 3, 1];

describe('the order in which elements lie', () => {
  it('is row-major, or that of permuted dimensions', () => {
    assert.ok(Layout.rowMajor([2, 3, 4]).isRowMajor());
    const image = Layout.permuted([2, 3, 4, 5], NHWC);
    assert.deepEqual(image.shape, [2, 3, 4, 5]);
    assert.deepEqual(image.order, [0, 2, 3, 1]);
    assert.deepEqual(image.dimOrder(), NHWC);
  });

  it('does not see dimensions of 1', () => {
    assert.ok(Layout.permuted([1, 1, 4, 5], NHWC).isRowMajor());
    assert.ok(Layout.permuted([1, 7, 1, 1], NHWC).isRowMajor());
  });

  it('turns by a Transpose without moving an element', () => {
    const turned = Layout.permuted([1, 3, 4, 5], NHWC).transposed(NHWC);
    assert.deepEqual(turned.shape, [1, 4, 5, 3]);
    assert.ok(turned.isRowMajor());
  });

  it('stays through a reshape that joins or cuts dimensions', () => {
    const flat = Layout.permuted([1, 3, 4, 5], NHWC).reshaped([1, 60])!;
    assert.deepEqual(flat.shape, [1, 60]);
    assert.deepEqual(flat.order, [1, 2, 0]);
    assert.equal(flat.dimOrder(), null);
    assert.deepEqual(flat.reshaped([1, 3, 4, 5])!.order, [1, 2, 0]);
    assert.deepEqual(flat.reshaped([1, 3, 2, 2, 5])!.order, [1, 2, 3, 0]);
    assert.equal(flat.reshaped([1, 4, 15]), null);
  });

  it('takes one movement to change, in which neighbours stay together', () => {
    const image = Layout.permuted([2, 3, 4, 5], NHWC);
    assert.equal(movement(image, [0, 2, 3, 1]), null);
    assert.deepEqual(movement(image, [0, 1, 2, 3]), { from: [2, 20, 3], perm: [0, 2, 1], to: [2, 3, 20] });
  });
});
