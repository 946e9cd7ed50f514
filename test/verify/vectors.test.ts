import assert from 'node:assert/strict';
import { perTensor, plain, toBytes } from '../../src/graph/tensor.js';
import { testVector } from '../../src/verify/vectors.js';
import { readShared, sharedPath } from '../support/shared.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

function graphOf(type: Parameters<typeof plain>[0], count: number) {
  const sketch = new Sketch();
  return sketch.graph(sketch.input('x', [1, count], plain(type)));
}

describe('generated input vectors', () => {
  it('are those of the recorded outputs', function () {
    if (!sharedPath('models/golden/cases/kws.0.in.bin')) {
      console.log('      skipped: ../shared/models is missing');
      this.skip();
    }
    for (const k of [0, 3, 7]) {
      const [data] = testVector(graphOf('int8', 490), k);
      assert.deepEqual(toBytes(data!), new Uint8Array(readShared(`models/golden/cases/kws.${k}.in.bin`)));
    }
  });

  it('go on from one input to the next', () => {
    const sketch = new Sketch();
    const format = perTensor('int8', 1, 0);
    const a = sketch.input('a', [1, 4], format);
    const b = sketch.input('b', [1, 4], format);
    const graph = sketch.graph(sketch.node('ADD', { clamp: ALL_BYTES }, [a, b], ['sum', [1, 4], format]));
    const both = testVector(graph, 5).flatMap((data) => [...toBytes(data)]);
    assert.deepEqual(both, [...toBytes(testVector(graphOf('int8', 8), 5)[0]!)]);
  });

  it('span each type but stay valid indices in wide integers', () => {
    const range = (type: Parameters<typeof plain>[0]) => {
      const values = Array.from(testVector(graphOf(type, 4000), 1)[0]!, Number);
      return [Math.min(...values), Math.max(...values)];
    };
    assert.deepEqual(range('int8'), [-128, 127]);
    assert.deepEqual(range('uint8'), [0, 255]);
    assert.deepEqual(range('int32'), [0, 1]);
    assert.deepEqual(range('bool'), [0, 1]);
    assert.deepEqual(range('float32'), [-1, 127 / 128]);
    const [low, high] = range('int16');
    assert.ok(low! < -32000 && high! > 32000);
  });
});
