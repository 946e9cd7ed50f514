import assert from 'node:assert/strict';
import { BitloomError } from '../../../src/graph/diagnostics.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { type ModelSketch, type NodeSketch, type TensorSketch, writeOnnx } from '../../support/onnx.js';
import { Random } from '../../support/random/random.js';
import { randomQonnx } from '../../support/random-qonnx.js';

const OTHERS = ['Mul', 'Quant', 'Trunc', 'MaxPool', 'AveragePool', 'Flatten', 'Pow', 'Conv', 'Gemm', 'Pad'];
const STRANGE = [Number.NaN, Number.POSITIVE_INFINITY, -1e30, 0, 1e30, 3.5, -2];

/** The network with one thing changed: an input, an operator, a number, a shape. */
function broken(random: Random, model: ModelSketch): ModelSketch {
  const constants: Record<string, TensorSketch> = { ...model.constants };
  const nodes: NodeSketch[] = [...model.nodes];
  const at = random.integer(0, nodes.length - 1);
  const node = nodes[at]!;
  const place = random.integer(0, node.inputs.length - 1);
  const name = random.pick(Object.keys(constants));
  const { shape, data, type } = constants[name]!;
  switch (random.integer(0, 4)) {
    case 0: {
      const other = random.pick([...Object.keys(constants), ...nodes.flatMap(({ outputs }) => outputs)]);
      nodes[at] = { ...node, inputs: node.inputs.with(place, other) };
      break;
    }
    case 1:
      nodes[at] = { ...node, inputs: node.inputs.toSpliced(place, 1) };
      break;
    case 2:
      nodes[at] = { ...node, op: random.pick(OTHERS) };
      break;
    case 3:
      constants[name] = {
        type,
        shape,
        data: data.with(random.integer(0, data.length - 1), random.pick(STRANGE)),
      };
      break;
    default:
      constants[name] = {
        type,
        data,
        shape: random.pick([[data.length], [1, data.length], [data.length, 1]]),
      };
  }
  return { ...model, constants, nodes };
}

describe('broken QONNX networks', () => {
  it('become graphs or end in a message, never in another error', () => {
    let messages = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = new Random(seed);
      const model = broken(random, randomQonnx(random, { exact: true, bits: 8 }));
      try {
        importOnnx(writeOnnx(model), 'broken');
      } catch (error) {
        assert.ok(error instanceof BitloomError, `seed ${seed}: ${(error as Error).stack}`);
        messages++;
      }
    }
    assert.ok(messages > 100, `${messages}`);
  });
});
