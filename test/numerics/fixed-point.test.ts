import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplier64,
  roundingDivideByPOT,
  saturatingDoublingHighMul16,
  saturatingRoundingDoublingHighMul,
  saturatingRoundingDoublingHighMul16,
  saturatingShiftLeft,
} from '../../src/numerics/fixed-point.js';

const MIN = -2147483648;
const MAX = 2147483647;

/** int32 values, every second one at or next to a power of two or a limit. */
const edges = [MIN, MAX, 0, ...Array.from({ length: 31 }, (_, e) => 2 ** e)];
const int32 = fc.oneof(
  fc.integer({ min: MIN, max: MAX }),
  fc
    .tuple(fc.constantFrom(...edges), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([edge, delta, negate]) => Math.max(MIN, Math.min(MAX, (negate ? -edge : edge) + delta))),
);
const multiplier = fc.oneof(
  fc.integer({ min: 2 ** 30, max: MAX }),
  fc.constantFrom(0, 2 ** 30, 2 ** 30 + 1, 0x7ffeffff, 0x7fff0000, MAX),
);

/** The definitions, in exact integers. BigInt division truncates like C's. */
const big = {
  srdhm(a: number, b: number): number {
    if (a === MIN && b === MIN) return MAX;
    const product = BigInt(a) * BigInt(b);
    const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
    return Number((product + nudge) / (1n << 31n));
  },
  rdbp(x: number, exponent: number): number {
    const mask = (1n << BigInt(exponent)) - 1n;
    const remainder = BigInt(x) & mask;
    const threshold = (mask >> 1n) + (x < 0 ? 1n : 0n);
    return Number((BigInt(x) >> BigInt(exponent)) + (remainder > threshold ? 1n : 0n));
  },
  mbqm64(x: bigint, m: number, shift: number): number {
    const reduced = m < 0x7fff0000 ? BigInt((m + 0x8000) >> 16) : 0x7fffn;
    const total = BigInt(15 - shift);
    return Number(BigInt.asIntN(32, (x * reduced + (1n << (total - 1n))) >> total));
  },
};

describe('fixed-point primitives', () => {
  it('saturatingRoundingDoublingHighMul is the 64-bit definition', () => {
    fc.assert(
      fc.property(int32, int32, (a, b) => saturatingRoundingDoublingHighMul(a, b) === big.srdhm(a, b)),
      { numRuns: 5000 },
    );
  });

  it('saturatingRoundingDoublingHighMul saturates only INT32_MIN squared', () => {
    assert.equal(saturatingRoundingDoublingHighMul(MIN, MIN), MAX);
    assert.equal(saturatingRoundingDoublingHighMul(MIN, MAX), -MAX);
    assert.equal(saturatingRoundingDoublingHighMul(MAX, MAX), MAX - 1);
  });

  it('roundingDivideByPOT rounds to nearest and ties away from zero', () => {
    assert.deepEqual(
      [-3, -2, -1, 0, 1, 2, 3].map((x) => roundingDivideByPOT(x, 1)),
      [-2, -1, -1, 0, 1, 1, 2],
    );
    fc.assert(
      fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, e) => {
        return roundingDivideByPOT(x, e) === big.rdbp(x, e);
      }),
      { numRuns: 5000 },
    );
  });

  it('multiplyByQuantizedMultiplier rounds the product, then the shift', () => {
    fc.assert(
      fc.property(int32, multiplier, fc.integer({ min: -31, max: 0 }), (x, m, shift) => {
        const expected = big.rdbp(big.srdhm(x, m), -shift);
        return multiplyByQuantizedMultiplier(x, { multiplier: m, shift }) === expected;
      }),
      { numRuns: 5000 },
    );
    // 1 * 0.75 -> 1 (first rounding), / 2 -> 1 (second): a single rounding of 0.375 would give 0.
    assert.equal(multiplyByQuantizedMultiplier(1, { multiplier: 0.75 * 2 ** 31, shift: -1 }), 1);
  });

  it('multiplyByQuantizedMultiplier shifts left before the product', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32768, max: 32767 }), multiplier, fc.nat({ max: 15 }), (x, m, shift) => {
        return multiplyByQuantizedMultiplier(x, { multiplier: m, shift }) === big.srdhm(x * 2 ** shift, m);
      }),
    );
  });

  it('multiplyByQuantizedMultiplier64 is the 64-bit definition on 48-bit accumulators', () => {
    const int48 = fc.oneof(fc.bigInt(-(2n ** 47n), 2n ** 47n - 1n), int32.map(BigInt));
    fc.assert(
      fc.property(int48, multiplier, fc.integer({ min: -31, max: 7 }), (x, m, shift) => {
        const expected = big.mbqm64(x, m, shift);
        return (
          multiplyByQuantizedMultiplier64(x, { multiplier: m, shift }) === expected &&
          multiplyByQuantizedMultiplier64(Number(x), { multiplier: m, shift }) === expected
        );
      }),
      { numRuns: 5000 },
    );
  });

  it('multiplyByQuantizedMultiplier64 refuses what the reference asserts against', () => {
    assert.throws(
      () => multiplyByQuantizedMultiplier64(2n ** 47n + 1n, { multiplier: MAX, shift: 0 }),
      RangeError,
    );
    assert.throws(() => multiplyByQuantizedMultiplier64(1, { multiplier: MAX, shift: 8 }), RangeError);
  });

  it('saturatingShiftLeft has a symmetric bound', () => {
    assert.equal(saturatingShiftLeft(2 ** 30 - 1, 1), MAX - 1);
    assert.equal(saturatingShiftLeft(2 ** 30, 1), MAX);
    assert.equal(saturatingShiftLeft(-(2 ** 30) + 1, 1), MIN + 2);
    assert.equal(saturatingShiftLeft(-(2 ** 30), 1), MIN);
  });

  it('the int16 products round or truncate, and saturate', () => {
    assert.equal(saturatingRoundingDoublingHighMul16(-32768, -32768), 32767);
    assert.equal(saturatingDoublingHighMul16(-32768, -32768), 32767);
    assert.equal(saturatingRoundingDoublingHighMul16(1, 16384), 1);
    assert.equal(saturatingDoublingHighMul16(1, 16384), 0);
    assert.equal(saturatingDoublingHighMul16(-3, 16384), -1);
    // The reference rounds half away from zero with a truncating division: (-16384 + 1 - 16384) / 32768 = 0.
    assert.equal(saturatingRoundingDoublingHighMul16(-1, 16384), 0);
  });
});
