import assert from 'node:assert/strict';
import {
  describe as nameOf,
  numberOf,
  numbersOf,
  tensorOf,
  textOf,
} from '../../../src/import/onnx/attributes.js';
import type { OnnxAttribute, OnnxNode } from '../../../src/import/onnx/model.js';

const node = (attributes: Record<string, OnnxAttribute>, domain = ''): OnnxNode => ({
  op: 'Conv',
  domain,
  name: '',
  index: 3,
  inputs: [],
  outputs: ['y'],
  attributes: new Map(Object.entries(attributes)),
});

describe('attributes of an ONNX node', () => {
  it('are read by type, with a fallback where they are absent', () => {
    const tensor = { name: 'y', type: 'int8', shape: [], data: Int8Array.of(1) } as const;
    const given = node({ axis: 2, mode: 'linear', pads: [1, 2], value: tensor });
    assert.equal(numberOf(given, 'axis'), 2);
    assert.equal(numberOf(given, 'group', 1), 1);
    assert.equal(textOf(given, 'mode'), 'linear');
    assert.equal(textOf(given, 'auto_pad', 'NOTSET'), 'NOTSET');
    assert.deepEqual(numbersOf(given, 'pads'), [1, 2]);
    assert.equal(numbersOf(given, 'strides'), null);
    assert.equal(tensorOf(given, 'value'), tensor);
    assert.equal(tensorOf(given, 'other'), null);
  });

  it('of another type end in a message that names the node', () => {
    const wrong = node({ axis: 'two', mode: 1, pads: ['x'], value: [1] }, 'com.microsoft');
    assert.throws(
      () => numberOf(wrong, 'axis'),
      /BL102.*com\.microsoft\.Conv #3 \('y'\) has no number 'axis'/,
    );
    assert.throws(() => textOf(wrong, 'mode'), /BL102.*has no text 'mode'/);
    assert.throws(() => numbersOf(wrong, 'pads'), /BL102.*has no list of numbers 'pads'/);
    assert.throws(() => tensorOf(wrong, 'value'), /BL102.*has no tensor 'value'/);
  });

  it('without the domain where the operator is ONNX', () => {
    assert.equal(nameOf(node({})), "Conv #3 ('y')");
  });
});
