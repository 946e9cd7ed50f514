import assert from 'node:assert/strict';
import fc from 'fast-check';
import { perTensor, type Tensor } from '../../src/graph/tensor.js';
import type { FeatureMap, Steps } from '../../src/quantmcu/feature-maps.js';
import { channelOf, codeOf, realOf } from '../../src/quantmcu/formats.js';
import { bestFormat, entropy, Histogram, meanShift } from '../../src/quantmcu/values.js';

const CHANNELS = 2;

function mapOf(steps: Steps): FeatureMap {
  const format = perTensor('int8', 0.5, 3);
  const tensor: Tensor = { name: 'map', shape: [1, 1, 4, CHANNELS], format, data: null, state: false };
  return { id: 0, tensor, steps, macs: 0, readers: [], producer: null as never };
}

const codes = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 8, maxLength: 8 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram(mapOf('free').tensor);
  histogram.add(values);
  return histogram;
}

describe('values of feature maps', () => {
  it('have the entropy of their codes: 2 bits for four that are equally frequent', () => {
    assert.equal(entropy([5, 0, 5, 5, 0, 5]), 2);
    assert.equal(entropy([0, 7, 0]), 0);
  });

  it('are stored within half a step, or clipped', () => {
    fc.assert(
      fc.property(codes, fc.constantFrom<Steps>('free', 'from zero', 'one'), (values, steps) => {
        const format = bestFormat(mapOf(steps), histogramOf(values), 4);
        for (const [i, code] of values.entries()) {
          const channel = channelOf(format, i % CHANNELS);
          const real = 0.5 * (code - 3);
          const stored = realOf(channel, codeOf(channel, real));
          const inside = real >= realOf(channel, 0) && real <= realOf(channel, 15);
          if (inside) assert.ok(Math.abs(real - stored) <= channel.scale / 2 + 1e-6);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('have a code for 0 where padding or other readers need one', () => {
    fc.assert(
      fc.property(
        codes,
        fc.constantFrom<Steps>('from zero', 'one'),
        fc.constantFrom(4 as const, 2 as const),
        (values, steps, bits) => {
          const format = bestFormat(mapOf(steps), histogramOf(values), bits);
          for (let c = 0; c < CHANNELS; c++) {
            const channel = channelOf(format, c);
            assert.ok(Math.abs(realOf(channel, codeOf(channel, 0))) < 1e-6 * channel.scale);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('that lie on the new codes are not moved', () => {
    const values = [3, 3, 5, 5, 7, 7, 9, 9];
    const format = bestFormat(mapOf('free'), histogramOf(values), 2);
    for (let c = 0; c < CHANNELS; c++)
      assert.ok(Math.abs(meanShift(histogramOf(values), mapOf('free').tensor, format, c)) < 1e-6);
  });
});
