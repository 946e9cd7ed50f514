import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bothOutputs,
  difference,
  integers,
  modelOf,
  numbers,
  type Row,
  weights,
} from '../support/float-models.js';

/** Float sums in another order: what they may differ by, of the range of the output. */
const TOLERANCE = 1e-5;
const RUNS = 5;

const size = fc.integer({ min: 1, max: 6 });
const image = fc.record({
  c: fc.integer({ min: 1, max: 5 }),
  h: fc.integer({ min: 3, max: 7 }),
  w: fc.integer({ min: 3, max: 7 }),
});
const window = fc.record({
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 2 }),
  pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 1 }))),
});
const anyShape = fc.array(size, { minLength: 2, maxLength: 4 });

const pools = (op: string, attributes: object = {}) =>
  fc.tuple(image, window).map(
    ([{ c, h, w }, { kernel, stride, pads }]): Row => ({
      shape: [1, c, h, w],
      nodes: [{ op, attributes: { kernel_shape: [3, 3], strides: [stride, kernel], pads, ...attributes } }],
    }),
  );

/** An operator of each element, on images as on rows. */
const unary = (op: string, attributes: Row['nodes'][number]['attributes'] = {}, domain = '') =>
  anyShape.map((shape): Row => ({ shape, nodes: [{ op, attributes, domain }] }));

/** An operator with a constant of one number a channel, of one for all, or of the whole shape. */
const withConstant = (op: string, constantFirst = false) =>
  fc.tuple(image, fc.constantFrom('channel', 'all', 'whole')).map(([{ c, h, w }, along]): Row => {
    const shape = { channel: [c, 1, 1], all: [], whole: [1, c, h, w] }[along];
    const constant = {
      ...weights(shape, 3),
      data: [...numbers(shape, 3)].map((value) => value + Math.sign(value)),
    };
    return {
      shape: [1, c, h, w],
      nodes: [{ op: 'Relu' }, { op, inputs: constantFirst ? [constant, 'x'] : ['x', constant] }],
    };
  });

/** What each operator is tried on. */
const ROWS: Readonly<Record<string, fc.Arbitrary<Row>>> = {
  Conv: fc.tuple(image, window, size, fc.constantFrom(1, 2), fc.boolean()).map(
    ([{ c, h, w }, { kernel, stride, pads }, o, dilation, biased]): Row => ({
      shape: [1, c, h + 2, w + 2],
      nodes: [
        {
          op: 'Conv',
          attributes: { strides: [stride, 1], pads, dilations: [1, dilation] },
          inputs: ['x', weights([o, c, kernel, 2], 1), biased ? weights([o], 2) : null],
        },
      ],
    }),
  ),
  'Conv by groups': fc.tuple(image, size, fc.integer({ min: 1, max: 2 })).map(
    ([{ c, h, w }, m, depth]): Row => ({
      shape: [2, c * depth, h, w],
      nodes: [
        {
          op: 'Conv',
          attributes: { group: c, auto_pad: 'SAME_UPPER' },
          inputs: ['x', weights([c * m, depth, 3, 3], 1)],
        },
      ],
    }),
  ),
  'Conv of one dimension': fc.tuple(size, size).map(
    ([c, o]): Row => ({
      shape: [1, c, 9],
      nodes: [{ op: 'Conv', attributes: { pads: [1, 0] }, inputs: ['x', weights([o, c, 4], 1)] }],
    }),
  ),
  ConvTranspose: fc.tuple(image, size, fc.integer({ min: 1, max: 2 })).map(
    ([{ c, h, w }, o, stride]): Row => ({
      shape: [1, c, h, w],
      nodes: [
        {
          op: 'ConvTranspose',
          attributes: { strides: [stride, 1], pads: [1, 0, 0, 1] },
          inputs: ['x', weights([c, o, 3, 2], 1), weights([o], 2)],
        },
      ],
    }),
  ),
  Gemm: fc.tuple(size, size, size).map(
    ([m, k, n]): Row => ({
      shape: [m, k],
      nodes: [
        {
          op: 'Gemm',
          attributes: { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
          inputs: ['x', weights([n, k], 1), weights([n], 2)],
        },
      ],
    }),
  ),
  'Gemm behind an image': image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        { op: 'MaxPool', attributes: { kernel_shape: [2, 2] } },
        { op: 'Flatten' },
        { op: 'Gemm', inputs: ['x', weights([c * (h - 1) * (w - 1), 3], 1)] },
      ],
    }),
  ),
  MatMul: fc.tuple(size, size, size).map(
    ([m, k, n]): Row => ({
      shape: [2, m, k],
      nodes: [{ op: 'MatMul', inputs: ['x', weights([k, n], 1)] }],
    }),
  ),
  'MatMul of what is computed': fc.tuple(size, size).map(
    ([m, k]): Row => ({
      shape: [2, m, k],
      nodes: [
        { op: 'Transpose', attributes: { perm: [0, 2, 1] } },
        { op: 'MatMul', inputs: ['input', 'x'] },
      ],
    }),
  ),
  BatchNormalization: image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        {
          op: 'BatchNormalization',
          attributes: { epsilon: { float: 1e-3 } },
          inputs: [
            'x',
            weights([c], 1),
            weights([c], 2),
            weights([c], 3),
            { ...weights([c], 4), data: [...numbers([c], 4)].map((value) => value ** 2 + 0.1) },
          ],
        },
      ],
    }),
  ),
  Add: withConstant('Add'),
  Sub: withConstant('Sub'),
  'Sub from a constant': withConstant('Sub', true),
  Mul: withConstant('Mul'),
  Div: withConstant('Div'),
  Max: withConstant('Max'),
  Min: withConstant('Min'),
  PRelu: withConstant('PRelu'),
  'Add of what is computed': anyShape.map(
    (shape): Row => ({ shape, nodes: [{ op: 'Sigmoid' }, { op: 'Add', inputs: ['input', 'x'] }] }),
  ),
  'Mul of what is computed': image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [{ op: 'GlobalAveragePool' }, { op: 'Sigmoid' }, { op: 'Mul', inputs: ['input', 'x'] }],
    }),
  ),
  'Pow by 2': anyShape.map(
    (shape): Row => ({
      shape,
      nodes: [{ op: 'Pow', inputs: ['x', { type: 'float', shape: [], data: [2] }] }],
    }),
  ),
  Relu: unary('Relu'),
  'Clip to 6': anyShape.map(
    (shape): Row => ({
      shape,
      nodes: [{ op: 'Clip', inputs: ['x', weights([], 1, 0), { type: 'float', shape: [], data: [6] }] }],
    }),
  ),
  'Clip to any': anyShape.map(
    (shape): Row => ({
      shape,
      nodes: [
        {
          op: 'Clip',
          inputs: [
            'x',
            { type: 'float', shape: [], data: [-0.7] },
            { type: 'float', shape: [], data: [0.9] },
          ],
        },
      ],
    }),
  ),
  'Clip from below': anyShape.map(
    (shape): Row => ({
      shape,
      nodes: [{ op: 'Clip', inputs: ['x', { type: 'float', shape: [], data: [-0.7] }] }],
    }),
  ),
  LeakyRelu: unary('LeakyRelu', { alpha: { float: 0.3 } }),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  HardSwish: unary('HardSwish'),
  HardSigmoid: unary('HardSigmoid', { alpha: { float: 0.25 } }),
  Neg: unary('Neg'),
  Gelu: unary('Gelu'),
  'Gelu by tanh': unary('Gelu', { approximate: 'tanh' }),
  'Gelu of ONNX Runtime': unary('Gelu', {}, 'com.microsoft'),
  Softmax: fc
    .tuple(anyShape, fc.integer({ min: 0, max: 1 }))
    .map(([shape, axis]): Row => ({ shape, nodes: [{ op: 'Softmax', attributes: { axis } }] })),
  'Softmax of old': anyShape.map((shape): Row => ({ shape, nodes: [{ op: 'Softmax' }], opset: 11 })),
  MaxPool: pools('MaxPool'),
  'MaxPool up': pools('MaxPool', { ceil_mode: 1 }),
  AveragePool: pools('AveragePool'),
  'AveragePool of zeros around': pools('AveragePool', { count_include_pad: 1 }),
  GlobalAveragePool: image.map(
    ({ c, h, w }): Row => ({ shape: [1, c, h, w], nodes: [{ op: 'GlobalAveragePool' }] }),
  ),
  GlobalMaxPool: image.map(({ c, h, w }): Row => ({ shape: [1, c, h, w], nodes: [{ op: 'GlobalMaxPool' }] })),
  ReduceMean: fc.tuple(image, fc.constantFrom([2, 3], [1], [-1]), fc.boolean()).map(
    ([{ c, h, w }, axes, keep]): Row => ({
      shape: [1, c, h, w],
      nodes: [{ op: 'ReduceMean', attributes: { keepdims: Number(keep) }, inputs: ['x', integers(...axes)] }],
    }),
  ),
  ReduceSum: anyShape.map(
    (shape): Row => ({ shape, nodes: [{ op: 'ReduceSum', inputs: ['x', integers(1)] }] }),
  ),
  ArgMax: fc.tuple(anyShape, fc.boolean()).map(
    ([shape, keep]): Row => ({
      shape,
      nodes: [{ op: 'ArgMax', attributes: { axis: 1, keepdims: Number(keep) } }],
    }),
  ),
  Concat: image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        { op: 'Relu' },
        { op: 'Concat', attributes: { axis: 1 }, inputs: ['x', 'input', weights([1, 2, h, w], 1)] },
      ],
    }),
  ),
  Split: image.map(
    ({ c, h, w }): Row => ({
      shape: [1, 2 * c, h, w],
      nodes: [{ op: 'Split', attributes: { axis: 1, num_outputs: 2 }, outputs: 2 }],
    }),
  ),
  Slice: image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        { op: 'Slice', inputs: ['x', integers(0, h), integers(c, 0), integers(1, 2), integers(1, -1)] },
      ],
    }),
  ),
  Gather: image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [{ op: 'Gather', attributes: { axis: 2 }, inputs: ['x', integers(2, 0, 1)] }],
    }),
  ),
  Pad: image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        {
          op: 'Pad',
          inputs: ['x', integers(0, 1, 0, 2, 0, 0, 1, 0), { type: 'float', shape: [], data: [-1.5] }],
        },
      ],
    }),
  ),
  'Resize, linear': fc.tuple(image, fc.constantFrom('half_pixel', 'asymmetric', 'align_corners')).map(
    ([{ c, h, w }, coordinate_transformation_mode]): Row => ({
      shape: [1, c, h, w],
      nodes: [
        {
          op: 'Resize',
          attributes: { mode: 'linear', coordinate_transformation_mode },
          inputs: ['x', null, { type: 'float', shape: [4], data: [1, 1, 2, 3] }],
        },
      ],
    }),
  ),
  'Resize, nearest': image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        {
          op: 'Resize',
          attributes: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
          inputs: ['x', null, { type: 'float', shape: [4], data: [1, 1, 2, 3] }],
        },
      ],
    }),
  ),
  'Reshape and Transpose': image.map(
    ({ c, h, w }): Row => ({
      shape: [1, c, h, w],
      nodes: [
        { op: 'Transpose', attributes: { perm: [0, 2, 3, 1] } },
        { op: 'Reshape', inputs: ['x', integers(1, -1, c)] },
        { op: 'Squeeze', inputs: ['x', integers(0)] },
        { op: 'Unsqueeze', inputs: ['x', integers(1)] },
      ],
    }),
  ),
};

describe('float operators agree with onnxruntime-web', () => {
  for (const [name, rows] of Object.entries(ROWS)) {
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(rows, fc.nat(1000), async (row, seed) => {
          for (const output of await bothOutputs(modelOf(row), seed))
            assert.ok(difference(output) <= TOLERANCE, `off by ${difference(output)}`);
        }),
        { numRuns: RUNS },
      );
    });
  }
});
