import assert from 'node:assert/strict';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import {
  activation,
  bias,
  imported,
  ints,
  singleOperator,
  type TensorSketch,
  weights,
} from '../support/tflite.js';

describe('constants and biases', () => {
  const dense = (filter: TensorSketch, x: TensorSketch = {}, b: TensorSketch | null = null): Graph =>
    imported(
      singleOperator(
        'FULLY_CONNECTED',
        [activation([1, 3], x), filter, b],
        [activation([1, 2], { type: x.type ?? 'INT8' })],
      ),
    );

  it('constants that end in attributes do not enter the graph', () => {
    const graph = imported(
      singleOperator('TRANSPOSE', [activation([2, 3]), ints([1, 0])], [activation([3, 2])]),
    );
    assert.deepEqual(
      graph.tensors.map(({ name }) => name),
      ['in0', 'out0'],
    );
  });

  it('INT4 weights are unpacked, an odd number of them too', () => {
    const graph = dense(weights([2, 3], { type: 'INT4', data: Int8Array.of(-8, 7, -1, 0, 1, 5) }));
    assert.deepEqual(tensorAt(graph, graph.nodes[0]!.inputs[1]).data, Int8Array.of(-8, 7, -1, 0, 1, 5));
    const odd = imported(
      singleOperator(
        'FULLY_CONNECTED',
        [activation([1, 3]), weights([1, 3], { type: 'INT4', data: Int8Array.of(-3, 2, -7) })],
        [activation([1, 1])],
      ),
    );
    assert.deepEqual(tensorAt(odd, odd.nodes[0]!.inputs[1]).data, Int8Array.of(-3, 2, -7));
  });

  it('INT2 weights too', () => {
    const graph = dense(weights([2, 3], { type: 'INT2', data: Int8Array.of(-2, 1, -1, 0, 1, -2) }));
    assert.deepEqual(tensorAt(graph, graph.nodes[0]!.inputs[1]).data, Int8Array.of(-2, 1, -1, 0, 1, -2));
  });

  it('INT4 activations are no int8', () => {
    const narrow = activation([1, 3], { type: 'INT4' });
    assert.throws(() => imported(singleOperator('RELU', [narrow], [activation([1, 3])])), { code: 'BL105' });
  });

  it('int16 activations take int64 and int32 biases', () => {
    const wide = dense(
      weights([2, 3]),
      { type: 'INT16' },
      bias(2, { type: 'INT64', data: BigInt64Array.of(-1n, 1n << 40n) }),
    );
    assert.deepEqual(tensorAt(wide, wide.nodes[0]!.inputs[2]).data, BigInt64Array.of(-1n, 1n << 40n));
    const narrow = dense(weights([2, 3]), { type: 'INT16' }, bias(2));
    assert.equal(tensorAt(narrow, narrow.nodes[0]!.inputs[2]).format.type, 'int32');
  });

  it('quantized_bias_type INT32 without a bias becomes a bias of zeros, which says how wide to accumulate', () => {
    const model = (type: string) =>
      imported(
        singleOperator(
          'FULLY_CONNECTED',
          [activation([1, 3], { type: 'INT16' }), weights([2, 3])],
          [activation([1, 2], { type: 'INT16' })],
          { quantized_bias_type: type },
        ),
      );
    const narrow = model('INT32');
    assert.deepEqual(tensorAt(narrow, narrow.nodes[0]!.inputs[2]).data, new Int32Array(2));
    assert.equal(model('FLOAT32').nodes[0]!.inputs[2], null);
  });

  it('weights may be quantized per channel', () => {
    const quantization = { scales: [0.25, 0.5], zeroPoints: [0, 0], axis: 0 };
    const { scale: _, zeroPoint: __, ...rest } = weights([2, 3]);
    const graph = dense({ ...rest, quantization });
    assert.deepEqual(tensorAt(graph, graph.nodes[0]!.inputs[1]).format, { type: 'int8', ...quantization });
  });

  it('the quantized dimension of a vector is its only one, whatever the file states', () => {
    const quantization = { scales: [0.125, 0.25], zeroPoints: [0, 0], axis: 3 };
    const { scale: _, ...rest } = bias(2);
    const { scale: __, zeroPoint: ___, ...filter } = weights([2, 3]);
    const graph = dense(
      { ...filter, quantization: { scales: [0.25, 0.5], zeroPoints: [0, 0] } },
      {},
      { ...rest, quantization },
    );
    assert.equal(tensorAt(graph, graph.nodes[0]!.inputs[2]).format.axis, 0);
  });
});
