import assert from 'node:assert/strict';
import { NO_STEP, oneStep, oneStepOf } from '../../src/kernels/weights/one-step.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../src/numerics/fixed-point.js';
import type { Multiplier } from '../../src/numerics/requantize.js';
import { Random } from '../support/random/random.js';

const SIGNED = { min: -128, max: 127 };
const RELU = { min: 0, max: 255 };

/** The first sum, both ends included, whose clamped result is another. */
function firstDifference(multiplier: Multiplier, bound: number, results: typeof RELU): number | null {
  const step = oneStep(multiplier, bound, results);
  assert.ok(step, 'a proof');
  for (let x = -bound; x <= bound; x++) {
    const expected = clamp(multiplyByQuantizedMultiplier(x, multiplier), results.min, results.max);
    // Below 0 the kernel of a RELU leaves the sign, and the clamp ends what comes of it.
    const actual =
      results.min >= 0 && x < 0 ? results.min : clamp(oneStepOf(x, step), results.min, results.max);
    if (actual !== expected) return x;
  }
  return null;
}

describe('requantization in one float64 step', () => {
  it('equals the two roundings for every sum that it is proved for', () => {
    const random = new Random(3);
    for (let i = 0; i < 60; i++) {
      const multiplier = { multiplier: random.integer(2 ** 30, 2 ** 31 - 1), shift: random.integer(-12, 2) };
      const bound = random.integer(1, 20000);
      for (const results of [SIGNED, RELU]) {
        assert.equal(firstDifference(multiplier, bound, results), null, JSON.stringify(multiplier));
      }
    }
  });

  it('holds at every tie of positive sums, and is refused where those of negative sums go the other way', () => {
    for (const shift of [-1, -3, -8]) {
      const power = { multiplier: 2 ** 30, shift };
      assert.equal(firstDifference(power, 5000, RELU), null);
      assert.equal(oneStep(power, 5000, SIGNED), null);
      // Sums that reach no step cannot differ at one.
      assert.notEqual(oneStep({ multiplier: 2 ** 30, shift: -8 }, 200, SIGNED), null);
    }
  });

  it('is refused where results leave the high word', () => {
    assert.equal(oneStep({ multiplier: 2 ** 30 + 1, shift: 0 }, 2 ** 20, SIGNED), null);
  });

  it('gives 0 for a multiplier of 0', () => {
    assert.equal(oneStep({ multiplier: 0, shift: 0 }, 2 ** 30, SIGNED), NO_STEP);
    assert.equal(oneStepOf(2 ** 30, NO_STEP), 0);
  });
});
