/** Small layers for tests of the weight solvers, and their sums in plain TypeScript. */
import fc from 'fast-check';
import { Algebra } from '../../src/quantize/weights/algebra.js';
import { MomentSums, type Moments } from '../../src/quantize/weights/moments.js';

export const algebra = await Algebra.load();

export interface SmallLayer {
  readonly inputs: number;
  /** [rows, inputs] */
  readonly weights: Float32Array;
  /** im2col rows [positions, inputs] */
  readonly x: Float32Array;
}

export const POSITIONS = 12;

/** Layers of 1 to `mostInputs` inputs and 1 to 3 rows: weights and inputs are eighths, one input may never be other than zero. */
export function smallLayer(mostInputs: number): fc.Arbitrary<SmallLayer> {
  const eighths = (length: number) =>
    fc.array(fc.integer({ min: -24, max: 24 }), { minLength: length, maxLength: length });
  return fc
    .tuple(fc.integer({ min: 1, max: mostInputs }), fc.integer({ min: 1, max: 3 }), fc.boolean())
    .chain(([inputs, rows, isDead]) =>
      fc.tuple(eighths(inputs * rows), eighths(inputs * POSITIONS)).map(([weights, x]) => ({
        inputs,
        weights: Float32Array.from(weights, (w) => w / 8),
        x: Float32Array.from(x, (value, i) => (isDead && i % inputs === 0 ? 0 : Math.max(0, value + 8) / 8)),
      })),
    );
}

export function momentsOf(x: Float32Array, inputs: number): Moments {
  const sums = new MomentSums(algebra, inputs);
  sums.add(x);
  return sums.moments();
}

/** E (w.x - q.x - offset)^2 over the rows of `x`. */
export function meanSquare(x: Float32Array, w: ArrayLike<number>, q: ArrayLike<number>, offset = 0): number {
  const inputs = w.length;
  const rows = x.length / inputs;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let error = -offset;
    for (let i = 0; i < inputs; i++) error += (w[i]! - q[i]!) * x[row * inputs + i]!;
    sum += error ** 2;
  }
  return sum / rows;
}
