import assert from 'node:assert/strict';
import { quantizeMultiplier } from '../../src/numerics/requantize.js';
import {
  addParameters,
  convMultipliers,
  fullyConnectedMultipliers,
  hardSwishMultipliers,
  leakyReluMultipliers,
  logisticInt8Parameters,
  meanMultiplier,
  quantizeBound,
  rescaleMultiplier,
  scaledSum,
  subParameters,
} from '../../src/numerics/scales.js';

const fl = Math.fround;
const s1 = fl(0.1);
const s2 = fl(0.3);
const s3 = fl(0.7);

describe('effective scales', () => {
  it('convolutions multiply in binary64, even with one filter scale', () => {
    assert.deepEqual(convMultipliers(s1, [s2], s3, 2), Array(2).fill(quantizeMultiplier((s1 * s2) / s3)));
    const perChannel = convMultipliers(s1, [s2, s3], s3, 2);
    assert.deepEqual(perChannel, [quantizeMultiplier((s1 * s2) / s3), quantizeMultiplier(s1)]);
  });

  it('a per-tensor FULLY_CONNECTED rounds its product to float32', () => {
    const [multiplier] = fullyConnectedMultipliers(s1, [s2], s3, 1);
    assert.deepEqual(multiplier, quantizeMultiplier(fl(s1 * s2) / s3));
    assert.notDeepEqual(multiplier, convMultipliers(s1, [s2], s3, 1)[0]);
    const scales = [s2, s3];
    assert.deepEqual(fullyConnectedMultipliers(s1, scales, s3, 2), convMultipliers(s1, scales, s3, 2));
  });

  it('ADD and SUB differ in precision', () => {
    const add = addParameters(s1, s2, s3, 'int8');
    const sub = subParameters(s1, s2, s3, 'int8');
    assert.equal(add.leftShift, 20);
    assert.equal(addParameters(s1, s2, s3, 'int16').leftShift, 15);
    // The larger scale is half of twice the maximum.
    assert.deepEqual(add.input2, { multiplier: 2 ** 30, shift: 0 });
    assert.deepEqual(add.input1, quantizeMultiplier(s1 / (2 * s2)));
    assert.deepEqual(sub.input1, quantizeMultiplier(fl(s1 / fl(2 * s2))));
    assert.notDeepEqual(add.input1, sub.input1);
  });

  it('an operand 2^32 times finer than the other vanishes', () => {
    const parameters = addParameters(2 ** -33, 1, 1, 'int8');
    assert.equal(parameters.input1.multiplier, 0);
    assert.equal(scaledSum(127, 5, 1, parameters), 5);
    assert.equal(scaledSum(127, 5, -1, parameters), -5);
  });

  it('equal scales add exactly', () => {
    const parameters = addParameters(s1, s1, s1, 'int8');
    for (const [a, b] of [
      [0, 0],
      [-128, 127],
      [255, -255],
      [3, 4],
    ] as const) {
      assert.equal(scaledSum(a, b, 1, parameters), a + b);
    }
  });

  it('LEAKY_RELU multiplies in float32 and keeps the sign of alpha apart', () => {
    const { identity, alpha, negateAlpha } = leakyReluMultipliers(s1, fl(-0.2), s3);
    assert.deepEqual(identity, quantizeMultiplier(fl(s1 / s3)));
    assert.deepEqual(alpha, quantizeMultiplier(-fl(fl(s1 * fl(-0.2)) / s3)));
    assert.equal(negateAlpha, true);
  });

  it('MEAN folds 1/n into the multiplier, truncating', () => {
    assert.deepEqual(meanMultiplier(s1, s1, 1), { multiplier: 2 ** 30, shift: 1 });
    assert.deepEqual(meanMultiplier(1, 1, 7), { multiplier: Math.floor((2 ** 30 * 4) / 7), shift: -1 });
    assert.deepEqual(meanMultiplier(1, 1, 49), { multiplier: Math.floor((2 ** 30 * 32) / 49), shift: -4 });
    assert.equal(meanMultiplier(1, 1, 2 ** 17 + 1).shift, -16);
    // The shift stays at or above -31, at the price of precision.
    const tiny = meanMultiplier(2 ** -29, 1, 64);
    assert.deepEqual(tiny, { multiplier: (2 ** 30 * 8) / 64, shift: -31 });
  });

  it('HARD_SWISH has 16-bit multipliers of float32 quotients', () => {
    const { output, reluish } = hardSwishMultipliers(2 ** -4, 2 ** -5);
    assert.deepEqual(output, { multiplier: 16384, exponent: -5 });
    assert.deepEqual(reluish, { multiplier: 21845, exponent: 3 });
  });

  it('LOGISTIC saturates beyond 15', () => {
    const { input, radius } = logisticInt8Parameters(2 ** -3);
    assert.deepEqual(input, { multiplier: 2 ** 30, shift: 25 });
    assert.equal(radius, 60);
  });

  it('multipliers below 2^-32 are flushed to zero', () => {
    assert.deepEqual(rescaleMultiplier(2 ** -33, 1), { multiplier: 0, shift: 0 });
    assert.deepEqual(rescaleMultiplier(2 ** -32, 1), { multiplier: 2 ** 30, shift: -31 });
  });

  it('bounds are rounded half away from zero after a float32 division', () => {
    assert.equal(quantizeBound(6, 2.4, -128), -125);
    assert.equal(quantizeBound(-1, 0.4, 0), -3);
    assert.equal(quantizeBound(6, fl(0.023529412), -128), 127);
  });
});
