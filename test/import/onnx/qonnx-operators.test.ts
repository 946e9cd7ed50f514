import assert from 'node:assert/strict';
import { tensorAt } from '../../../src/graph/graph.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { agrees, fileOf, formatOf, kindsOf, LAYER, list, node, quant, rejects } from '../../support/qonnx.js';

/** FINN's quantizer, with a row of thresholds a channel. */
const counts = (from: string, to: string, scale: number, bias: number) => ({
  op: 'MultiThreshold',
  domain: 'finn.custom_op.general',
  inputs: [from, 'thresholds'],
  outputs: [to],
  attributes: { out_dtype: 'UINT2', out_scale: { float: scale }, out_bias: { float: bias } },
});
const thresholds = list([3, 3], [-1, 0, 0.5, -0.5, -0.5, 2, 0, 1, 1.5]);

describe('MultiThreshold of FINN', () => {
  it('counts the thresholds of its channel', () => {
    const graph = agrees(fileOf([...LAYER, counts('sum', 'y', 0.5, -1)], 'y', { thresholds }));
    const format = formatOf(graph, 'FULLY_CONNECTED');
    assert.deepEqual([format.type, format.scales, format.zeroPoints], ['uint2', [0.5], [2]]);
  });

  it('with one threshold and codes around zero makes signs', () => {
    const graph = agrees(
      fileOf([...LAYER, counts('sum', 'y', 2, -1)], 'y', { thresholds: list([1, 1], [0.3]) }),
    );
    assert.equal(formatOf(graph, 'FULLY_CONNECTED').type, 'binary');
  });

  it('takes weights of whole numbers without a quantizer', () => {
    const whole = list([2, 3], [3, -5, 7, 2, 0, -3]);
    const graph = agrees(
      fileOf([LAYER[0]!, node('MatMul', ['q', 'whole'], 'sum'), counts('sum', 'y', 1, 0)], 'y', {
        whole,
        thresholds,
      }),
    );
    const { inputs } = graph.nodes.find(({ kind }) => kind === 'FULLY_CONNECTED')!;
    assert.deepEqual([...tensorAt(graph, inputs[1]).data!], [3, 2, -5, 0, 7, -3]);
  });

  it('ends in a message where its codes are no multiples of their step', () => {
    rejects([...LAYER, counts('sum', 'y', 1, 0.3)], 'BL107', /MultiThreshold #4 .*bias/, { thresholds });
  });

  it('ends in a message where its rows are not those of the channels', () => {
    rejects([...LAYER, counts('sum', 'y', 1, 0)], 'BL102', /has thresholds of \[2,1\] for \[1,3\]/, {
      thresholds: list([2, 1], [0, 1]),
    });
  });
});

describe('PRelu', () => {
  const slopes = (...data: readonly number[]) => ({ slopes: list([1, 3], data) });
  const nodes = [...LAYER, node('PRelu', ['sum', 'slopes'], 'p'), quant('p', 'y', { bits: 'four' })];

  it('has thresholds a channel', () => {
    assert.deepEqual(kindsOf(agrees(fileOf(nodes, 'y', slopes(0.25, 0, 2)))), [
      'QUANTIZE',
      'FULLY_CONNECTED',
      'DEQUANTIZE',
    ]);
  });

  it('with a slope below 0 neither rises nor falls', () => {
    rejects(nodes, 'BL107', /PRelu #4 .*neither rises nor falls/, slopes(0.25, -1, 2));
  });
});

describe('Concat', () => {
  it('of codes of one scale joins them', () => {
    const nodes = [
      ...LAYER,
      quant('sum', 'a'),
      quant('sum', 'b'),
      node('Concat', ['a', 'b'], 'y', { axis: 1 }),
    ];
    assert.ok(kindsOf(agrees(fileOf(nodes))).includes('CONCATENATION'));
  });

  it('of sums, or of codes of other scales, is quantized by each part', () => {
    const parts = [quant('sum', 'a', { bits: 'four', scale: 'one' }), node('Neg', ['sum'], 'n')];
    const joined = [node('Concat', ['a', 'n'], 'c', { axis: 1 }), node('Relu', ['c'], 'r')];
    const graph = agrees(fileOf([...LAYER, ...parts, ...joined, quant('r', 'y')]));
    assert.equal(formatOf(graph, 'CONCATENATION').type, 'uint2');
  });

  it('of codes of several scales without a quantizer ends in a message', () => {
    const nodes = [...LAYER, quant('sum', 'a'), quant('sum', 'b', { scale: 'one' })];
    rejects(
      [...nodes, node('Concat', ['a', 'b'], 'y', { axis: 1 })],
      'BL107',
      /Concat #6 .* no Quant follows\. Put a Quant/,
    );
  });
});

describe('operators that work on 8 bits alone', () => {
  it('name what has fewer', () => {
    const nodes = [...LAYER, quant('sum', 'a'), quant('sum', 'b'), node('Mul', ['a', 'b'], 'm')];
    rejects([...nodes, quant('m', 'y')], 'BL105', /Mul #6 .*reads 'a', whose codes have fewer than 8 bits/);
  });
});

describe('an image', () => {
  const kernel = list([2, 3, 1, 1], [1, -1, 1, 0, 1, 1]);
  const nodes = [quant('image', 'q'), node('Conv', ['q', 'kernel'], 's'), quant('s', 'a')];

  it('has channels last as input of a quantizer before a convolution', () => {
    const graph = importOnnx(
      fileOf(
        [...nodes, node('Relu', ['a'], 'y')],
        'y',
        { kernel },
        { image: { type: 'float', shape: [1, 3, 4, 5] } },
      ),
      'm',
    );
    assert.deepEqual(tensorAt(graph, graph.inputs[0]).shape, [1, 4, 5, 3]);
    assert.ok(!kindsOf(graph).includes('TRANSPOSE'));
  });

  it('is averaged by ReduceMean over rows and columns as by GlobalAveragePool', () => {
    const image = { image: { type: 'float' as const, shape: [1, 3, 4, 5] } };
    const mean = (op: string, attributes = {}) =>
      importOnnx(
        fileOf([...nodes, node(op, ['a'], 'm', attributes), quant('m', 'y')], 'y', { kernel }, image),
        'm',
      );
    assert.deepEqual(
      kindsOf(mean('ReduceMean', { axes: [-1, 2], keepdims: 1 })),
      kindsOf(mean('GlobalAveragePool')),
    );
  });
});
