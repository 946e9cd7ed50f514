import assert from 'node:assert/strict';
import { loadDigits, PIXELS } from '../../../examples/digits/mnist.js';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { readOnnx } from '../../../src/import/onnx/file.js';
import { lower } from '../../../src/import/onnx/index.js';
import type { OnnxModel } from '../../../src/import/onnx/model.js';
import { evaluate } from '../../../src/oracle/index.js';
import { Folders, planFor } from '../../support/artifacts.js';
import { importWasm } from '../../support/node-wasm.js';
import { floatModel, type Values } from '../../support/onnx-float.js';
import { needsShared, readShared } from '../../support/shared.js';

/** Test images of all 10,000 that each network classifies right, whose authors state 93.17 and 94.79 %. */
const NETWORKS = { TFC_1W1A: 9296, TFC_1W2A: 9474 } as const;

/** Images whose every code is compared. */
const LOOKED_INTO = 200;

const greatest = (list: ArrayLike<number>) => {
  const values = Array.from(list);
  return values.indexOf(Math.max(...values));
};

describe('TFC networks of the QONNX model zoo, on the test images of MNIST', () => {
  if (!needsShared('TFC networks', 'models/qonnx/')) return;
  const folders = new Folders();
  after(() => folders.remove());
  const set = loadDigits('t10k');
  const imageAt = (i: number) =>
    Float32Array.from(set.pixels.subarray(i * PIXELS, (i + 1) * PIXELS), (grey) => grey / 255);

  for (const [name, right] of Object.entries(NETWORKS)) {
    describe(name, () => {
      let model: OnnxModel;
      let graph: Graph;
      let float: (image: Float32Array) => ReadonlyMap<string, Values>;
      before(() => {
        const bytes = readShared(`models/qonnx/${name}.onnx`);
        model = readOnnx(bytes, name);
        graph = lower(model, bytes.length, name);
        const run = floatModel(model);
        float = (image) => run([{ shape: [1, 1, 28, 28], data: Float64Array.from(image) }]);
      });

      it('has every code and the order of outputs of float32 arithmetic', () => {
        const quantized = model.nodes.filter(
          ({ op, inputs }) => op.endsWith('Quant') && !model.constants.has(inputs[0]!),
        );
        const [output] = graph.outputs;
        const codes = graph.nodes.flatMap(({ kind, outputs }) =>
          kind === 'RESHAPE' || outputs[0] === output ? [] : outputs,
        );
        assert.equal(codes.length, quantized.length);
        for (let i = 0; i < LOOKED_INTO; i++) {
          const wanted = float(imageAt(i));
          const tensors = evaluate(graph, [imageAt(i)]);
          for (const [k, id] of codes.entries()) {
            const { scales, zeroPoints } = tensorAt(graph, id).format;
            const reals = Array.from(tensors[id]!, Number).map(
              (code) => scales[0]! * (code - zeroPoints[0]!),
            );
            assert.deepEqual(reals, [...wanted.get(quantized[k]!.outputs[0]!)!.data], `image ${i}, ${k}`);
          }
          const reals = wanted.get(model.outputs[0]!.name)!.data;
          const sums = Array.from(tensors[output!]!, Number);
          const order = (list: ArrayLike<number>) =>
            Array.from(list, (a) => Array.from(list, (b) => Math.sign(a - b)));
          assert.deepEqual(order(sums), order(reals), `image ${i}`);
        }
      });

      it(`classifies ${right} of 10,000 images right, as float32 arithmetic does, each to the same class`, async () => {
        const wasm = await (await importWasm(planFor(graph, 'web', 'tfc'), folders)).load();
        let count = 0;
        for (let i = 0; i < set.count; i++) {
          const image = imageAt(i);
          wasm.input.set(image as never);
          wasm.run();
          const found = greatest(Array.from(wasm.output, Number));
          assert.equal(found, greatest(float(image).get(model.outputs[0]!.name)!.data), `image ${i}`);
          if (found === set.labels[i]) count++;
        }
        assert.equal(count, right);
      });
    });
  }
});
