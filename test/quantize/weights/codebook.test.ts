import { deepEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { weightFormat } from '../../../src/graph/weight-format.js';
import { fitCodebook } from '../../../src/quantize/weights/codebook.js';
import { codebookGrid, GRIDS } from '../../../src/quantize/weights/grid.js';
import { errorsOf, quantizeWeights } from '../../../src/quantize/weights/solve.js';
import { quantizeBySigns } from '../../../src/quantize/weights/svid.js';
import { algebra, momentsOf, smallLayer } from '../../support/layers.js';

/** Four inputs of equal power and mean zero that say nothing of one another. */
const INDEPENDENT = momentsOf(
  Float32Array.from({ length: 32 }, (_, i) => ((i % 16) % 5 === 0 ? 1 : 0) * (i < 16 ? 1 : -1)),
  4,
);

describe('codebooks for a layer', () => {
  it('find the values that a layer is made of', () => {
    const book = [-127, -40, 3, 64];
    const weights = Float32Array.from(
      [...book, ...book.toReversed(), ...book],
      (code, i) => code * (i < 4 ? 0.5 : 2),
    );
    const layer = { weights, groups: [INDEPENDENT] };
    deepEqual(fitCodebook(layer, 4).codes, book);
    const { error, codes } = quantizeWeights(algebra, layer, fitCodebook(layer, 4));
    ok(error < 1e-12);
    deepEqual(weightFormat(codes), { kind: 'codebook', bits: 2, entries: book });
  });

  it('have at most as many int8 entries as asked for, whatever the layer', () => {
    fc.assert(
      fc.property(smallLayer(6), fc.integer({ min: 2, max: 16 }), ({ weights, x, inputs }, size) => {
        const { codes } = fitCodebook({ weights, groups: [momentsOf(x, inputs)] }, size);
        ok(codes.length >= 1 && codes.length <= size);
        ok(codes.every((code) => Number.isInteger(code) && Math.abs(code) <= 127));
      }),
      { numRuns: 50 },
    );
  });

  it('serve weights with two clusters better than an even grid of as many codes', () => {
    const sign = (i: number) => ((i * 7) % 5 < 3 ? 1 : -1);
    const weights = Float32Array.from(
      { length: 64 },
      (_, i) => sign(i) * (1 + 0.02 * (i % 7)) * (i % 4 ? 0.2 : 1),
    );
    const layer = { weights, groups: [INDEPENDENT] };
    const even = quantizeWeights(algebra, layer, codebookGrid([-3, -1, 1, 3]));
    ok(quantizeWeights(algebra, layer, fitCodebook(layer, 4)).error < even.error);
  });
});

describe('binary weights with factors on both sides', () => {
  it('give back a matrix of signs that is scaled by rows and by inputs', () => {
    const [rows, inputs] = [
      [3, 0.5],
      [1, 0.25, 2, 4],
    ];
    const weights = Float32Array.from(
      rows!.flatMap((r, n) => inputs!.map((f, i) => ((n + i) % 3 ? 1 : -1) * r * f)),
    );
    const { factors, error, codes } = quantizeBySigns(algebra, weights, INDEPENDENT, 4);
    ok(error < 1e-9);
    deepEqual([...codes], [...weights].map(Math.sign));
    inputs!.forEach((factor, i) => {
      ok(Math.abs(factors[i]! / factors[0]! - factor) < 1e-4);
    });
  });

  it('are binary filters of an input that is multiplied by one factor a channel, at every tap', () => {
    fc.assert(
      fc.property(smallLayer(3), ({ weights: some, x: y, inputs: channels }) => {
        const inputs = 2 * channels;
        const weights = some.length % inputs ? Float32Array.from([...some, ...some]) : some;
        const x = y.subarray(0, inputs * Math.floor(y.length / inputs));
        const { factors, error, ...solved } = quantizeBySigns(
          algebra,
          weights,
          momentsOf(x, inputs),
          channels,
        );
        const multiplied = x.map((value, i) => value * factors[i % channels]!);
        const divided = weights.map((weight, i) => weight / factors[i % channels]!);
        const layer = { weights: divided, groups: [momentsOf(multiplied, inputs)] };
        ok(Math.abs(errorsOf(algebra, layer, solved).error - error) < 1e-5);
        ok(solved.codes.every((code) => GRIDS.binary.codes.includes(code)));
        ok(factors.every((factor) => factor > 0));
      }),
      { numRuns: 30 },
    );
  });
});
