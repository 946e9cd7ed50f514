import assert from 'node:assert/strict';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { readOnnx } from '../../../src/import/onnx/file.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { dynamicNetwork } from '../../support/dynamic-networks.js';
import { floatModel } from '../../support/onnx-float.js';
import { QdqSketch } from '../../support/onnx-networks.js';
import { placesOf } from '../../support/onnx-testdata.js';
import { Random } from '../../support/random/random.js';

/** Inputs of several magnitudes. */
function inputOf(graph: Graph, random: Random): Float32Array {
  const count = tensorAt(graph, graph.inputs[0]).shape.reduce((product, size) => product * size, 1);
  const reach = random.pick([0, 0.01, 1, 300]);
  return Float32Array.from({ length: count }, () => (random.real() * 2 - random.real()) * reach);
}

/** The codes, scale and zero point of x. */
function quantized(net: QdqSketch, x: string): readonly [string, string, string] {
  const outputs = [net.name(), net.name(), net.name()] as const;
  net.nodes.push({ op: 'DynamicQuantizeLinear', inputs: [x], outputs });
  return [...outputs];
}

/** The sums of x [2, 4] times weights [4, 3]. */
function sums(net: QdqSketch, [codes, , zero]: readonly [string, string, string]): string {
  return net.node('MatMulInteger', [codes, net.constant('int8', [4, 3]), zero]);
}

const number = (net: QdqSketch, value = 0.5) => net.constant('float', [], [value]);

function throwsFor(make: (net: QdqSketch) => string, message: RegExp): void {
  const net = new QdqSketch(1);
  const y = make(net);
  const file = net.write({ x: { type: 'float', shape: [2, 4] } }, { [y]: { type: 'float', shape: [2, 3] } });
  assert.throws(() => importOnnx(file, 'model'), { code: 'BL107', message });
}

describe('networks of dynamic quantization', () => {
  for (const image of [false, true]) {
    it(`have the bits of float32 arithmetic in the order of the file: ${image ? 'images' : 'rows'}`, () => {
      const random = new Random(7);
      for (let seed = 0; seed < 40; seed++) {
        const [weights, perChannel] = [random.pick(['int8', 'uint8'] as const), random.chance(0.5)];
        const file = dynamicNetwork({ seed, image, weights, perChannel });
        const graph = importOnnx(file, 'model');
        const model = readOnnx(file, 'model');
        const run = floatModel(model);
        const shape = model.inputs[0]!.shape as number[];
        for (let i = 0; i < 3; i++) {
          const data = inputOf(graph, random);
          const places = placesOf(shape, tensorAt(graph, graph.inputs[0]).shape);
          const plain = new Float64Array(data.length);
          for (const [at, from] of places.entries()) plain[from] = data[at]!;
          const expected = run([{ shape, data: plain }]).get(model.outputs[0]!.name)!;
          const actual = evaluate(graph, [data])[graph.outputs[0]!]!;
          assert.deepEqual(Array.from(actual, Number), Array.from(expected.data), `seed ${seed}`);
        }
      }
    });
  }

  it('share the codes of a value that several layers read', () => {
    const net = new QdqSketch(1);
    const codes = quantized(net, 'x');
    const [a, b] = [1, 2].map(() => net.node('Mul', [sums(net, codes), codes[1]]));
    const file = net.write(
      { x: { type: 'float', shape: [2, 4] } },
      { [a!]: { type: 'float', shape: [2, 3] }, [b!]: { type: 'float', shape: [2, 3] } },
    );
    assert.deepEqual(
      importOnnx(file, 'model').nodes.map(({ kind }) => kind),
      [
        'DYNAMIC_SCALE',
        'DYNAMIC_ZERO_POINT',
        'DYNAMIC_QUANTIZE',
        'FULLY_CONNECTED',
        'DYNAMIC_DEQUANTIZE',
        'FULLY_CONNECTED',
        'DYNAMIC_DEQUANTIZE',
      ],
    );
  });

  it('end in BL107 where sums are not multiplied by the scale of their codes', () => {
    throwsFor(
      (net) => sums(net, quantized(net, 'x')),
      /sums up codes whose scale follows data: no Mul by that scale follows/,
    );
    throwsFor((net) => {
      const [first, second] = [quantized(net, 'x'), quantized(net, 'x')];
      return net.node('Mul', [sums(net, first), second[1]]);
    }, /Mul #\d+ .*multiplies sums by the scale of other codes/);
    throwsFor((net) => {
      const [first, second] = [quantized(net, 'x'), quantized(net, 'x')];
      return sums(net, [first[0], first[1], second[2]]);
    }, /MatMulInteger #\d+ .*takes another zero point than that of its codes/);
    throwsFor((net) => {
      const codes = quantized(net, 'x');
      const quantizedSums = net.quantized(sums(net, codes), 0.1);
      return net.node('Mul', [quantizedSums, codes[1]]);
    }, /sums up codes whose scale follows data: no Mul by that scale follows/);
  });

  it('end in BL107 where they are scaled by more than a number a channel, or again', () => {
    const scaled = (net: QdqSketch, by: (scale: string) => string) => {
      const codes = quantized(net, 'x');
      return net.node('Mul', [sums(net, codes), by(codes[1])]);
    };
    throwsFor(
      (net) => scaled(net, (scale) => net.node('Mul', [scale, net.constant('float', [2, 1])])),
      /scales sums \[2,3\] by \[2,1\]/,
    );
    throwsFor(
      (net) => scaled(net, (scale) => net.node('Mul', [net.node('Mul', [scale, number(net)]), number(net)])),
      /multiplies such a scale twice/,
    );
    throwsFor(
      (net) => net.node('Mul', [scaled(net, (scale) => scale), number(net)]),
      /is scaled or shifted again in float/,
    );
  });

  it('end in BL107 where something else reads codes or scale', () => {
    throwsFor((net) => net.node('Relu', [quantized(net, 'x')[0]]), /reads 'v0', whose scale follows data/);
    throwsFor(
      (net) => net.node('Mul', [quantized(net, 'x')[1], number(net)]),
      /reads 'v4', whose scale follows data/,
    );
    throwsFor(
      (net) => net.node('Sigmoid', [sums(net, quantized(net, 'x'))]),
      /reads 'v4' in float: no QuantizeLinear follows MatMulInteger/,
    );
  });
});
