import assert from 'node:assert/strict';
import { tensorAt } from '../../../src/graph/graph.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import type { NodeSketch } from '../../support/onnx.js';
import {
  agrees,
  fileOf,
  formatOf,
  kindsOf,
  LAYER,
  list,
  node,
  one,
  quant,
  rejects,
} from '../../support/qonnx.js';

describe('quantizers of QONNX', () => {
  it('of a float input are thresholds of real numbers', () => {
    const graph = agrees(fileOf([...LAYER, quant('sum', 'y')]));
    assert.deepEqual(kindsOf(graph), ['QUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE']);
    const thresholds = tensorAt(graph, graph.nodes[0]!.inputs[1]);
    // Half a step is even: 0.25 / 0.5 rounds to 0, the number above it to 1.
    assert.deepEqual([...(thresholds.data as Float32Array)], [-0.25, Math.fround(0.25 + 2 ** -25)]);
  });

  for (const [bits, attributes, type, zeroPoint] of [
    ['one', { signed: 1, narrow: 0 }, 'binary', 0],
    ['one', { signed: 0, narrow: 0 }, 'uint2', 0],
    ['two', { signed: 1, narrow: 1 }, 'uint2', 1],
    ['two', { signed: 1, narrow: 0 }, 'uint2', 2],
    ['four', { signed: 1, narrow: 0 }, 'uint4', 8],
    ['four', { signed: 0, narrow: 1 }, 'uint4', 0],
    ['eight', { signed: 1, narrow: 0 }, 'int8', 0],
    ['eight', { signed: 0, narrow: 0 }, 'int8', -128],
  ] as const) {
    it(`of ${bits} bits, ${JSON.stringify(attributes)}, make ${type} with the zero point ${zeroPoint}`, () => {
      const graph = agrees(fileOf([...LAYER, quant('sum', 'y', { bits, attributes })]));
      const format = formatOf(graph, 'FULLY_CONNECTED');
      assert.deepEqual([format.type, format.zeroPoints], [type, [zeroPoint]]);
    });
  }

  for (const rounding_mode of ['ROUND', 'CEIL', 'FLOOR', 'UP', 'DOWN', 'HALF_UP', 'HALF_DOWN']) {
    it(`round by ${rounding_mode}`, () => {
      const scaled = node('Mul', ['sum', 'half'], 'less');
      agrees(fileOf([...LAYER, scaled, quant('less', 'y', { bits: 'four', attributes: { rounding_mode } })]));
    });
  }

  it('of weights may have a scale a channel', () => {
    const weights = quant('w', 'signs', { scale: 'scales', bits: 'four' });
    agrees(fileOf([LAYER[0]!, weights, ...LAYER.slice(2), quant('sum', 'y', { bits: 'four' })]));
  });

  it('that truncate divide codes by a power of two', () => {
    const trunc: NodeSketch = {
      op: 'Trunc',
      domain: 'onnx.brevitas',
      inputs: ['sum', 'half', 'zero', 'four', 'two'],
      outputs: ['y'],
      attributes: { rounding_mode: 'FLOOR' },
    };
    agrees(fileOf([...LAYER, trunc]));
  });
});

describe('float operators before a quantizer', () => {
  it('that fall in some channels negate the filters of these', () => {
    const graph = agrees(fileOf([...LAYER, node('Mul', ['sum', 'each'], 'scaled'), quant('scaled', 'y')]));
    const { inputs } = graph.nodes.find(({ kind }) => kind === 'FULLY_CONNECTED')!;
    assert.deepEqual([...tensorAt(graph, inputs[1]).data!], [1, -1, -1, -1, 1, 1]);
  });

  it('between two quantizers are a depthwise convolution of one tap, or a table', () => {
    const packed = agrees(
      fileOf([...LAYER, quant('sum', 'p'), node('Mul', ['p', 'each'], 'scaled'), quant('scaled', 'y')]),
    );
    assert.ok(kindsOf(packed).includes('DEPTHWISE_CONV_2D'));
    const wide = agrees(
      fileOf([
        ...LAYER,
        quant('sum', 'p', { bits: 'eight' }),
        node('Abs', ['p'], 'scaled'),
        quant('scaled', 'y'),
      ]),
    );
    assert.ok(kindsOf(wide).includes('TABLE'));
  });

  it('that are a factor go into the weights of the layer behind them', () => {
    const graph = agrees(
      fileOf([
        LAYER[0]!,
        node('Mul', ['q', 'two'], 'twice'),
        ...LAYER.slice(1, 3),
        node('MatMul', ['twice', 'v'], 'sum'),
        quant('sum', 'y', { bits: 'four' }),
      ]),
    );
    assert.deepEqual(kindsOf(graph), ['QUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE']);
  });
});

/** Factors of the last layer. */
const powers = list([1, 3], [0.5, -2, 4]);

describe('an output without a quantizer', () => {
  it('is int32 by one scale; whole offsets go into the bias', () => {
    const graph = agrees(fileOf([...LAYER, node('Add', ['sum', 'two'], 'y')]));
    assert.equal(formatOf(graph, 'FULLY_CONNECTED').type, 'int32');
    const { inputs } = graph.nodes.find(({ kind }) => kind === 'FULLY_CONNECTED')!;
    assert.deepEqual([...tensorAt(graph, inputs[2]).data!], [4, 4, 4]);
  });

  it('is float where channels have scales of their own: accumulators times these', () => {
    const weights = quant('w', 'signs', { scale: 'scales', bits: 'four' });
    const layer = [LAYER[0]!, weights, ...LAYER.slice(2)];
    const graph = agrees(fileOf([...layer, node('Mul', ['sum', 'powers'], 'y')], 'y', { powers }));
    assert.deepEqual(kindsOf(graph), ['QUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE']);
    const { inputs } = graph.nodes.at(-1)!;
    // The scales of input, weights and the last factors; the second channel falls, so that its weights are negated.
    assert.deepEqual([...tensorAt(graph, inputs[1]).data!], [0.125, 0.25, 2]);
    assert.match(graph.notes!.join(), /Mul #4 \('y'\): no Quant follows, so that it is computed in int32/);
  });

  it('leaves an offset out that is no whole number of steps, and says so', () => {
    const offset = one(0.3);
    const graph = agrees(
      fileOf([...LAYER, node('Add', ['sum', 'offset'], 'y')], 'y', { offset }),
      Math.fround(0.3),
    );
    assert.match(graph.notes!.join(), /stands for 0\.5 \* code \+ 0\.3/);
  });

  it('with offsets a channel has finer steps, and says how far they may be off', () => {
    const graph = importOnnx(fileOf([...LAYER, node('Add', ['sum', 'each'], 'y')]), 'model');
    assert.equal(tensorAt(graph, graph.outputs[0]).format.scales[0], 0.5 / 64);
    assert.match(graph.notes!.join(), /its offsets are off by at most 0\.00391/);
  });
});

describe('what stays float', () => {
  it('before the first layer', () => {
    const [, signs, transpose] = LAYER as readonly [NodeSketch, NodeSketch, NodeSketch];
    rejects(
      [signs, transpose, node('MatMul', ['x', 'v'], 'y')],
      'BL107',
      /^.*MatMul #2 .*no Quant stands before its input 'x'/,
    );
  });

  it('between two layers', () => {
    rejects(
      [
        ...LAYER,
        node('Relu', ['sum'], 'r'),
        node('Transpose', ['w'], 'u', { perm: [0, 1] }),
        node('MatMul', ['r', 'u'], 'y'),
      ],
      'BL107',
      /MatMul #6 .*reads what Relu #4 .* computes in float/,
    );
  });

  it('in weights', () => {
    const weights = list([2, 3], [0.31, -0.4, 0.3, 0.11, 1, 0.9]);
    assert.throws(
      () =>
        importOnnx(
          fileOf([LAYER[0]!, node('MatMul', ['q', 'f'], 's'), quant('s', 'y')], 'y', { f: weights }),
          'model',
        ),
      /BL107|has weights in float: no Quant stands before them/,
    );
  });

  it('in functions that rise and fall', () => {
    rejects(
      [...LAYER, node('Abs', ['sum'], 'a'), quant('a', 'y')],
      'BL107',
      /Abs #4 .*neither rises nor falls/,
    );
  });

  it('in factors a channel before the first quantizer', () => {
    const pair = list([1, 2], [0.7, 0.9]);
    assert.throws(
      () => importOnnx(fileOf([node('Mul', ['x', 'pair'], 'm'), quant('m', 'y')], 'y', { pair }), 'model'),
      /Mul #0 .*differs by channel, before the first Quant/,
    );
  });

  it('at the end', () => {
    rejects([...LAYER, node('Sigmoid', ['sum'], 'y')], 'BL107', /Sigmoid #4 .*no Quant follows/);
  });
});

describe('quantizers that Bitloom does not have', () => {
  it('more than 8 bits of an activation', () => {
    rejects([...LAYER, quant('sum', 'y', { bits: 'nine' })], 'BL105', /has 511 levels/);
  });

  it('a scale a channel of an activation', () => {
    rejects([...LAYER, quant('sum', 'y', { scale: 'each' })], 'BL107', /more than one scale/);
  });

  it('a bit width that is computed', () => {
    rejects([...LAYER, quant('sum', 'y', { bits: 'sum' })], 'BL107', /computes its bit width from data/);
  });

  it('an unknown rounding mode', () => {
    rejects(
      [...LAYER, quant('sum', 'y', { attributes: { rounding_mode: 'RANDOM' } })],
      'BL104',
      /rounding mode RANDOM/,
    );
  });
});
