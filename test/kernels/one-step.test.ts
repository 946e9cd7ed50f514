import assert from 'node:assert/strict';
import {
  NO_STEP,
  oneStep,
  oneStepOf,
  type Results,
  shortStep,
  shortStepOf,
} from '../../src/kernels/weights/one-step.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../src/numerics/fixed-point.js';
import type { Multiplier } from '../../src/numerics/requantize.js';
import { Random } from '../support/random/random.js';

const SIGNED = { min: -128, max: 127 };
const RELU = { min: 0, max: 255 };
const CENTRE = 127;

type Sums = { readonly low: number; readonly high: number };

const around = (bound: number): Sums => ({ low: -bound, high: bound });

/** The first sum whose result, clamped, is another. */
function firstDifference(of: (x: number) => number, multiplier: Multiplier, sums: Sums, results: Results) {
  for (let x = sums.low; x <= sums.high; x++) {
    const expected = clamp(multiplyByQuantizedMultiplier(x, multiplier), results.min, results.max);
    if (clamp(of(x), results.min, results.max) !== expected) return x;
  }
  return null;
}

/** Below 0 the kernel of a RELU leaves the sign, and the clamp ends what comes of it. */
function inDoubles(multiplier: Multiplier, sums: Sums, results: Results): number | null {
  const step = oneStep(multiplier, sums, results);
  assert.ok(step, 'a proof');
  const of = (x: number) => (results.min >= 0 && x < 0 ? results.min : oneStepOf(x, step));
  return firstDifference(of, multiplier, sums, results);
}

function randomSums(random: Random): Sums {
  const low = random.pick([-random.integer(0, 40000), random.integer(0, 20000)]);
  return { low, high: low + random.integer(0, 50000) };
}

describe('requantization in one step', () => {
  it('of float64 equals the two roundings for every sum that it is proved for', () => {
    const random = new Random(3);
    for (let i = 0; i < 60; i++) {
      const multiplier = { multiplier: random.integer(2 ** 30, 2 ** 31 - 1), shift: random.integer(-12, 2) };
      const sums = randomSums(random);
      for (const results of [SIGNED, RELU]) {
        assert.equal(inDoubles(multiplier, sums, results), null, JSON.stringify({ multiplier, sums }));
      }
    }
  });

  it('of float32 equals them, too, and is found for most channels', () => {
    const random = new Random(5);
    let found = 0;
    for (let i = 0; i < 60; i++) {
      const multiplier = { multiplier: random.integer(2 ** 30, 2 ** 31 - 1), shift: random.integer(-9, 0) };
      const sums = randomSums(random);
      const short = shortStep(oneStep(multiplier, sums, RELU)!, sums, RELU.max, CENTRE);
      if (!short) continue;
      found++;
      const of = (x: number) => shortStepOf(x, short, CENTRE);
      assert.equal(firstDifference(of, multiplier, sums, RELU), null, JSON.stringify({ multiplier, sums }));
    }
    assert.ok(found > 45, `${found} of 60`);
  });

  it('of float32 is found for a channel that few shifts and scales suit', () => {
    // Channel 116 of the expansion of one of MobileNetV2's blocks: none of the first 64 shifts suits.
    const multiplier = { multiplier: 1232197066, shift: -8 };
    const sums = { low: -112520, high: 171805 };
    const short = shortStep(oneStep(multiplier, sums, RELU)!, sums, RELU.max, CENTRE);
    assert.ok(short);
    assert.equal(
      firstDifference((x) => shortStepOf(x, short, CENTRE), multiplier, sums, RELU),
      null,
    );
  });

  it('of float32 is refused where the sums have too many bits', () => {
    const multiplier = { multiplier: 2 ** 30 + 12345, shift: -16 };
    const sums = around(2 ** 26);
    const step = oneStep(multiplier, sums, RELU);
    assert.ok(step);
    assert.equal(shortStep(step, sums, RELU.max, CENTRE), null);
  });

  it('of float64 holds at ties of positive sums, and is refused where those of negative sums go the other way', () => {
    for (const shift of [-1, -3, -8]) {
      const power = { multiplier: 2 ** 30, shift };
      assert.equal(inDoubles(power, around(5000), RELU), null);
      assert.equal(oneStep(power, around(5000), SIGNED), null);
    }
  });

  it('takes channels whose sums all give one result, however large they are', () => {
    const multiplier = { multiplier: 1569364972, shift: -26 };
    for (const sums of [
      { low: 2 ** 30 - 99, high: 2 ** 30 },
      { low: -(2 ** 30), high: 99 - 2 ** 30 },
    ]) {
      for (const results of [SIGNED, RELU]) {
        assert.equal(inDoubles(multiplier, sums, results), null);
        assert.equal(oneStep(multiplier, sums, results)?.scale, 0);
      }
      const short = shortStep(oneStep(multiplier, sums, RELU)!, sums, RELU.max, CENTRE)!;
      const of = (x: number) => shortStepOf(x, short, CENTRE);
      assert.equal(firstDifference(of, multiplier, sums, RELU), null);
    }
  });

  it('is refused where results leave the high word', () => {
    assert.equal(oneStep({ multiplier: 2 ** 30 + 1, shift: 0 }, around(2 ** 20), SIGNED), null);
  });

  it('gives 0 for a multiplier of 0', () => {
    assert.deepEqual(oneStep({ multiplier: 0, shift: 0 }, around(2 ** 30), SIGNED), NO_STEP);
    assert.equal(oneStepOf(2 ** 30, NO_STEP), 0);
  });
});
