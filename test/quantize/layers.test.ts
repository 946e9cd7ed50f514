import assert from 'node:assert/strict';
import { tensorAt } from '../../src/graph/graph.js';
import type { TypedArray } from '../../src/graph/tensor.js';
import { importOnnx } from '../../src/import/onnx/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { layerOf } from '../../src/quantize/execute/layer.js';
import { Matmul } from '../../src/quantize/execute/matmul.js';
import { walk } from '../../src/quantize/execute/walk.js';
import { modelOf, numbers, type Row, weights } from '../support/float-models.js';
import { writeOnnx } from '../support/onnx.js';

const IMAGE = [2, 4, 7, 6] as const;

/** Layers with weights in all their forms, alone. */
const LAYERS: Readonly<Record<string, Row['nodes'][number]>> = {
  'CONV_2D with stride, dilation and padding': {
    op: 'Conv',
    inputs: ['x', weights([5, 4, 3, 2], 1), weights([5], 2)],
    attributes: { strides: [2, 1], dilations: [1, 2], pads: [2, 1, 0, 1] },
  },
  'CONV_2D 1x1 without a bias': { op: 'Conv', inputs: ['x', weights([9, 4, 1, 1], 3)] },
  'CONV_2D in groups': {
    op: 'Conv',
    inputs: ['x', weights([6, 2, 3, 3], 4), weights([6], 5)],
    attributes: { group: 2 },
  },
  DEPTHWISE_CONV_2D: {
    op: 'Conv',
    inputs: ['x', weights([4, 1, 3, 3], 6), weights([4], 7)],
    attributes: { group: 4, pads: [1, 1, 1, 1] },
  },
  'DEPTHWISE_CONV_2D with several filters a channel': {
    op: 'Conv',
    inputs: ['x', weights([8, 1, 3, 3], 8), weights([8], 9)],
    attributes: { group: 4, strides: [2, 2] },
  },
  TRANSPOSE_CONV: {
    op: 'ConvTranspose',
    inputs: ['x', weights([4, 3, 3, 3], 10), weights([3], 11)],
    attributes: { strides: [2, 2], pads: [1, 0, 1, 0] },
  },
};

describe('fast float layers', () => {
  let matmul: Matmul;
  before(async () => {
    matmul = await Matmul.create();
  });

  for (const [name, node] of Object.entries(LAYERS)) {
    it(`compute ${name} as the oracle, to a few roundings of float32`, async () => {
      const graph = importOnnx(writeOnnx(modelOf({ shape: IMAGE, nodes: [node, { op: 'Relu' }] })), 'layer');
      const { shape } = tensorAt(graph, graph.inputs[0]!);
      const inputs = [numbers(shape, 12), numbers(shape, 13)].map((x) => [x]);
      const [outputs] = await walk<Float32Array>(graph, inputs, (own, x) => {
        const layer = layerOf(matmul, graph, own);
        return inputs.map((_, i) => layer(x.map((contents) => contents?.[i] ?? null)));
      });
      for (const [i, input] of inputs.entries()) {
        const expected = evaluate(graph, input)[graph.outputs[0]!]!;
        assert.ok(greatestDifference(expected, outputs![i]!) < 1e-5, `inference ${i}`);
      }
    });
  }
});

function greatestDifference(a: TypedArray, b: TypedArray): number {
  assert.equal(a.length, b.length);
  return Math.max(...Array.from(a as Float32Array, (value, i) => Math.abs(value - Number(b[i]))));
}
