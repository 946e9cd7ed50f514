import assert from 'node:assert/strict';
import { activation, describeNodes, ints, singleOperator } from '../support/tflite.js';

describe('STRIDED_SLICE resolves its masks', () => {
  const slice = (
    x: readonly number[],
    [begin, end, stride]: readonly [readonly number[], readonly number[], readonly number[]],
    y: readonly number[],
    options: Record<string, number | boolean> = {},
  ) => {
    const model = singleOperator(
      'STRIDED_SLICE',
      [activation(x), ints(begin), ints(end), ints(stride)],
      [activation(y)],
      options,
    );
    return describeNodes(model);
  };
  const plain = (
    begin: readonly number[],
    stride: readonly number[],
    x: readonly number[],
    y: readonly number[],
  ) => ['STRIDED_SLICE', { begin, stride }, [x], y];

  it('begin and end masks, negative indices', () => {
    assert.deepEqual(
      slice(
        [6, 6],
        [
          [3, -3],
          [4, -1],
          [1, 1],
        ],
        [4, 2],
        { begin_mask: 1 },
      ),
      [plain([0, 3], [1, 1], [6, 6], [4, 2])],
    );
    assert.deepEqual(slice([6], [[1], [2], [2]], [3], { end_mask: 1 }), [plain([1], [2], [6], [3])]);
  });

  it('negative strides', () => {
    assert.deepEqual(slice([6], [[-1], [-7], [-1]], [6]), [plain([5], [-1], [6], [6])]);
    assert.deepEqual(slice([6], [[0], [0], [-2]], [3], { begin_mask: 1, end_mask: 1 }), [
      plain([5], [-2], [6], [3]),
    ]);
  });

  it('an end that counts from the begin', () => {
    assert.deepEqual(slice([9], [[2], [4], [1]], [4], { offset: true }), [plain([2], [1], [9], [4])]);
  });

  it('dimensions without an entry are whole', () => {
    assert.deepEqual(slice([4, 3], [[1], [3], [1]], [2, 3]), [plain([1, 0], [1, 1], [4, 3], [2, 3])]);
  });

  it('shrunk axes disappear', () => {
    assert.deepEqual(
      slice(
        [4, 3],
        [
          [-1, 0],
          [0, 3],
          [1, 1],
        ],
        [3],
        { shrink_axis_mask: 1 },
      ),
      [plain([3, 0], [1, 1], [4, 3], [1, 3]), ['RESHAPE', {}, [[1, 3]], [3]]],
    );
  });

  it('ellipsis and new axes', () => {
    const [begin, end, stride] = [
      [0, 0, 1],
      [0, 0, 3],
      [1, 1, 1],
    ];
    assert.deepEqual(
      slice([2, 3, 4], [begin, end, stride], [2, 3, 1, 2], { ellipsis_mask: 1, new_axis_mask: 2 }),
      [plain([0, 0, 1], [1, 1, 1], [2, 3, 4], [2, 3, 2]), ['RESHAPE', {}, [[2, 3, 2]], [2, 3, 1, 2]]],
    );
  });
});
