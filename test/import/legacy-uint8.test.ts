import assert from 'node:assert/strict';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import type { TypedArray } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { activation, imported, singleOperator, weights } from '../support/tflite.js';

const run = (graph: Graph, ...inputs: TypedArray[]): TypedArray[] => {
  const contents = evaluate(graph, inputs);
  return graph.outputs.map((id) => contents[id]!);
};

/** A uint8 FULLY_CONNECTED as the first converters made them: weights with a zero point. */
function legacyDense(): Graph {
  return imported(
    singleOperator(
      'FULLY_CONNECTED',
      [
        activation([1, 3], { type: 'UINT8', scale: 0.5, zeroPoint: 100 }),
        weights([2, 3], { type: 'UINT8', data: Uint8Array.of(120, 130, 140, 0, 128, 255), zeroPoint: 120 }),
        { shape: [2], type: 'INT32', scale: 0.125, data: Int32Array.of(8, -16) },
      ],
      [activation([1, 2], { type: 'UINT8', scale: 0.5, zeroPoint: 128 })],
      { fused_activation_function: 'RELU6' },
    ),
  );
}

describe('legacy uint8 models', () => {
  it('become int8 between QUANTIZE nodes: codes and zero points less 128', () => {
    const graph = legacyDense();
    assert.deepEqual(
      graph.nodes.map(({ kind }) => kind),
      ['QUANTIZE', 'FULLY_CONNECTED', 'QUANTIZE'],
    );
    const [input, dense] = [graph.nodes[0]!, graph.nodes[1]!];
    const format = (id: number | null | undefined) => tensorAt(graph, id).format;
    assert.deepEqual(format(graph.inputs[0]), {
      type: 'uint8',
      scales: [0.5],
      zeroPoints: [100],
      axis: null,
    });
    assert.deepEqual(format(input.outputs[0]), {
      type: 'int8',
      scales: [0.5],
      zeroPoints: [-28],
      axis: null,
    });
    assert.deepEqual(format(graph.outputs[0]), {
      type: 'uint8',
      scales: [0.5],
      zeroPoints: [128],
      axis: null,
    });
    const filter = tensorAt(graph, dense.inputs[1]);
    assert.deepEqual(filter.data, Int8Array.of(-8, 2, 12, -128, 0, 127));
    assert.deepEqual(filter.format.zeroPoints, [-8]);
    assert.deepEqual((dense.attributes as { clamp: unknown }).clamp, { min: 0, max: 12 });
  });

  it('keep their meaning: the zero points of filter and image count', () => {
    // (100 110 90) is (0 10 -10) / 2, filters are (0 10 20) and (-120 8 135) / 4: sums -100 and -1270, biases 8 and -16.
    assert.deepEqual(run(legacyDense(), Uint8Array.of(100, 110, 90)), [Uint8Array.of(128, 128)]);
    // (0 10 10) / 2 gives 300 + 8 and 1430 - 16 in eighths: codes 128 + 77 and more, RELU6 ends at 128 + 12.
    assert.deepEqual(run(legacyDense(), Uint8Array.of(100, 110, 110)), [Uint8Array.of(140, 140)]);
    // (0 1 0) / 2 gives 10 + 8 and 8 - 16: code 128 + 18 / 4, rounded away from zero; the other one is negative.
    assert.deepEqual(run(legacyDense(), Uint8Array.of(100, 101, 100)), [Uint8Array.of(133, 128)]);
  });

  it('uint8 at the boundary of an int8 model stays as it is', () => {
    const model = singleOperator(
      'QUANTIZE',
      [activation([4], { type: 'UINT8', zeroPoint: 128 })],
      [activation([4])],
    );
    const graph = imported(model);
    assert.equal(graph.nodes.length, 1);
    assert.deepEqual(run(graph, Uint8Array.of(0, 127, 128, 255)), [Int8Array.of(-128, -1, 0, 127)]);
  });
});
