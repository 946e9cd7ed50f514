import assert from 'node:assert/strict';
import {
  ALL_CODES,
  activation,
  bias,
  describeNodes,
  imported,
  ints,
  singleOperator,
  type TensorSketch,
  weights,
} from '../support/tflite.js';

const NO_PADDING = { top: 0, bottom: 0, left: 0, right: 0 };
const ONE = { height: 1, width: 1 };

const conv = (
  x: readonly number[],
  filter: readonly number[],
  y: readonly number[],
  options: Record<string, string | number>,
) =>
  singleOperator('CONV_2D', [activation(x), weights(filter), bias(filter[0]!)], [activation(y)], {
    padding: 'SAME',
    stride_w: 1,
    stride_h: 1,
    ...options,
  });

describe('convolutions', () => {
  it('SAME padding becomes explicit, the odd element at the end', () => {
    const model = conv([1, 5, 6, 2], [3, 3, 4, 2], [1, 3, 3, 3], { stride_h: 2, stride_w: 2 });
    const padding = { top: 1, bottom: 1, left: 1, right: 1 };
    const window = { stride: { height: 2, width: 2 }, dilation: ONE, padding, clamp: ALL_CODES };
    assert.deepEqual(describeNodes(model), [
      ['CONV_2D', window, [[1, 5, 6, 2], [3, 3, 4, 2], [3]], [1, 3, 3, 3]],
    ]);
    const odd = imported(conv([1, 4, 6, 2], [3, 3, 4, 2], [1, 2, 3, 3], { stride_h: 2, stride_w: 2 }));
    assert.deepEqual((odd.nodes[0]!.attributes as { padding: unknown }).padding, {
      top: 0,
      bottom: 1,
      left: 1,
      right: 1,
    });
  });

  it('dilation widens the window', () => {
    const model = conv([1, 9, 9, 1], [1, 3, 3, 1], [1, 5, 3, 1], {
      padding: 'VALID',
      dilation_h_factor: 2,
      dilation_w_factor: 3,
    });
    const window = {
      stride: ONE,
      dilation: { height: 2, width: 3 },
      padding: NO_PADDING,
      clamp: ALL_CODES,
    };
    assert.deepEqual(describeNodes(model), [
      ['CONV_2D', window, [[1, 9, 9, 1], [1, 3, 3, 1], [1]], [1, 5, 3, 1]],
    ]);
  });

  it('a filter shallower than the input means groups', () => {
    const model = conv([1, 1, 1, 6], [4, 1, 1, 3], [1, 1, 1, 4], {});
    assert.deepEqual(describeNodes(model)[0], [
      'CONV_2D',
      { stride: ONE, dilation: ONE, padding: NO_PADDING, clamp: ALL_CODES },
      [[1, 1, 1, 6], [4, 1, 1, 3], [4]],
      [1, 1, 1, 4],
    ]);
  });

  it('fused activations become clamps on codes', () => {
    const clampOf = (fused_activation_function: string, y: TensorSketch) => {
      const model = singleOperator('ADD', [activation([4]), activation([4])], [activation([4], y)], {
        fused_activation_function,
      });
      return (imported(model).nodes[0]!.attributes as { clamp: unknown }).clamp;
    };
    assert.deepEqual(clampOf('NONE', {}), ALL_CODES);
    assert.deepEqual(clampOf('RELU', { zeroPoint: -3 }), { min: -3, max: 127 });
    assert.deepEqual(clampOf('RELU6', { zeroPoint: -3 }), { min: -3, max: 9 });
    assert.deepEqual(clampOf('RELU6', { zeroPoint: 120 }), { min: 120, max: 127 });
    // 1 / fl(0.4) is below 2.5, but as a float32 it is the tie 2.5, which rounds away from zero.
    assert.deepEqual(clampOf('RELU_N1_TO_1', { scale: 0.4 }), { min: -3, max: 3 });
    assert.deepEqual(clampOf('RELU_N1_TO_1', { zeroPoint: -127 }), { min: -128, max: -125 });
  });

  it('DEPTHWISE_CONV_2D takes its multiplier from the shapes, whatever the file states', () => {
    const model = singleOperator(
      'DEPTHWISE_CONV_2D',
      [activation([1, 3, 3, 2]), weights([1, 3, 3, 6])],
      [activation([1, 1, 1, 6])],
      { padding: 'VALID', stride_w: 1, stride_h: 1, depth_multiplier: 77 },
    );
    const window = { stride: ONE, dilation: ONE, padding: NO_PADDING, clamp: ALL_CODES, depthMultiplier: 3 };
    assert.deepEqual(describeNodes(model), [
      ['DEPTHWISE_CONV_2D', window, [[1, 3, 3, 2], [1, 3, 3, 6], null], [1, 1, 1, 6]],
    ]);
  });

  it('TRANSPOSE_CONV reorders its inputs; padding is that of the forward convolution', () => {
    const model = singleOperator(
      'TRANSPOSE_CONV',
      [ints([1, 4, 4, 3]), weights([3, 3, 3, 2]), activation([1, 2, 2, 2])],
      [activation([1, 4, 4, 3])],
      { padding: 'SAME', stride_w: 2, stride_h: 2 },
    );
    const padding = { top: 0, bottom: 1, left: 0, right: 1 };
    assert.deepEqual(describeNodes(model), [
      [
        'TRANSPOSE_CONV',
        { stride: { height: 2, width: 2 }, padding, clamp: ALL_CODES },
        [[1, 2, 2, 2], [3, 3, 3, 2], null],
        [1, 4, 4, 3],
      ],
    ]);
  });

  it('FULLY_CONNECTED flattens inputs whose last dimension is not K', () => {
    const model = (x: readonly number[]) =>
      singleOperator('FULLY_CONNECTED', [activation(x), weights([2, 8]), null], [activation([3, 2])]);
    assert.deepEqual(describeNodes(model([3, 8])), [
      ['FULLY_CONNECTED', { clamp: ALL_CODES }, [[3, 8], [2, 8], null], [3, 2]],
    ]);
    assert.deepEqual(describeNodes(model([3, 2, 4])), [
      ['RESHAPE', {}, [[3, 2, 4]], [3, 8]],
      ['FULLY_CONNECTED', { clamp: ALL_CODES }, [[3, 8], [2, 8], null], [3, 2]],
    ]);
  });

  it('BATCH_MATMUL', () => {
    const model = singleOperator(
      'BATCH_MATMUL',
      [activation([2, 4, 3]), activation([1, 5, 4])],
      [activation([2, 3, 5])],
      { adj_x: true, adj_y: true },
    );
    assert.deepEqual(describeNodes(model), [
      [
        'BATCH_MATMUL',
        { adjX: true, adjY: true },
        [
          [2, 4, 3],
          [1, 5, 4],
        ],
        [2, 3, 5],
      ],
    ]);
  });

  it('pools', () => {
    for (const kind of ['AVERAGE_POOL_2D', 'MAX_POOL_2D']) {
      const model = singleOperator(kind, [activation([1, 5, 5, 2])], [activation([1, 3, 3, 2])], {
        padding: 'SAME',
        stride_w: 2,
        stride_h: 2,
        filter_width: 3,
        filter_height: 2,
      });
      const attributes = {
        filter: { height: 2, width: 3 },
        stride: { height: 2, width: 2 },
        padding: { top: 0, bottom: 1, left: 1, right: 1 },
        clamp: ALL_CODES,
      };
      assert.deepEqual(describeNodes(model), [[kind, attributes, [[1, 5, 5, 2]], [1, 3, 3, 2]]]);
    }
  });
});
