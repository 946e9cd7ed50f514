import assert from 'node:assert/strict';
import { isOnnx, readOnnx, readOnnxTensor } from '../../../src/import/onnx/file.js';
import { encode } from '../../../src/import/onnx/schema.js';
import { type ModelSketch, type TensorSketch, writeOnnx, writeOnnxTensor } from '../../support/onnx.js';

const RELU: ModelSketch = {
  nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
  inputs: { x: { type: 'float', shape: ['N', 4] } },
  outputs: { y: { type: 'float', shape: [1, 4] } },
};

const read = (model: Partial<ModelSketch>) => readOnnx(writeOnnx({ ...RELU, ...model }), 'model.onnx');

/** What a tensor of a file holds, after writing it as raw bytes and as a typed list. */
function contents(tensor: TensorSketch): number[] {
  const [raw, listed] = [false, true].map((as) => {
    const read = readOnnxTensor(writeOnnxTensor({ ...tensor, listed: as }), 'x.pb');
    assert.deepEqual(read.shape, tensor.shape);
    assert.equal(read.type, tensor.type);
    return Array.from(read.data);
  });
  assert.deepEqual(raw, listed);
  return raw!;
}

describe('an ONNX file', () => {
  it('is known by its fields, as it has no identifier', () => {
    const bytes = writeOnnx(RELU);
    assert.ok(isOnnx(bytes));
    assert.ok(!isOnnx(bytes.subarray(0, bytes.length - 3)));
    assert.ok(!isOnnx(new TextEncoder().encode('not a model at all')));
    assert.ok(!isOnnx(new Uint8Array()));
  });

  it('states operators, values and operator sets', () => {
    const model = read({});
    assert.deepEqual(
      [...model.opsets],
      [
        ['', 21],
        ['com.microsoft', 1],
      ],
    );
    assert.equal(model.producer, 'bitloom-test');
    assert.deepEqual(model.inputs, [{ name: 'x', type: 'float', shape: ['N', 4] }]);
    assert.deepEqual(model.outputs, [{ name: 'y', type: 'float', shape: [1, 4] }]);
    assert.deepEqual(model.nodes, [
      { op: 'Relu', domain: '', name: '', index: 0, inputs: ['x'], outputs: ['y'], attributes: new Map() },
    ]);
  });

  it('has attributes of every kind that an operator may have', () => {
    const tensor: TensorSketch = { type: 'int8', shape: [2], data: [-1, 1] };
    const attributes = { axis: -1, mode: 'linear', pads: [0, -2], alpha: { float: 0.5 }, value: { tensor } };
    const [node] = read({ nodes: [{ op: 'Any', inputs: ['x'], outputs: ['y'], attributes }] }).nodes;
    assert.deepEqual(
      [...node!.attributes],
      [
        ['axis', -1],
        ['mode', 'linear'],
        ['pads', [0, -2]],
        ['alpha', 0.5],
        ['value', { name: 'y', type: 'int8', shape: [2], data: Int8Array.of(-1, 1) }],
      ],
    );
  });

  it('has initializers and Constant nodes in one table of constants', () => {
    const tensor: TensorSketch = { type: 'float', shape: [], data: [1.5] };
    const constant = (output: string, attributes: object) => ({
      op: 'Constant',
      inputs: [],
      outputs: [output],
      attributes: attributes as Record<string, number>,
    });
    const model = read({
      constants: { w: tensor },
      nodes: [constant('c', { value: { tensor } }), constant('n', { value_ints: [1, 2] }), ...RELU.nodes],
    });
    assert.deepEqual([...model.constants.keys()], ['w', 'c', 'n']);
    assert.deepEqual(model.constants.get('n')!.data, Float64Array.of(1, 2));
    assert.deepEqual(
      model.nodes.map(({ op, index }) => [op, index]),
      [['Relu', 2]],
    );
  });

  it('may list an initializer among its inputs, as older versions do', () => {
    const model = read({
      constants: { w: { type: 'float', shape: [1], data: [1] } },
      inputs: { ...RELU.inputs, w: { type: 'float', shape: [1] } },
    });
    assert.deepEqual(
      model.inputs.map(({ name }) => name),
      ['x'],
    );
  });
});

describe('constants of an ONNX file', () => {
  it('float and integers', () => {
    assert.deepEqual(contents({ type: 'float', shape: [3], data: [0.5, -1, 3e8] }), [0.5, -1, 3e8]);
    assert.deepEqual(contents({ type: 'double', shape: [1, 1], data: [0.1] }), [0.1]);
    assert.deepEqual(contents({ type: 'int8', shape: [2], data: [-128, 127] }), [-128, 127]);
    assert.deepEqual(contents({ type: 'uint8', shape: [2], data: [0, 255] }), [0, 255]);
    assert.deepEqual(contents({ type: 'int32', shape: [2], data: [-(2 ** 31), 7] }), [-(2 ** 31), 7]);
    assert.deepEqual(contents({ type: 'int64', shape: [2], data: [-1, 2 ** 53] }), [-1, 2 ** 53]);
  });

  it('codes of 4 and 2 bits, the first in the lowest bits', () => {
    assert.deepEqual(contents({ type: 'int4', shape: [3], data: [-8, 7, -1] }), [-8, 7, -1]);
    assert.deepEqual(contents({ type: 'uint4', shape: [3], data: [0, 15, 8] }), [0, 15, 8]);
    assert.deepEqual(contents({ type: 'int2', shape: [5], data: [-2, -1, 0, 1, -2] }), [-2, -1, 0, 1, -2]);
    assert.deepEqual(contents({ type: 'uint2', shape: [5], data: [3, 2, 1, 0, 3] }), [3, 2, 1, 0, 3]);
  });

  it('half floats: normal, subnormal and infinite', () => {
    const bits = [0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00];
    assert.deepEqual(contents({ type: 'float16', shape: [5], data: bits }), [
      1,
      -2,
      2 ** -24,
      65504,
      -Infinity,
    ]);
  });

  it('64-bit ends of slices, which are rounded', () => {
    const data = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127);
    const bytes = encode('TensorProto', { dims: [1], dataType: 7, rawData: data });
    assert.deepEqual(readOnnxTensor(bytes, 'x.pb').data, Float64Array.of(2 ** 63));
  });
});

describe('ONNX files that end in a message', () => {
  const rejects = (model: Partial<ModelSketch>, words: RegExp) => assert.throws(() => read(model), words);

  it('no graph, no output', () => {
    assert.throws(
      () => readOnnx(new Uint8Array(), 'model.onnx'),
      /BL101.*'model\.onnx' has no graph with an output/,
    );
    rejects({ outputs: {} }, /BL101/);
  });

  it('operators of a version that is not known yet', () => {
    rejects({ opset: 99 }, /BL101.*'model\.onnx' has version 99 of ONNX's operators.*opset 26 or older/);
  });

  it('truncated', () => {
    const bytes = writeOnnx(RELU);
    assert.throws(
      () => readOnnx(bytes.subarray(0, bytes.length - 3), 'model.onnx'),
      /BL102.*'model\.onnx' is no sound protocol buffer/,
    );
  });

  it('values without origin, of two origins, or read too early', () => {
    const node = (input: string, output: string) => ({ op: 'Relu', inputs: [input], outputs: [output] });
    rejects({ nodes: [node('a', 'y')] }, /BL102.*Relu #0 reads 'a', which nothing before it computes/);
    rejects({ nodes: [node('b', 'y'), node('x', 'b')] }, /BL102.*Relu #0 reads 'b'/);
    rejects({ nodes: [node('x', 'y'), node('x', 'y')] }, /BL102.*Relu #1 computes 'y', which exists already/);
    rejects({ nodes: [node('x', 'b')] }, /BL102.*the list of outputs reads 'y'/);
  });

  it('constants of the wrong length, of unknown types, of impossible shapes, in other files', () => {
    const constant = (tensor: TensorSketch) => ({ constants: { w: tensor } });
    rejects(
      constant({ type: 'int8', shape: [3], data: [1, 2] }),
      /BL102.*'w' of shape \[3\] has 2 bytes of data instead of 3/,
    );
    rejects(constant({ type: 'int8', shape: [-1], data: [1] }), /BL105.*'w' has the shape \[-1\]/);
    rejects(constant({ type: 'int8', shape: Array(9).fill(1), data: [1] }), /BL105.*'w' has the shape/);
    const tensor = (fields: object) => () => readOnnxTensor(encode('TensorProto', { ...fields }), 'x.pb');
    assert.throws(tensor({ name: 't', dataType: 8 }), /BL105.*'t' has the data type 8/);
    assert.throws(
      tensor({ name: 't', dataType: 1, dataLocation: 1 }),
      /BL105.*'t' is stored in another file/,
    );
  });
});
