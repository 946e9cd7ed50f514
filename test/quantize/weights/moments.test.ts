import { deepEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { MomentSums, PairedSums } from '../../../src/quantize/weights/moments.js';
import { algebra, momentsOf, smallLayer } from '../../support/layers.js';

describe('moments of inputs', () => {
  it('are sums in the order of rows, whichever calls bring them', () => {
    const reals = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), {
      minLength: 700,
      maxLength: 700,
    });
    fc.assert(
      fc.property(
        reals,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 50 }),
        (values, inputs, cut) => {
          const rows = Float32Array.from(values.slice(0, inputs * Math.floor(700 / inputs)));
          const parts = new MomentSums(algebra, inputs);
          parts.add(rows.subarray(0, cut * inputs));
          parts.add(rows.subarray(cut * inputs));
          deepEqual(parts.moments(), plainMoments(rows, inputs));
          deepEqual(momentsOf(rows, inputs), plainMoments(rows, inputs));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('of pairs have both sides and their cross products', () => {
    fc.assert(
      fc.property(smallLayer(5), ({ x, inputs }) => {
        const y = x.map((value, i) => value * 2 + (i % 3));
        const sums = new PairedSums(algebra, inputs);
        sums.add(x, y);
        const { float, cross, ...own } = sums.moments();
        deepEqual(own, plainMoments(x, inputs));
        deepEqual(float, plainMoments(y, inputs));
        deepEqual(cross, products(y, x, inputs));
      }),
      { numRuns: 20 },
    );
  });
});

function plainMoments(x: Float32Array, inputs: number) {
  const rows = x.length / inputs;
  const mean = new Float64Array(inputs);
  x.forEach((value, i) => {
    mean[i % inputs]! += value;
  });
  return { inputs, rows, mean: mean.map((sum) => sum / rows), second: products(x, x, inputs) };
}

function products(x: Float32Array, y: Float32Array, inputs: number): Float64Array {
  const rows = x.length / inputs;
  return Float64Array.from({ length: inputs * inputs }, (_, at) => {
    const [i, j] = [Math.floor(at / inputs), at % inputs];
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += x[row * inputs + i]! * y[row * inputs + j]!;
    return sum / rows;
  });
}
