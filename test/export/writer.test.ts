import assert from 'node:assert/strict';
import type { TfliteModel } from '../../src/export/tflite/model.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { toBytes } from '../../src/graph/tensor.js';
import { readModelFile } from '../../src/import/tflite/file.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { RANDOM_OPERATORS, randomGraphModel, singleOperatorModel } from '../support/random-model.js';
import { activation, singleOperator, weights } from '../support/tflite.js';

/** Asserts that a written model reads as what it was made from. */
function assertRoundTrip(model: TfliteModel): void {
  const file = readModelFile(writeTflite(model), 'written');
  assert.deepEqual([file.inputs, file.outputs], [model.inputs, model.outputs]);
  assert.equal(file.tensors.length, model.tensors.length);
  for (const [i, tensor] of model.tensors.entries()) {
    const read = file.tensors[i]!;
    const { scales = [], zeroPoints = [], axis = 0 } = tensor.quantization ?? {};
    assert.deepEqual(
      [read.name, read.shape, read.type, read.zeroPoints, read.axis, read.variable],
      [tensor.name, tensor.shape, tensor.type, zeroPoints, axis, tensor.variable ?? false],
    );
    assert.deepEqual(read.scales, scales.map(Math.fround));
    if (tensor.type !== 'INT4') {
      const written = tensor.data && tensor.data.length > 0 ? toBytes(tensor.data) : null;
      assert.deepEqual(read.data && Uint8Array.from(read.data), written && Uint8Array.from(written));
    }
  }
  assert.equal(file.operators.length, model.operators.length);
  for (const [i, { operator, inputs, outputs, options = {} }] of model.operators.entries()) {
    const read = file.operators[i]!;
    assert.deepEqual([read.operator, read.inputs, read.outputs], [operator, inputs, outputs]);
    for (const [name, value] of Object.entries(options)) {
      const expected = typeof value === 'number' ? Math.fround(value) : value;
      assert.deepEqual(read.options[name], expected, `${operator}.${name}`);
    }
  }
}

describe('written TFLite files read as what they were made from', () => {
  for (const operator of RANDOM_OPERATORS) {
    it(operator, () => {
      for (let seed = 0; seed < 20; seed++) {
        const model = singleOperatorModel(operator, { seed });
        assertRoundTrip(model);
        const { nodes } = importTflite(writeTflite(model), operator);
        assert.ok(nodes.some(({ source }) => source.operator === operator));
      }
    });
  }

  it('models of several operators', () => {
    for (let seed = 0; seed < 100; seed++) assertRoundTrip(randomGraphModel(seed));
  });

  it('operators that the importer rejects', () => {
    assertRoundTrip(singleOperator('ROUND', [activation([4])], [activation([4])]));
    assertRoundTrip(singleOperator('DILATE', [activation([4])], [activation([4])]));
    assertRoundTrip(singleOperator("CUSTOM 'Fft'", [activation([4])], [activation([4])]));
  });
});

describe('the writer', () => {
  const model = singleOperator(
    'FULLY_CONNECTED',
    [activation([1, 3]), weights([2, 3]), null],
    [activation([1, 2])],
  );

  it('gives equal bytes for equal models', () => {
    assert.deepEqual(writeTflite(model), writeTflite(structuredClone(model)));
  });

  it('aligns constants to 16 bytes, as the schema asks for', () => {
    const bytes = writeTflite(model);
    const data = readModelFile(bytes, 'written').tensors[1]!.data!;
    assert.equal((data.byteOffset - bytes.byteOffset) % 16, 0);
  });

  it('refuses what the schema does not have', () => {
    const broken = (operator: string, options: Record<string, string | number>) => () =>
      writeTflite(singleOperator(operator, [activation([4])], [activation([4])], options));
    assert.throws(broken('NO_SUCH', {}), /no operator NO_SUCH/);
    assert.throws(broken('SOFTMAX', { gamma: 1 }), /SOFTMAX has no option/);
    assert.throws(broken('SOFTMAX', { beta: 'one' }), /option beta cannot be "one"/);
    assert.throws(broken('MAX_POOL_2D', { padding: 'FULL' }), /option padding cannot be "FULL"/);
  });
});
