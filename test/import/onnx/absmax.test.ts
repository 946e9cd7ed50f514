import assert from 'node:assert/strict';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { readOnnx } from '../../../src/import/onnx/file.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { type BitLayers, bitLayers } from '../../support/bit-layers.js';
import { type NodeSketch, type TensorSketch, writeOnnx } from '../../support/onnx.js';
import { floatModel } from '../../support/onnx-float.js';
import { Random } from '../../support/random/random.js';

/** How far the outputs of the graph are from those in float, in steps of the output's code, over a few inputs. */
function distances(options: BitLayers): { readonly graph: Graph; readonly off: number[] } {
  const file = writeOnnx(bitLayers(options));
  const model = readOnnx(file, 'model');
  const graph = importOnnx(file, 'model');
  const run = floatModel(model);
  const [x] = graph.inputs;
  const { shape } = tensorAt(graph, x);
  const random = new Random(options.seed);
  const off: number[] = [];
  for (let i = 0; i < 10; i++) {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: count }, () => (random.real() * 2 - 1) * 3.9 * 2 ** -i);
    const wanted = run([{ shape, data: Float64Array.from(data) }]);
    const contents = evaluate(graph, [data]);
    graph.outputs.forEach((id, o) => {
      const producer = graph.nodes.find(({ outputs }) => outputs.includes(id))!;
      const step = tensorAt(graph, producer.inputs[0]).format.scales[0]!;
      const exact = wanted.get(model.outputs[o]!.name)!.data;
      off.push(...Array.from(contents[id] as Float32Array, (real, k) => Math.abs(real - exact[k]!) / step));
    });
  }
  return { graph, off };
}

const kindsOf = ({ nodes }: Graph) => nodes.map(({ kind }) => kind);

describe('layers of BitNet b1.58', () => {
  it('are three operators of integers around FULLY_CONNECTED', () => {
    const { graph } = distances({ seed: 1, sizes: [12, 5] });
    assert.deepEqual(kindsOf(graph), [
      'QUANTIZE',
      'ABSMAX',
      'ABSMAX_NORMALIZATION',
      'FULLY_CONNECTED',
      'RESCALE',
      'DEQUANTIZE',
      'DEQUANTIZE',
    ]);
    assert.deepEqual(graph.notes, [
      'Quant #5 divides rows by their absmax in integers: halves go away from zero',
      'Quant #7 rounds as int8 arithmetic does, not as float32: it follows MatMul #6',
    ]);
  });

  // Halves go another way in float, and what differs by a step of one layer goes on in the next.
  for (const options of [
    { sizes: [16, 8], rows: 3, epsilon: 'Max' },
    { sizes: [16, 8], rows: 3, epsilon: 'Clip', bias: true, perChannel: true },
    { sizes: [24, 16, 4], rows: 2, epsilon: 'Max', bias: true },
    { sizes: [16, 8], rows: 3, epsilon: 'Max', steps: 128 },
    { sizes: [24, 16, 4], bits: 16, epsilon: 'Clip', perChannel: true },
  ] as const) {
    it(`compute what float computes: ${JSON.stringify(options)}`, () => {
      const far = Array.from({ length: 5 }, (_, seed) => distances({ seed, ...options }).off).flat();
      const steps = options.sizes.length === 2 ? 1.01 : 3.01;
      const most = 'bits' in options ? 60 * steps : steps;
      assert.ok(Math.max(...far) <= most, `off by ${Math.max(...far)} steps`);
      const alike = far.filter((steps) => steps < 0.01).length / far.length;
      assert.ok('bits' in options || alike > 0.97, `${alike} alike`);
    });
  }
});

describe('scales of rows that are others', () => {
  const sketch = bitLayers({ seed: 1, sizes: [6, 4], epsilon: 'Max' });

  /** The model with some nodes and constants changed. */
  function importing(
    change: (node: NodeSketch, i: number) => NodeSketch,
    constants: Readonly<Record<string, TensorSketch>> = {},
  ): Graph {
    const nodes = sketch.nodes.map(change);
    return importOnnx(
      writeOnnx({ ...sketch, nodes, constants: { ...sketch.constants, ...constants } }),
      'model',
    );
  }

  const number = (value: number): TensorSketch => ({ type: 'float', shape: [], data: [value] });
  const only = (op: string, change: Partial<NodeSketch>) => (node: NodeSketch, i: number) =>
    node.op === op && (op !== 'Quant' || i === ROWS) ? { ...node, ...change } : node;
  const ROWS = sketch.nodes.findIndex(({ op, inputs }) => op === 'Quant' && inputs[1]!.startsWith('div'));
  const [x, scale] = sketch.nodes[ROWS]!.inputs as [string, string];
  const same = (node: NodeSketch) => node;

  it('end in BL107 where codes are no 127ths or 128ths', () => {
    const codes = (bits: string) => only('Quant', { inputs: [x, scale, 'zero', bits] });
    assert.throws(() => importing(codes('two')), {
      code: 'BL107',
      message: /by their absmax to 2 bits with the zero point 0/,
    });
    assert.throws(() => importing(only('Quant', { inputs: [x, scale, 'two', 'eight'] })), {
      code: 'BL107',
      message: /to 8 bits with the zero point 2/,
    });
    assert.throws(() => importing(same, { most: number(126) }), {
      code: 'BL107',
      message: /Quant #6 .*quantizes rows by their absmax \/ 126\. Divide it by 127 or 128/,
    });
  });

  it('end in BL107 where an epsilon is more than the least step', () => {
    assert.throws(() => importing(same, { epsilon: number(0.1) }), {
      code: 'BL107',
      message: /bounds its scale by 0.000787.*, which rows reach that are not zero/,
    });
  });

  it('end in BL107 where they are of another value, and in BL104 where they are no absmax', () => {
    // A second quantizer of the input, by a scale of its own.
    const [first] = sketch.nodes;
    const again = { ...first!, inputs: ['x', 'two', 'zero', 'eight'], outputs: ['again'] };
    const nodes = [again, ...sketch.nodes.map(only('Abs', { inputs: ['again'] }))];
    assert.throws(() => importOnnx(writeOnnx({ ...sketch, nodes }), 'model'), {
      code: 'BL107',
      message: /is scaled by the absmax of another value/,
    });
    assert.throws(() => importing(only('Abs', { op: 'Neg' })), {
      code: 'BL104',
      message: /ReduceMax #3 .*takes the greatest of something else than Abs/,
    });
    assert.throws(() => importing(same, { axes: { type: 'int64', shape: [1], data: [0] } }), {
      code: 'BL104',
      message: /ReduceMax #3 .*has the axes \[0\] of 2 dimensions/,
    });
    assert.throws(() => importing(only('Quant', { attributes: { signed: 1, rounding_mode: 'FLOOR' } })), {
      code: 'BL104',
      message: /rounds rows FLOOR/,
    });
  });

  it('end in BL107 where something else than MatMul or Gemm reads the codes', () => {
    assert.throws(() => importing(only('MatMul', { op: 'Relu', inputs: sketch.nodes[ROWS]!.outputs })), {
      code: 'BL107',
      message: /Relu #7 .*reads 'quant\d', whose scale follows its rows/,
    });
    const gemm = (transA: number) => only('MatMul', { op: 'Gemm', attributes: { transA } });
    assert.throws(() => importing(gemm(1)), {
      code: 'BL104',
      message: /sums over rows that differ in scale/,
    });
    assert.deepEqual(kindsOf(importing(gemm(0))), kindsOf(importing(same)));
  });
});
