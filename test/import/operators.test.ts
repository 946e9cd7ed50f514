import assert from 'node:assert/strict';
import type { TfliteModel } from '../../src/export/tflite/model.js';
import { checkGraph } from '../../src/graph/check.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { activation, imported, ints, singleOperator, type TensorSketch, weights } from '../support/tflite.js';

const INT8 = { min: -128, max: 127 };
const NO_PADDING = { top: 0, bottom: 0, left: 0, right: 0 };
const ONE = { height: 1, width: 1 };

/** The nodes of a one-operator model as [kind, attributes, shapes of inputs, shape of output]. */
function nodes(model: TfliteModel): unknown[] {
  const graph = imported(model);
  checkGraph(graph);
  const shape = (id: number | null) => (id === null ? null : tensorAt(graph, id).shape);
  return graph.nodes.map(({ kind, attributes, inputs, outputs }) => [
    kind,
    attributes,
    inputs.map(shape),
    shape(outputs[0]!),
  ]);
}

/** A bias that fits `activation` and `weights`. */
const bias = (count: number, sketch: TensorSketch = {}): TensorSketch => ({
  shape: [count],
  type: 'INT32',
  scale: 0.125,
  data: new Int32Array(count),
  ...sketch,
});

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
    const window = { stride: { height: 2, width: 2 }, dilation: ONE, padding, clamp: INT8 };
    assert.deepEqual(nodes(model), [['CONV_2D', window, [[1, 5, 6, 2], [3, 3, 4, 2], [3]], [1, 3, 3, 3]]]);
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
      clamp: INT8,
    };
    assert.deepEqual(nodes(model), [['CONV_2D', window, [[1, 9, 9, 1], [1, 3, 3, 1], [1]], [1, 5, 3, 1]]]);
  });

  it('a filter shallower than the input means groups', () => {
    const model = conv([1, 1, 1, 6], [4, 1, 1, 3], [1, 1, 1, 4], {});
    assert.deepEqual(nodes(model)[0], [
      'CONV_2D',
      { stride: ONE, dilation: ONE, padding: NO_PADDING, clamp: INT8 },
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
    assert.deepEqual(clampOf('NONE', {}), INT8);
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
    const window = { stride: ONE, dilation: ONE, padding: NO_PADDING, clamp: INT8, depthMultiplier: 3 };
    assert.deepEqual(nodes(model), [
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
    assert.deepEqual(nodes(model), [
      [
        'TRANSPOSE_CONV',
        { stride: { height: 2, width: 2 }, padding, clamp: INT8 },
        [[1, 2, 2, 2], [3, 3, 3, 2], null],
        [1, 4, 4, 3],
      ],
    ]);
  });

  it('FULLY_CONNECTED flattens inputs whose last dimension is not K', () => {
    const model = (x: readonly number[]) =>
      singleOperator('FULLY_CONNECTED', [activation(x), weights([2, 8]), null], [activation([3, 2])]);
    assert.deepEqual(nodes(model([3, 8])), [
      ['FULLY_CONNECTED', { clamp: INT8 }, [[3, 8], [2, 8], null], [3, 2]],
    ]);
    assert.deepEqual(nodes(model([3, 2, 4])), [
      ['RESHAPE', {}, [[3, 2, 4]], [3, 8]],
      ['FULLY_CONNECTED', { clamp: INT8 }, [[3, 8], [2, 8], null], [3, 2]],
    ]);
  });

  it('BATCH_MATMUL', () => {
    const model = singleOperator(
      'BATCH_MATMUL',
      [activation([2, 4, 3]), activation([1, 5, 4])],
      [activation([2, 3, 5])],
      { adj_x: true, adj_y: true },
    );
    assert.deepEqual(nodes(model), [
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
        clamp: INT8,
      };
      assert.deepEqual(nodes(model), [[kind, attributes, [[1, 5, 5, 2]], [1, 3, 3, 2]]]);
    }
  });
});

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
      assert.deepEqual(nodes(model), [[operator, attributes, [[2, 3]], [2, 3]]]);
    });
  }

  it('ADD, SUB, MUL, MAXIMUM, MINIMUM broadcast', () => {
    for (const operator of ['ADD', 'SUB', 'MUL', 'MAXIMUM', 'MINIMUM']) {
      const model = singleOperator(
        operator,
        [activation([2, 1, 3]), activation([4, 1])],
        [activation([2, 4, 3])],
      );
      const attributes = operator.startsWith('M') && operator !== 'MUL' ? {} : { clamp: INT8 };
      assert.deepEqual(nodes(model), [
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
    assert.deepEqual(nodes(model), [
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
      assert.deepEqual(nodes(reduce([2, 4])), expected([2, 4]));
      assert.deepEqual(nodes(reduce([2, 1, 4, 1])), expected([2, 1, 4, 1]));
    }
  });

  it('ARG_MAX', () => {
    const y = { shape: [2], type: 'INT32' } as const;
    const model = singleOperator('ARG_MAX', [activation([2, 5]), ints([-1], [])], [y], {
      output_type: 'INT32',
    });
    assert.deepEqual(nodes(model), [['ARG_MAX', { axis: 1 }, [[2, 5]], [2]]]);
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
    assert.deepEqual(nodes(model), [
      ['SVDF', { rank: 2, clamp: INT8 }, [[1, 3], [4, 3], [4, 5], [2], [1, 20]], [1, 2]],
    ]);
    assert.equal(tensorAt(graph, graph.nodes[0]!.inputs[4]).state, true);
  });
});

describe('data movement', () => {
  it('PAD fills with the zero point, PADV2 with its value', () => {
    const x = activation([1, 2], { zeroPoint: 7 });
    const y = activation([4, 4], { zeroPoint: 7 });
    const paddings = ints([1, 2, 0, 2], [2, 2]);
    const expected = (value: number) => [['PAD', { before: [1, 0], after: [2, 2], value }, [[1, 2]], [4, 4]]];
    assert.deepEqual(nodes(singleOperator('PAD', [x, paddings], [y])), expected(7));
    const value = weights([1], { scale: 0.5, zeroPoint: 7, data: Int8Array.of(-9) });
    assert.deepEqual(nodes(singleOperator('PADV2', [x, paddings, value], [y])), expected(-9));
  });

  it('RESHAPE, SQUEEZE and EXPAND_DIMS are all RESHAPE', () => {
    const model = (operator: string, second: readonly TensorSketch[], y: readonly number[]) =>
      nodes(singleOperator(operator, [activation([1, 2, 3]), ...second], [activation(y)]));
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
    assert.deepEqual(nodes(transposed), [['TRANSPOSE', { perm: [2, 0, 1] }, [[2, 3, 4]], [4, 2, 3]]]);

    const joined = singleOperator(
      'CONCATENATION',
      [activation([2, 1]), weights([2, 2], { scale: 0.5 })],
      [activation([2, 3])],
      { axis: -1 },
    );
    assert.deepEqual(nodes(joined), [
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
    assert.deepEqual(nodes(gathered), [
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
    assert.deepEqual(nodes(model), [
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
    assert.deepEqual(nodes(unpacked), [
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
    assert.deepEqual(nodes(split), [
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
    assert.deepEqual(nodes(model), [['STRIDED_SLICE', { begin: [1, 2], stride: [1, 1] }, [[4, 5]], [2, 3]]]);
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
      assert.deepEqual(nodes(model), [
        [kind, { alignCorners: false, halfPixelCenters: true }, [[1, 2, 2, 3]], [1, 4, 5, 3]],
      ]);
    }
  });
});

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
    return nodes(model);
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

describe('constants and biases', () => {
  const dense = (filter: TensorSketch, x: TensorSketch = {}, b: TensorSketch | null = null): Graph =>
    imported(
      singleOperator(
        'FULLY_CONNECTED',
        [activation([1, 3], x), filter, b],
        [activation([1, 2], { type: x.type ?? 'INT8' })],
      ),
    );

  it('constants that end in attributes do not enter the graph', () => {
    const graph = imported(
      singleOperator('TRANSPOSE', [activation([2, 3]), ints([1, 0])], [activation([3, 2])]),
    );
    assert.deepEqual(
      graph.tensors.map(({ name }) => name),
      ['in0', 'out0'],
    );
  });

  it('INT4 weights are unpacked, an odd number of them too', () => {
    const graph = dense(weights([2, 3], { type: 'INT4', data: Int8Array.of(-8, 7, -1, 0, 1, 5) }));
    assert.deepEqual(tensorAt(graph, graph.nodes[0]!.inputs[1]).data, Int8Array.of(-8, 7, -1, 0, 1, 5));
    const odd = imported(
      singleOperator(
        'FULLY_CONNECTED',
        [activation([1, 3]), weights([1, 3], { type: 'INT4', data: Int8Array.of(-3, 2, -7) })],
        [activation([1, 1])],
      ),
    );
    assert.deepEqual(tensorAt(odd, odd.nodes[0]!.inputs[1]).data, Int8Array.of(-3, 2, -7));
  });

  it('int16 activations take int64 and int32 biases', () => {
    const wide = dense(
      weights([2, 3]),
      { type: 'INT16' },
      bias(2, { type: 'INT64', data: BigInt64Array.of(-1n, 1n << 40n) }),
    );
    assert.deepEqual(tensorAt(wide, wide.nodes[0]!.inputs[2]).data, BigInt64Array.of(-1n, 1n << 40n));
    const narrow = dense(weights([2, 3]), { type: 'INT16' }, bias(2));
    assert.equal(tensorAt(narrow, narrow.nodes[0]!.inputs[2]).format.type, 'int32');
  });

  it('quantized_bias_type INT32 without a bias becomes a bias of zeros, which says how wide to accumulate', () => {
    const model = (type: string) =>
      imported(
        singleOperator(
          'FULLY_CONNECTED',
          [activation([1, 3], { type: 'INT16' }), weights([2, 3])],
          [activation([1, 2], { type: 'INT16' })],
          { quantized_bias_type: type },
        ),
      );
    const narrow = model('INT32');
    assert.deepEqual(tensorAt(narrow, narrow.nodes[0]!.inputs[2]).data, new Int32Array(2));
    assert.equal(model('FLOAT32').nodes[0]!.inputs[2], null);
  });

  it('weights may be quantized per channel', () => {
    const quantization = { scales: [0.25, 0.5], zeroPoints: [0, 0], axis: 0 };
    const { scale: _, zeroPoint: __, ...rest } = weights([2, 3]);
    const graph = dense({ ...rest, quantization });
    assert.deepEqual(tensorAt(graph, graph.nodes[0]!.inputs[1]).format, { type: 'int8', ...quantization });
  });

  it('the quantized dimension of a vector is its only one, whatever the file states', () => {
    const quantization = { scales: [0.125, 0.25], zeroPoints: [0, 0], axis: 3 };
    const { scale: _, ...rest } = bias(2);
    const { scale: __, zeroPoint: ___, ...filter } = weights([2, 3]);
    const graph = dense(
      { ...filter, quantization: { scales: [0.25, 0.5], zeroPoints: [0, 0] } },
      {},
      { ...rest, quantization },
    );
    assert.equal(tensorAt(graph, graph.nodes[0]!.inputs[2]).format.axis, 0);
  });
});
