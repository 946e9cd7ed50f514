import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findAffineSum } from '../../src/kernels/elementwise/affine_sum.js';
import { clamp } from '../../src/numerics/fixed-point.js';
import { addParameters, scaledSum, subParameters } from '../../src/numerics/scales.js';

const scale = fc.double({ min: 0.002, max: 0.1, noNaN: true }).map(Math.fround);
const zeroPoint = fc.integer({ min: -128, max: 127 });
const WHOLE = { min: -128, max: 127 };

interface Sum {
  readonly scales: readonly [number, number, number];
  readonly zeroPoints: readonly [number, number, number];
  readonly sign: 1 | -1;
  readonly bounds: { readonly min: number; readonly max: number };
}

/** TFLM's result for every pair of codes. */
function reference({ scales, zeroPoints, sign, bounds }: Sum): Int8Array {
  const parameters = (sign > 0 ? addParameters : subParameters)(...scales, 'int8');
  const [za, zb, zy] = zeroPoints;
  return Int8Array.from({ length: 65536 }, (_, i) =>
    clamp(
      scaledSum((i >> 8) - 128 - za, (i & 255) - 128 - zb, sign, parameters) + zy,
      bounds.min,
      bounds.max,
    ),
  );
}

function search(sum: Sum) {
  const [a, b, y] = sum.scales;
  return findAffineSum(reference(sum), a / y, (sum.sign * b) / y, sum.bounds);
}

/** What the kernel computes, in 32-bit arithmetic. */
function assertEqualsReference(sum: Sum): void {
  const found = search(sum);
  if (!found) return;
  const { slopeA, slopeB, offset, shift } = found;
  const expected = reference(sum);
  for (let i = 0; i < 65536; i++) {
    const total = (Math.imul(slopeA, (i >> 8) - 128) + offset + Math.imul(slopeB, (i & 255) - 128)) | 0;
    assert.equal(clamp(total >> shift, sum.bounds.min, sum.bounds.max), expected[i], `pair ${i}`);
  }
}

describe('the short form of int8 ADD and SUB', () => {
  const sums = fc.record({
    scales: fc.tuple(scale, scale, scale),
    zeroPoints: fc.tuple(zeroPoint, zeroPoint, zeroPoint),
    sign: fc.constantFrom<1 | -1>(1, -1),
    bounds: fc.constantFrom(WHOLE, { min: -10, max: 90 }, { min: 4, max: 4 }),
  });

  it('gives what the reference gives for every pair of codes', () => {
    fc.assert(fc.property(sums, assertEqualsReference), { numRuns: 20 });
  });

  it('rounds ties away from zero on both sides of it', () => {
    const sum: Sum = { scales: [0.5, 0.5, 1], zeroPoints: [0, 0, 0], sign: 1, bounds: WHOLE };
    assert.notEqual(search(sum), null);
    assertEqualsReference(sum);
  });

  it('is found for the additions of a residual network', () => {
    const scales: readonly (readonly [number, number, number])[] = [
      [0.03939355, 0.10419496, 0.050945673],
      [0.044761427, 0.11311884, 0.053236216],
      [0.0838583, 0.2172436, 0.12706915],
    ];
    for (const triple of scales) {
      const [a, b, y] = triple;
      const exact = [Math.fround(a), Math.fround(b), Math.fround(y)] as const;
      const sum: Sum = { scales: exact, zeroPoints: [-128, 4, -128], sign: 1, bounds: WHOLE };
      assert.notEqual(search(sum), null);
      assertEqualsReference(sum);
    }
  });

  it('is refused where no line fits', () => {
    const steps = Int8Array.from({ length: 65536 }, (_, i) => (i & 256 ? 50 : -50));
    assert.equal(findAffineSum(steps, 1, 1, WHOLE), null);
  });
});
