import assert from 'node:assert/strict';
import type { Clamp } from '../../src/graph/ops.js';
import { type Format, INTEGER_RANGE, perTensor, plain, type TypedArray } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { Sketch } from '../support/sketch.js';

/** FULLY_CONNECTED of three inputs to two outputs with the weights (1, -1, 1) and (1, 1, 1). */
function run(
  input: TypedArray,
  from: Format,
  to: Format,
  clamp: Clamp,
  thresholds: readonly number[] = [],
): number[] {
  const sketch = new Sketch();
  const filter = sketch.constant([2, 3], Int8Array.of(1, -1, 1, 1, 1, 1), perTensor('int8', 1, 0));
  const bias = sketch.constant([2], Int32Array.of(0, 10), plain('int32'));
  const steps = thresholds.length / 2;
  const limits = steps ? [sketch.constant([2, steps], Int32Array.from(thresholds), plain('int32'))] : [];
  const x = sketch.input('x', [1, 3], from);
  const y = sketch.node('FULLY_CONNECTED', { clamp }, [x, filter, bias, ...limits], ['y', [1, 2], to]);
  const graph = sketch.graph(y);
  return Array.from(evaluate(graph, [input])[y]!, Number);
}

const BINARY = perTensor('binary', 1, 0);
const UINT2 = perTensor('uint2', 1, 1);

describe('QUANTIZE of float32 with thresholds', () => {
  it('counts those that are reached, equality included, and NaN reaches none', () => {
    for (const [format, codes] of [
      [perTensor('uint2', 1, 0), [0, 1, 1, 2, 0]],
      [perTensor('int8', 1, 0), [-128, -127, -127, -126, -128]],
    ] as const) {
      const sketch = new Sketch();
      const x = sketch.input('x', [1, 5], plain('float32'));
      const thresholds = sketch.constant([2], Float32Array.of(0.5, 1.5), plain('float32'));
      const y = sketch.node('QUANTIZE', {}, [x, thresholds], ['y', [1, 5], format]);
      const contents = evaluate(sketch.graph(y), [Float32Array.of(0.4, 0.5, 1, 7, Number.NaN)]);
      assert.deepEqual(Array.from(contents[y]!, Number), codes);
    }
  });
});

describe('ADD of weighted codes', () => {
  it('counts the thresholds of its channel that the sum reaches', () => {
    const sketch = new Sketch();
    const [a, b] = [sketch.input('a', [2, 2], UINT2), sketch.input('b', [2, 2], BINARY)];
    const filter = sketch.constant([2, 2], Int16Array.of(2, 1, -1, 3), perTensor('int16', 1, 0));
    const thresholds = sketch.constant([2, 2], Int32Array.of(0, 5, -4, 3), plain('int32'));
    const y = sketch.node(
      'ADD',
      { clamp: { min: 1, max: 3 } },
      [a, b, filter, thresholds],
      ['y', [2, 2], UINT2],
    );
    const contents = evaluate(sketch.graph(y), [Uint8Array.of(3, 1, 0, 3), Int8Array.of(1, 1, -1, -1)]);
    // 2 * 2 + 1, -0 + 3; 2 * -1 - 1, -2 - 3.
    assert.deepEqual([...contents[y]!], [3, 3, 1, 1]);
  });
});

describe('a weighted sum ends', () => {
  it('by the count of the thresholds that it reaches, equality included', () => {
    const codes = run(Uint8Array.of(3, 1, 2), UINT2, UINT2, { min: 0, max: 3 }, [2, 3, 4, 12, 14, 15]);
    // Accumulators 2 - 0 + 1 = 3 and 10 + 2 + 0 + 1 = 13.
    assert.deepEqual(codes, [2, 1]);
  });

  it('in a sign, of -1 below its threshold', () => {
    const codes = run(Int8Array.of(1, -1, -1), BINARY, BINARY, { min: -1, max: 1 }, [1, 10]);
    assert.deepEqual(codes, [1, -1]);
  });

  it('as the accumulator itself where the output is int32', () => {
    assert.deepEqual(
      run(Int8Array.of(1, -1, 1), BINARY, perTensor('int32', 1, 0), INTEGER_RANGE.int32),
      [3, 11],
    );
  });

  it('by multiplier, zero point and clamp in a packed output too', () => {
    const codes = run(Uint8Array.of(3, 1, 3), UINT2, perTensor('uint4', 2, 3), { min: 0, max: 9 });
    assert.deepEqual(codes, [5, 9]);
  });
});
