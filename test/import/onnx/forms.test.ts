import assert from 'node:assert/strict';
import { inputOf, tensorAt } from '../../../src/graph/graph.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { onnxNetworks, QdqSketch } from '../../support/onnx-networks.js';

const FLOAT = (...shape: number[]) => ({ type: 'float', shape }) as const;

/** The graph of a network from `x` to what `make` returns. */
function graphOf(make: (net: QdqSketch) => string, from: readonly number[], to: readonly number[]) {
  const net = new QdqSketch(1);
  const out = make(net);
  return importOnnx(net.write({ x: FLOAT(...from) }, { [out]: FLOAT(...to) }), 'test');
}

const kinds = (graph: ReturnType<typeof graphOf>) => graph.nodes.map(({ kind }) => kind);

/** The values and scales of the filter of a matrix product with these weights. */
function filterOf(weights: (net: QdqSketch) => string, size: readonly [number, number]) {
  const graph = graphOf(
    (net) => net.quantized(net.node('MatMul', [net.quantized('x', 0.1), weights(net)]), 1),
    [1, size[0]],
    [1, size[1]],
  );
  const node = graph.nodes.find(({ kind }) => kind === 'FULLY_CONNECTED')!;
  const { format, data } = inputOf(graph, node, 1)!;
  return { format, data };
}

describe('weights of an ONNX model', () => {
  it('keep their codes, less the zero point, and their scales', () => {
    const { format, data } = filterOf((net) => net.weights('int4', [3, 2], [0.5, 0.25], 1), [3, 2]);
    assert.deepEqual(format.scales, [0.5, 0.25]);
    assert.ok(data instanceof Int8Array && data.every((value) => value >= -8 && value <= 7));
  });

  it('of blocks are multiples of the smallest step, exactly where there is one', () => {
    const { format, data } = filterOf((net) => net.weights('int2', [4, 1], [0.5, 0.25], 0, 2), [4, 1]);
    assert.deepEqual(format.scales, [0.25]);
    assert.ok(Array.from(data!.subarray(0, 2) as Int8Array).every((value) => value % 2 === 0));
  });

  it('of blocks without a common step are 16 bits wide, and a note says how exact', () => {
    const { format } = filterOf((net) => net.weights('int8', [4, 1], [0.5, 0.3], 0, 2), [4, 1]);
    assert.equal(format.type, 'int16');
  });
});

describe('order of elements', () => {
  it('takes no TRANSPOSE through a network of images that ends in Flatten and Gemm', () => {
    const graph = importOnnx(onnxNetworks().image!, 'image');
    assert.ok(!kinds(graph).includes('TRANSPOSE'));
    assert.deepEqual(tensorAt(graph, graph.inputs[0]).shape, [1, 6, 6, 3]);
    assert.ok(graph.notes?.some((note) => note.includes("input 'x' is [1,6,6,3] here, channels last")));
  });

  it('takes none where the file transposes from and to channels last itself', () => {
    const graph = graphOf(
      (net) => {
        const x = net.node('Transpose', [net.quantized('x', 0.1)], { perm: [0, 3, 1, 2] });
        const y = net.quantized(net.node('Conv', [x, net.weights('int8', [2, 3, 1, 1])]), 0.1);
        return net.node('Transpose', [y], { perm: [0, 2, 3, 1] });
      },
      [1, 4, 5, 3],
      [1, 4, 5, 2],
    );
    assert.deepEqual(kinds(graph), ['QUANTIZE', 'CONV_2D', 'DEQUANTIZE']);
    assert.equal(graph.notes, undefined);
  });

  it('is the file order where a model of images ends in a Transpose', () => {
    const graph = graphOf(
      (net) => net.node('Transpose', [net.quantized('x', 0.1)], { perm: [0, 3, 1, 2] }),
      [1, 4, 5, 3],
      [1, 3, 4, 5],
    );
    assert.ok(kinds(graph).includes('TRANSPOSE'));
    assert.deepEqual(tensorAt(graph, graph.outputs[0]).shape, [1, 3, 4, 5]);
  });
});

describe('float on the path', () => {
  it('of a layer without QuantizeLinear ends in a message that names it', () => {
    const twoLayers = (net: QdqSketch) => {
      const w = () => net.weights('int8', [4, 4], [0.1, 0.2, 0.3, 0.4], 1);
      return net.quantized(net.node('MatMul', [net.node('MatMul', [net.quantized('x', 0.1), w()]), w()]), 1);
    };
    assert.throws(
      () => graphOf(twoLayers, [1, 4], [1, 4]),
      /BL107.*MatMul #5 .* reads .* in float: no QuantizeLinear follows MatMul #3/,
    );
  });

  it('of the last layer is its accumulators times their scale', () => {
    const layer = (scales: readonly number[]) => (net: QdqSketch) =>
      net.node('MatMul', [net.quantized('x', 0.5), net.weights('int8', [4, 2], scales, 1)]);
    const one = graphOf(layer([0.25]), [1, 4], [1, 2]);
    assert.deepEqual(kinds(one), ['QUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE']);
    assert.deepEqual(one.nodes.at(-1)!.inputs.length, 1);
    const each = graphOf(layer([0.25, 0.5]), [1, 4], [1, 2]);
    assert.deepEqual(kinds(each), ['QUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE']);
    assert.deepEqual([...tensorAt(each, each.nodes.at(-1)!.inputs[1]).data!], [0.125, 0.25]);
  });

  it('before the first QuantizeLinear as well', () => {
    const early = (net: QdqSketch) =>
      net.quantized(net.node('Conv', ['x', net.weights('int8', [2, 3, 1, 1])]), 1);
    assert.throws(
      () => graphOf(early, [1, 3, 4, 4], [1, 2, 4, 4]),
      /BL107.*Conv #1 .* reads 'x', which is not quantized/,
    );
  });

  it('behind the last is said in a note', () => {
    const graph = graphOf((net) => net.node('Softmax', [net.quantized('x', 0.1)]), [1, 4], [1, 4]);
    assert.deepEqual(kinds(graph), ['QUANTIZE', 'SOFTMAX', 'DEQUANTIZE']);
    assert.match(graph.notes![0]!, /Softmax #2 is computed in 16 bits/);
  });
});

describe('ONNX models that end in a message', () => {
  it('operators that Bitloom does not have, all in one', () => {
    const model = (net: QdqSketch) => net.node('Einsum', [net.node('NonZero', ['x'])]);
    assert.throws(
      () => graphOf(model, [4], [4]),
      /BL103.*'test' uses NonZero \(once, first as #0 'v0'\), Einsum \(once/,
    );
  });

  it('open sizes other than the batch', () => {
    const net = new QdqSketch(1);
    const out = net.quantized('x', 0.1);
    const file = net.write({ x: { type: 'float', shape: [1, 'width'] } }, { [out]: FLOAT(1, 4) });
    assert.throws(() => importOnnx(file, 'test'), /BL105.*input 'x' has the shape \[1,width\]/);
  });

  it('codes that are read by another scale than they were written by', () => {
    const model = (net: QdqSketch) =>
      net.node('DequantizeLinear', [
        net.node('QuantizeLinear', ['x', ...net.parameters(0.1)]),
        ...net.parameters(0.2),
      ]);
    assert.throws(() => graphOf(model, [4], [4]), /BL107.*by the scale 0\.2.*written by 0\.1/);
  });

  it('scales that depend on data that is quantized', () => {
    const dynamic = (net: QdqSketch, x: string) => net.node('DynamicQuantizeLinear', [x]);
    const behind = (net: QdqSketch) => dynamic(net, net.quantized('x', 0.1));
    assert.throws(() => graphOf(behind, [4], [4]), /BL107.*computes its scale from data that is not float/);
  });

  it('reshapes to other counts, and axes that are not there', () => {
    const reshape = (net: QdqSketch) =>
      net.node('Reshape', [net.quantized('x', 0.1), net.constant('int64', [1], [5])]);
    assert.throws(() => graphOf(reshape, [4], [5]), /BL102.*Reshape #2 .* makes \[5\] of \[4\]/);
    const concat = (net: QdqSketch) => net.node('Concat', [net.quantized('x', 0.1)], { axis: 3 });
    assert.throws(() => graphOf(concat, [4], [4]), /BL102.*has axis 3 of 1/);
  });
});
