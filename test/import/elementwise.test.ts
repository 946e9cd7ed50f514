import assert from 'node:assert/strict';
import { tensorAt } from '../../src/graph/graph.js';
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

describe('element-wise operators and reductions', () => {
  const unary: readonly (readonly [string, TensorSketch, Record<string, number | boolean>, unknown])[] = [
    ['LOGISTIC', { scale: 1 / 256, zeroPoint: -128 }, {}, {}],
    ['TANH', { scale: 1 / 128 }, {}, {}],
    ['HARD_SWISH', {}, {}, {}],
    ['RELU', {}, {}, {}],
    ['RELU6', {}, {}, {}],
    ['RELU_N1_TO_1', {}, {}, {}],
    ['QUANTIZE', {}, {}, {}],
    ['DEQUANTIZE', { type: 'FLOAT32' }, {}, {}],
    ['GELU', {}, { approximate: true }, { approximate: true }],
    ['LEAKY_RELU', {}, { alpha: 0.1 }, { alpha: Math.fround(0.1) }],
    ['SOFTMAX', { scale: 1 / 256, zeroPoint: -128 }, { beta: 1.5 }, { beta: 1.5 }],
    ['L2_NORMALIZATION', { scale: 1 / 128 }, {}, {}],
  ];
  for (const [operator, y, options, attributes] of unary) {
    it(operator, () => {
      const model = singleOperator(operator, [activation([2, 3])], [activation([2, 3], y)], options);
      assert.deepEqual(describeNodes(model), [[operator, attributes, [[2, 3]], [2, 3]]]);
    });
  }

  it('ADD, SUB, MUL, MAXIMUM, MINIMUM broadcast', () => {
    for (const operator of ['ADD', 'SUB', 'MUL', 'MAXIMUM', 'MINIMUM']) {
      const model = singleOperator(
        operator,
        [activation([2, 1, 3]), activation([4, 1])],
        [activation([2, 4, 3])],
      );
      const attributes = operator.startsWith('M') && operator !== 'MUL' ? {} : { clamp: ALL_CODES };
      assert.deepEqual(describeNodes(model), [
        [
          operator,
          attributes,
          [
            [2, 1, 3],
            [4, 1],
          ],
          [2, 4, 3],
        ],
      ]);
    }
  });

  it('PRELU', () => {
    const model = singleOperator(
      'PRELU',
      [activation([1, 2, 2, 3]), weights([1, 1, 3])],
      [activation([1, 2, 2, 3])],
    );
    assert.deepEqual(describeNodes(model), [
      [
        'PRELU',
        {},
        [
          [1, 2, 2, 3],
          [1, 1, 3],
        ],
        [1, 2, 2, 3],
      ],
    ]);
  });

  it('MEAN and SUM sort their axes and count them from the front', () => {
    for (const operator of ['MEAN', 'SUM']) {
      const reduce = (y: readonly number[]) =>
        singleOperator(operator, [activation([2, 3, 4, 5]), ints([-1, 1, 3])], [activation(y)]);
      const expected = (y: readonly number[]) => [[operator, { axes: [1, 3] }, [[2, 3, 4, 5]], y]];
      assert.deepEqual(describeNodes(reduce([2, 4])), expected([2, 4]));
      assert.deepEqual(describeNodes(reduce([2, 1, 4, 1])), expected([2, 1, 4, 1]));
    }
  });

  it('ARG_MAX', () => {
    const y = { shape: [2], type: 'INT32' } as const;
    const model = singleOperator('ARG_MAX', [activation([2, 5]), ints([-1], [])], [y], {
      output_type: 'INT32',
    });
    assert.deepEqual(describeNodes(model), [['ARG_MAX', { axis: 1 }, [[2, 5]], [2]]]);
  });

  it('SVDF keeps its state', () => {
    const model = singleOperator(
      'SVDF',
      [
        activation([1, 3]),
        weights([4, 3]),
        weights([4, 5], { type: 'INT16', data: new Int16Array(20) }),
        bias(2),
        activation([1, 20], { type: 'INT16', variable: true }),
      ],
      [activation([1, 2])],
      { rank: 2 },
    );
    const graph = imported(model);
    assert.deepEqual(describeNodes(model), [
      ['SVDF', { rank: 2, clamp: ALL_CODES }, [[1, 3], [4, 3], [4, 5], [2], [1, 20]], [1, 2]],
    ]);
    assert.equal(tensorAt(graph, graph.nodes[0]!.inputs[4]).state, true);
  });
});
