import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor, plain } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

/** A BitNet layer: what rows of x, of scale `scale`, become by ternary weights of the scale `weightScale`. */
function bitLayer(
  rows: number,
  inputs: number,
  weights: readonly number[],
  scales: readonly number[],
  bias: readonly bigint[] | null = null,
): Graph {
  const sketch = new Sketch();
  const outputs = weights.length / inputs;
  const x = sketch.input('x', [rows, inputs], perTensor('int8', 0.05, -3));
  const factors = sketch.node('ABSMAX', {}, [x], ['m', [rows, 1], perTensor('int16', 0.05, 0)]);
  const shares = sketch.node(
    'ABSMAX_NORMALIZATION',
    {},
    [x],
    ['q', [rows, inputs], perTensor('int8', 1 / 127, 0)],
  );
  const filter = sketch.constant([outputs, inputs], Int8Array.from(weights), perTensor('int8', 1, 0));
  const clamp = { min: -(2 ** 31), max: 2 ** 31 - 1 };
  const sums = sketch.node(
    'FULLY_CONNECTED',
    { clamp },
    [shares, filter],
    ['sums', [rows, outputs], perTensor('int32', 1 / 127, 0)],
  );
  const operands = [
    sums,
    factors,
    sketch.constant([scales.length], Float32Array.from(scales), plain('float32')),
    ...(bias ? [sketch.constant([outputs], BigInt64Array.from(bias), plain('int64'))] : []),
  ];
  const y = sketch.node('RESCALE', { clamp: ALL_BYTES }, operands, [
    'y',
    [rows, outputs],
    perTensor('int8', 0.1, 5),
  ]);
  return sketch.graph(y, factors, shares);
}

function run(graph: Graph, codes: readonly number[]): number[][] {
  const contents = evaluate(graph, [Int8Array.from(codes)]);
  return graph.outputs.map((id) => Array.from(contents[id] as Int8Array));
}

describe('rows divided by their absmax', () => {
  it('become 127ths, rounded half away from zero', () => {
    // Distances 2, -1, 0, 1 of 2: the halves 63.5 become 64.
    const [, factors, shares] = run(bitLayer(1, 4, [1, 1, 1, 1], [1]), [-1, -4, -3, -2]);
    assert.deepEqual(factors, [2]);
    assert.deepEqual(shares, [127, -64, 0, 64]);
  });

  it('of nothing but zero points are zeros, and leave the bias alone', () => {
    const steps = BigInt(Math.round(1 / (0.05 / 127)));
    const [codes, factors, shares] = run(bitLayer(1, 2, [1, 1, -1, 1], [1], [steps, -steps]), [-3, -3]);
    assert.deepEqual(factors, [0]);
    assert.deepEqual(shares, [0, 0]);
    assert.deepEqual(codes, [5 + 10, 5 - 10]);
  });

  it('int16 holds no more than 32767', () => {
    const sketch = new Sketch();
    const words = perTensor('int16', 1, 0);
    const x = sketch.input('x', [1, 2], words);
    const m = sketch.node('ABSMAX', {}, [x], ['m', [1, 1], words]);
    const q = sketch.node('ABSMAX_NORMALIZATION', {}, [x], ['q', [1, 2], perTensor('int8', 1 / 127, 0)]);
    const graph = sketch.graph(m, q);
    const contents = evaluate(graph, [Int16Array.of(-32768, 32767)]);
    assert.deepEqual(
      graph.outputs.map((id) => Array.from(contents[id] as Int8Array)),
      [[32767], [-127, 127]],
    );
  });

  it('give what BitNet b1.58 computes in float, but for the last step', () => {
    const [rows, inputs, outputs] = [3, 16, 4];
    const trits = fc.array(fc.integer({ min: -1, max: 1 }), {
      minLength: outputs * inputs,
      maxLength: outputs * inputs,
    });
    const codes = fc.array(fc.integer({ min: -128, max: 127 }), {
      minLength: rows * inputs,
      maxLength: rows * inputs,
    });
    const scales = [0.7, 0.2, 1.1, 0.4];
    fc.assert(
      fc.property(trits, codes, fc.boolean(), (weights, x, perChannel) => {
        const used = perChannel ? scales : scales.slice(0, 1);
        const [seen] = run(bitLayer(rows, inputs, weights, used), x);
        seen!.forEach((code, i) => {
          const [row, n] = [Math.floor(i / outputs), i % outputs];
          const d = x.slice(row * inputs, (row + 1) * inputs).map((c) => c + 3);
          const most = Math.max(...d.map(Math.abs), 1e-5);
          const sum = d.reduce((all, value, k) => {
            const share = Math.sign(value) * Math.round((127 * Math.abs(value)) / most);
            return all + share * weights[n * inputs + k]!;
          }, 0);
          const real = (sum * 0.05 * most * used[perChannel ? n : 0]!) / 127;
          // Half a step, and what the multiplier's 16 bits leave out.
          const exact = Math.max(-128, Math.min(127, real / 0.1 + 5));
          assert.ok(Math.abs(code - exact) <= 0.51, `${code} for ${exact}`);
        });
      }),
    );
  });
});
