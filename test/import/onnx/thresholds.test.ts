import assert from 'node:assert/strict';
import { multiplierEnding } from '../../../src/import/onnx/multiplier-fit.js';
import { floatThresholds, integerThresholds } from '../../../src/import/onnx/thresholds.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../../src/numerics/fixed-point.js';
import { convMultipliers } from '../../../src/numerics/scales.js';
import { Random } from '../../support/random/random.js';

describe('thresholds of integers', () => {
  it('are the least integers that reach each code', () => {
    const codeOf = (x: number) => Math.max(0, Math.floor(x / 3));
    assert.deepEqual(
      [...integerThresholds(codeOf, { low: -10, high: 10 }, { least: 0, most: 3 })],
      [3, 6, 9],
    );
  });

  it('of codes that the least integer has already are that integer', () => {
    assert.deepEqual([...integerThresholds(() => 2, { low: -5, high: 5 }, { least: 0, most: 2 })], [-5, -5]);
  });

  it('of codes that none reaches are beyond every accumulator', () => {
    assert.deepEqual(
      [...integerThresholds((x) => (x > 4 ? 1 : 0), { low: -5, high: 5 }, { least: 0, most: 3 })],
      [5, 2 ** 31 - 1, 2 ** 31 - 1],
    );
  });
});

describe('thresholds of float32', () => {
  it('are the least numbers that reach each code, to the last bit', () => {
    const rounded = (x: number) => clamp(Math.round(Math.fround(x * Math.fround(0.7))) + 0, -2, 2);
    const thresholds = floatThresholds(rounded, { least: -2, most: 2 });
    assert.equal(thresholds.length, 4);
    const below = (x: number) => {
      const place = new Int32Array(Float32Array.of(x).buffer);
      place[0]! += x > 0 ? -1 : 1;
      return new Float32Array(place.buffer)[0]!;
    };
    for (const [i, threshold] of thresholds.entries()) {
      assert.equal(rounded(threshold), i - 1);
      assert.equal(rounded(below(threshold)), i - 2);
    }
  });

  it('of what every number reaches are minus infinity, and of what none reaches there are none', () => {
    assert.deepEqual([...floatThresholds(() => 1, { least: 0, most: 3 })], [Number.NEGATIVE_INFINITY]);
    assert.deepEqual([...floatThresholds((x) => (x >= 0 ? 1 : 0), { least: 0, most: 3 })], [0]);
  });
});

describe('a multiplier in place of thresholds', () => {
  const random = new Random(7);
  const channel = (slope: number, offset: number, range: number) => {
    const placeOf = (sum: number) => sum * slope + offset;
    return {
      low: -range,
      high: range,
      placeOf,
      codeOf: (sum: number) => clamp(Math.floor(placeOf(sum)), -128, 127),
    };
  };

  it('states the share of sums with another code, each of them one off', () => {
    let [exact, near, none] = [0, 0, 0];
    for (let i = 0; i < 60; i++) {
      const channels = Array.from({ length: 3 }, () =>
        channel(2 ** (-1 - 6 * random.real()), 40 * random.real() - 20, random.integer(100, 1500)),
      );
      const codes = { least: -128, most: 127 };
      const output = { scale: 0.5, zeroPoint: 3 };
      const wanted = { channels, ...codes, inputScale: 0.25, output, greatest: random.pick([1, 7, 127]) };
      const thresholds = channels.map((one) => integerThresholds(one.codeOf, one, codes));
      const ending = multiplierEnding(wanted, thresholds);
      if (!ending) {
        none++;
        continue;
      }
      const { step, scales, bias, off } = ending;
      const multipliers = convMultipliers(0.25, scales, output.scale, 3);
      let [differing, all] = [0, 0];
      for (const [c, { low, high, codeOf }] of channels.entries()) {
        for (let sum = low; sum <= high; sum++) {
          const scaled = multiplyByQuantizedMultiplier(sum * step + bias[c]!, multipliers[c]!);
          const error = Math.abs(clamp(scaled + output.zeroPoint, -128, 127) - codeOf(sum));
          assert.ok(error <= 1);
          differing += error;
          all++;
        }
      }
      assert.equal(off, differing / all);
      if (off === 0) exact++;
      else near++;
    }
    assert.ok(exact > 0 && near > 0 && none > 0, `${exact} exact, ${near} near, ${none} not`);
  });
});
