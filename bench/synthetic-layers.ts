/** Layers that anyone can make again: correlated inputs behind a ReLU, weights with heavy tails. */
import type { Algebra } from '../src/quantize/weights/algebra.js';
import { MomentSums } from '../src/quantize/weights/moments.js';
import type { MeasuredLayer } from './solver-table.js';

/** Inputs and outputs: pointwise layers of a small and of a large network, windows of 3x3, and a fully connected layer. */
const SHAPES = [
  [32, 64],
  [64, 128],
  [128, 128],
  [144, 32],
  [288, 64],
  [256, 256],
  [384, 64],
  [640, 128],
] as const;

const ROWS = 2000;

/** @returns a layer a shape, solved on 2000 rows of inputs and tested on 2000 others */
export function syntheticLayers(algebra: Algebra): readonly MeasuredLayer[] {
  return SHAPES.map(([inputs, outputs], i) => {
    const normal = normalNumbers(i + 1);
    const sizes = Float64Array.from({ length: inputs }, () => 10 ** uniform(normal()));
    const means = Float64Array.from({ length: inputs }, () => 0.5 * normal());
    const factors = Math.ceil(inputs / 4);
    const loadings = Float64Array.from({ length: inputs * factors }, () => normal() / Math.sqrt(factors));
    const momentsOf = () => {
      const rows = new Float32Array(ROWS * inputs);
      for (let row = 0; row < ROWS; row++) {
        const common = Float64Array.from({ length: factors }, normal);
        for (let input = 0; input < inputs; input++) {
          let x = means[input]! + 0.3 * normal();
          for (let f = 0; f < factors; f++) x += loadings[input * factors + f]! * common[f]!;
          rows[row * inputs + input] = Math.max(0, x * sizes[input]!);
        }
      }
      const sums = new MomentSums(algebra, inputs);
      sums.add(rows);
      return sums.moments();
    };
    const weights = Float32Array.from(
      { length: outputs * inputs },
      (_, at) => (normal() * Math.exp(0.5 * normal())) / Math.sqrt(sizes[at % inputs]!),
    );
    return { weights, groups: [momentsOf()], test: [momentsOf()] };
  });
}

/** Of a normal number, within -1 and 1: two decades as a power of ten. */
function uniform(normal: number): number {
  return Math.tanh(0.8 * normal);
}

/** Normal numbers by Box and Muller's transform of a linear congruential generator. */
function normalNumbers(seed: number): () => number {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}
