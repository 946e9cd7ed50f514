import assert from 'node:assert/strict';
import { BitloomError, type DiagnosticCode } from '../../../src/graph/diagnostics.js';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { readOnnx } from '../../../src/import/onnx/file.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { type NodeSketch, type TensorSketch, writeOnnx } from '../../support/onnx.js';
import { floatModel } from '../../support/onnx-float.js';

const BREVITAS = 'onnx.brevitas';
const one = (value: number): TensorSketch => ({ type: 'float', shape: [], data: [value] });
const list = (shape: readonly number[], data: readonly number[]): TensorSketch => ({
  type: 'float',
  shape,
  data,
});

/** Constants that the nodes below name. */
const CONSTANTS = {
  one: one(1),
  half: one(0.5),
  tenth: one(0.1),
  zero: one(0),
  two: one(2),
  four: one(4),
  eight: one(8),
  nine: one(9),
  w: list([3, 2], [1, -0.4, 0.3, 1, 1, 0.9]),
  each: list([1, 3], [0.7, -1.3, 0.2]),
  scales: list([3, 1], [0.5, 0.25, 1]),
} as const;

type Quantizer = {
  readonly bits?: string;
  readonly attributes?: NodeSketch['attributes'];
  readonly scale?: string;
};

const quant = (
  from: string,
  to: string,
  { bits = 'two', attributes = {}, scale = 'half' }: Quantizer = {},
): NodeSketch => ({
  op: 'Quant',
  domain: BREVITAS,
  inputs: [from, scale, 'zero', bits],
  outputs: [to],
  attributes: { signed: 1, narrow: 1, rounding_mode: 'ROUND', ...attributes },
});
const node = (
  op: string,
  inputs: readonly string[],
  to: string,
  attributes: NodeSketch['attributes'] = {},
): NodeSketch => ({
  op,
  inputs,
  outputs: [to],
  attributes,
});

/** x [1, 2], quantized as `q`, times the weights `v` [2, 3] gives `sum`. */
const LAYER: readonly NodeSketch[] = [
  quant('x', 'q'),
  { op: 'BipolarQuant', domain: BREVITAS, inputs: ['w', 'one'], outputs: ['signs'] },
  node('Transpose', ['signs'], 'v', { perm: [1, 0] }),
  node('MatMul', ['q', 'v'], 'sum'),
];

function fileOf(
  nodes: readonly NodeSketch[],
  output = 'y',
  more: Readonly<Record<string, TensorSketch>> = {},
) {
  return writeOnnx({
    nodes,
    constants: { ...CONSTANTS, ...more },
    inputs: { x: { type: 'float', shape: [1, 2] } },
    outputs: { [output]: { type: 'float', shape: [1, 3] } },
  });
}

const kindsOf = ({ nodes }: Graph) => nodes.map(({ kind }) => kind);
const formatOf = (graph: Graph, kind: string) =>
  tensorAt(graph, graph.nodes.find((candidate) => candidate.kind === kind)!.outputs[0]).format;

/** Graph and float evaluation give the same on a grid of inputs. */
function agrees(file: Uint8Array, offset = 0): Graph {
  const graph = importOnnx(file, 'model');
  const model = readOnnx(file, 'model');
  const run = floatModel(model);
  const { scales, type } = tensorAt(graph, graph.outputs[0]).format;
  for (const a of [-3, -1, -0.26, -0.25, 0, 0.1, 0.25, 0.75, 2]) {
    for (const b of [-2, -0.3, 0, 0.2, 1]) {
      const data = Float32Array.of(a, b);
      const wanted = run([{ shape: [1, 2], data: Float64Array.from(data) }]).get(
        model.outputs[0]!.name,
      )!.data;
      const codes = Array.from(evaluate(graph, [data])[graph.outputs[0]!]!, Number);
      const reals = type === 'float32' ? codes : codes.map((code) => Math.fround(scales[0]! * code + offset));
      // Signs of zeros aside.
      assert.deepEqual(
        reals,
        [...wanted].map((real) => real + 0),
        `${a}, ${b}`,
      );
    }
  }
  return graph;
}

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
      domain: BREVITAS,
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

/** `sum` in two branches, of which the second has a scale of its own; `s` is their sum. */
const branches = (first: Quantizer, second: Quantizer, op: 'Add' | 'Sub' = 'Add'): readonly NodeSketch[] => [
  ...LAYER,
  quant('sum', 'a', first),
  node('Neg', ['sum'], 'negative'),
  quant('negative', 'b', second),
  node(op, ['a', 'b'], 's'),
];
const addOf = (graph: Graph) => {
  const { inputs } = graph.nodes.find(({ kind }) => kind === 'ADD')!;
  return inputs.slice(2).map((id) => [...tensorAt(graph, id).data!].map(Number));
};

describe('the sum of two activations', () => {
  const four: Quantizer = { bits: 'four' };

  it('of one scale is the sum of their codes, compared with thresholds', () => {
    const graph = agrees(
      fileOf([...branches(four, { bits: 'four', attributes: { narrow: 0 } }), quant('s', 'y', four)]),
    );
    const [weights, thresholds] = addOf(graph);
    assert.deepEqual(weights, [1, 1]);
    // Codes from -7 to 7: sums of halves in halves.
    assert.deepEqual(thresholds, [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('of scales in proportion weighs their codes by small integers', () => {
    const scaled = { ...four, scale: 'third' };
    const nodes = [...branches({ ...four, scale: 'one' }, scaled), quant('s', 'y', { bits: 'two' })];
    const graph = agrees(fileOf(nodes, 'y', { third: one(0.75) }));
    assert.deepEqual(addOf(graph)[0], [4, 3]);
  });

  it('of scales without a common step weighs them by larger ones, for the same codes', () => {
    const odd = { bits: 'four', scale: 'odd' };
    const nodes = [
      ...branches(four, odd),
      node('Relu', ['s'], 'r'),
      quant('r', 'y', { ...odd, bits: 'two' }),
    ];
    const graph = agrees(fileOf(nodes, 'y', { odd: one(0.37281) }));
    assert.equal(graph.notes, undefined);
  });

  it('falls in some channels by weights of these channels', () => {
    const graph = agrees(
      fileOf([...branches(four, four, 'Sub'), node('Mul', ['s', 'each'], 'm'), quant('m', 'y')]),
    );
    assert.deepEqual(addOf(graph)[0], [1, -1, -1, 1, 1, -1]);
  });

  it('of 8 bits is the ADD of TensorFlow Lite, where that rounds as float32 does', () => {
    const eight: Quantizer = { bits: 'eight' };
    const nodes = [...branches(eight, eight), quant('s', 'y', { ...eight, scale: 'odd' })];
    const graph = agrees(fileOf(nodes, 'y', { odd: one(0.37281) }));
    assert.equal(graph.nodes.find(({ kind }) => kind === 'ADD')!.inputs.length, 2);
  });

  it('has codes of its own where a layer or nothing follows', () => {
    const graph = agrees(fileOf(branches(four, { ...four, scale: 'one' }), 's'));
    assert.deepEqual(formatOf(graph, 'ADD').scales, [0.5]);
    const layer = [node('Relu', ['s'], 'r'), node('Transpose', ['signs'], 'u', { perm: [0, 1] })];
    const weights = node('MatMul', ['r', 'u'], 'y');
    const model = fileOf([...branches(four, four), ...layer, weights], 'y');
    assert.ok(kindsOf(importOnnx(model, 'model')).includes('ADD'));
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

/** Asserts that the import ends in a message of this code that says these words and names a way out. */
function rejects(nodes: readonly NodeSketch[], code: DiagnosticCode, words: RegExp): void {
  assert.throws(
    () => importOnnx(fileOf(nodes), 'model'),
    (error) => {
      assert.ok(error instanceof BitloomError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.match(error.message, /\. [A-Z].{10,}$/, 'names no way out');
      return true;
    },
  );
}

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

  it('in an operand of a sum', () => {
    rejects(
      [...LAYER, quant('sum', 'a'), node('Add', ['a', 'sum'], 's'), quant('s', 'y')],
      'BL107',
      /Add #5 .*adds what MatMul #3 .* computes in float\. Put a Quant behind each/,
    );
  });

  it('in a sum that 8 bits do not hold', () => {
    rejects(
      [...branches({ bits: 'eight' }, { bits: 'eight', scale: 'tenth' }), node('Relu', ['s'], 'y')],
      'BL107',
      /Relu #8 .*8 bits do not hold the sums/,
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
