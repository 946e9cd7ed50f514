import assert from 'node:assert/strict';
import {
  activation,
  describeNodes,
  ints,
  singleOperator,
  type TensorSketch,
  weights,
} from '../support/tflite.js';

describe('data movement', () => {
  it('PAD fills with the zero point, PADV2 with its value', () => {
    const x = activation([1, 2], { zeroPoint: 7 });
    const y = activation([4, 4], { zeroPoint: 7 });
    const paddings = ints([1, 2, 0, 2], [2, 2]);
    const expected = (value: number) => [['PAD', { before: [1, 0], after: [2, 2], value }, [[1, 2]], [4, 4]]];
    assert.deepEqual(describeNodes(singleOperator('PAD', [x, paddings], [y])), expected(7));
    const value = weights([1], { scale: 0.5, zeroPoint: 7, data: Int8Array.of(-9) });
    assert.deepEqual(describeNodes(singleOperator('PADV2', [x, paddings, value], [y])), expected(-9));
  });

  it('RESHAPE, SQUEEZE and EXPAND_DIMS are all RESHAPE', () => {
    const model = (operator: string, second: readonly TensorSketch[], y: readonly number[]) =>
      describeNodes(singleOperator(operator, [activation([1, 2, 3]), ...second], [activation(y)]));
    assert.deepEqual(model('RESHAPE', [ints([3, -1])], [3, 2]), [['RESHAPE', {}, [[1, 2, 3]], [3, 2]]]);
    assert.deepEqual(model('SQUEEZE', [], [2, 3]), [['RESHAPE', {}, [[1, 2, 3]], [2, 3]]]);
    assert.deepEqual(model('EXPAND_DIMS', [ints([0], [])], [1, 1, 2, 3]), [
      ['RESHAPE', {}, [[1, 2, 3]], [1, 1, 2, 3]],
    ]);
  });

  it('TRANSPOSE, CONCATENATION, GATHER', () => {
    const transposed = singleOperator(
      'TRANSPOSE',
      [activation([2, 3, 4]), ints([2, 0, -2])],
      [activation([4, 2, 3])],
    );
    assert.deepEqual(describeNodes(transposed), [['TRANSPOSE', { perm: [2, 0, 1] }, [[2, 3, 4]], [4, 2, 3]]]);

    const joined = singleOperator(
      'CONCATENATION',
      [activation([2, 1]), weights([2, 2], { scale: 0.5 })],
      [activation([2, 3])],
      { axis: -1 },
    );
    assert.deepEqual(describeNodes(joined), [
      [
        'CONCATENATION',
        { axis: 1 },
        [
          [2, 1],
          [2, 2],
        ],
        [2, 3],
      ],
    ]);

    const gathered = singleOperator(
      'GATHER',
      [activation([2, 5, 3]), ints([4, 0, 1, 2], [2, 2])],
      [activation([2, 2, 3])],
      { axis: -2, batch_dims: -1 },
    );
    assert.deepEqual(describeNodes(gathered), [
      [
        'GATHER',
        { axis: 1, batchDims: 1 },
        [
          [2, 5, 3],
          [2, 2],
        ],
        [2, 2, 3],
      ],
    ]);
  });

  it('PACK joins reshaped inputs; constants are reshaped at once', () => {
    const model = singleOperator(
      'PACK',
      [activation([3]), weights([3], { scale: 0.5 })],
      [activation([3, 2])],
      { values_count: 2, axis: 1 },
    );
    assert.deepEqual(describeNodes(model), [
      ['RESHAPE', {}, [[3]], [3, 1]],
      [
        'CONCATENATION',
        { axis: 1 },
        [
          [3, 1],
          [3, 1],
        ],
        [3, 2],
      ],
    ]);
  });

  it('UNPACK and SPLIT cut slices', () => {
    const unpacked = singleOperator('UNPACK', [activation([2, 3])], [activation([3]), activation([3])], {
      num: 2,
      axis: 0,
    });
    assert.deepEqual(describeNodes(unpacked), [
      ['STRIDED_SLICE', { begin: [0, 0], stride: [1, 1] }, [[2, 3]], [1, 3]],
      ['RESHAPE', {}, [[1, 3]], [3]],
      ['STRIDED_SLICE', { begin: [1, 0], stride: [1, 1] }, [[2, 3]], [1, 3]],
      ['RESHAPE', {}, [[1, 3]], [3]],
    ]);
    const split = singleOperator(
      'SPLIT',
      [ints([1], []), activation([2, 4])],
      [activation([2, 2]), activation([2, 2])],
      { num_splits: 2 },
    );
    assert.deepEqual(describeNodes(split), [
      ['STRIDED_SLICE', { begin: [0, 0], stride: [1, 1] }, [[2, 4]], [2, 2]],
      ['STRIDED_SLICE', { begin: [0, 2], stride: [1, 1] }, [[2, 4]], [2, 2]],
    ]);
  });

  it('SLICE with size -1 goes to the end', () => {
    const model = singleOperator(
      'SLICE',
      [activation([4, 5]), ints([1, 2]), ints([2, -1])],
      [activation([2, 3])],
    );
    assert.deepEqual(describeNodes(model), [
      ['STRIDED_SLICE', { begin: [1, 2], stride: [1, 1] }, [[4, 5]], [2, 3]],
    ]);
  });

  it('RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR', () => {
    for (const kind of ['RESIZE_NEAREST_NEIGHBOR', 'RESIZE_BILINEAR']) {
      const model = singleOperator(
        kind,
        [activation([1, 2, 2, 3]), ints([4, 5])],
        [activation([1, 4, 5, 3])],
        {
          half_pixel_centers: true,
        },
      );
      assert.deepEqual(describeNodes(model), [
        [kind, { alignCorners: false, halfPixelCenters: true }, [[1, 2, 2, 3]], [1, 4, 5, 3]],
      ]);
    }
  });
});
