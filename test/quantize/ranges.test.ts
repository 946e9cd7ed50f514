import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gaussian } from '../../src/quantize/allocate/gaussian.js';
import { affineFormat, throughFormat } from '../../src/quantize/calibrate/affine.js';
import { type RANGE_METHODS, rangeBy, squaredError } from '../../src/quantize/calibrate/ranges.js';
import { joined, sampleOf } from '../../src/quantize/calibrate/sample.js';

const LEVELS = 256;

describe('ranges of activations', () => {
  it('cover all values by min-max, and 0', () => {
    const sample = sampleOf([Float32Array.of(2, 3), Float32Array.of(5)]);
    assert.deepEqual(rangeBy('min-max', sample, LEVELS), { low: 0, high: 5 });
  });

  it('leave out the outermost values by percentiles', () => {
    const values = Float32Array.from({ length: 20000 }, (_, i) => (i === 0 ? 10 : i / 20000));
    const { high } = rangeBy('percentile 99.9', sampleOf([values]), LEVELS);
    assert.ok(high <= 1, `${high}`);
  });

  it('clip outliers where that makes the squared error, or what is not told of the values, less', () => {
    const noise = gaussian(1);
    const values = Float32Array.from({ length: 50000 }, (_, i) => (i === 0 ? 40 : noise()));
    const sample = sampleOf([values]);
    for (const method of ['mean squared error', 'entropy'] as const) {
      const { high } = rangeBy(method, sample, 16);
      assert.ok(high > 2 && high < 40, `${method}: ${high}`);
    }
  });

  it('err least of all that are tried by the mean squared error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -8, max: 100 }), { minLength: 2, maxLength: 200 }),
        (list) => {
          const sample = sampleOf([Float32Array.from(list)]);
          const error = (method: (typeof RANGE_METHODS)[number]) =>
            squaredError(sample, rangeBy(method, sample, LEVELS), LEVELS);
          assert.ok(error('mean squared error') <= error('min-max'));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('by the relative error leave out values thousands of times as large as all others, on one side', () => {
    const noise = gaussian(2);
    const values = Float32Array.from({ length: 10000 }, (_, i) => (i % 2000 === 0 ? -20000 : noise()));
    const { low, high } = rangeBy('relative error', sampleOf([values]), LEVELS);
    assert.ok(low > -10 && high > 2, `${low} to ${high}`);
  });

  it('of tensors that share a format are those of all their values', () => {
    const [a, b] = [Float32Array.of(-1, 0.5), Float32Array.of(7, 3)];
    const { low, high, values } = joined([sampleOf([a]), sampleOf([b])]);
    assert.deepEqual([low, high], [-1, 7]);
    assert.deepEqual([...values], [-1, 0.5, 3, 7]);
  });
});

describe('formats of activations', () => {
  it('have 0 as a code, and come within half a step of every value in range', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, min: -100, max: 0 }),
        fc.float({ noNaN: true, min: Math.fround(0.01), max: 100 }),
        fc.double({ noNaN: true, min: 0, max: 1 }),
        (low, high, share) => {
          const format = affineFormat('int8', { low, high });
          const [scale] = format.scales as [number];
          const value = Math.fround(low + share * (high - low));
          const [zero, back] = throughFormat(Float32Array.of(0, value), format) as unknown as [
            number,
            number,
          ];
          assert.equal(zero, 0);
          // The zero point is rounded, which moves the ends by at most half a step.
          assert.ok(Math.abs(back - value) <= scale * 1.001, `${value} became ${back}, steps of ${scale}`);
        },
      ),
    );
  });

  it('of int16 have the zero point 0', () => {
    assert.deepEqual(affineFormat('int16', { low: -4, high: 2 }).zeroPoints, [0]);
  });
});
