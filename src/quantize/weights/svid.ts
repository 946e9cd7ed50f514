/** Binary weights with a scale a row and a factor an input channel: OneBit's sign-value-independent decomposition (arXiv 2402.11295). */
import type { Algebra } from './algebra.js';
import { GRIDS } from './grid.js';
import type { Moments, PairedMoments } from './moments.js';
import { type QuantizedWeights, quantizeWeights, type RelativeErrors } from './solve.js';

const ITERATIONS = 30;

export interface BinaryWeights extends QuantizedWeights, RelativeErrors {
  /** What each channel of the layer's input is multiplied by [channels]: positive float32 numbers, with mean square 1. */
  readonly factors: Float64Array;
}

/**
 * The factors are the right side of the rank-one matrix nearest to the weights' magnitudes; signs and scales are then solved for, on
 * inputs that are multiplied by them.
 * @param weights [rows, taps, channels], of a layer in one group
 */
export function quantizeBySigns(
  algebra: Algebra,
  weights: Float32Array,
  moments: Moments | PairedMoments,
  channels: number,
): BinaryWeights {
  const factors = rankOneFactors(weights, moments.inputs, channels);
  const divided = weights.map((weight, i) => weight / factors[i % channels]!);
  const group = scaleInputs(moments, factors);
  return { factors, ...quantizeWeights(algebra, { weights: divided, groups: [group] }, GRIDS.binary) };
}

/** Power iteration on [rows, channels] of magnitudes, a row's taps taken together. */
function rankOneFactors(weights: Float32Array, inputs: number, channels: number): Float64Array {
  let right = new Float64Array(channels).fill(1);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const left = new Float64Array(weights.length / inputs);
    weights.forEach((weight, i) => {
      left[Math.floor(i / inputs)]! += Math.abs(weight) * right[i % channels]!;
    });
    const next = new Float64Array(channels);
    weights.forEach((weight, i) => {
      next[i % channels]! += Math.abs(weight) * left[Math.floor(i / inputs)]!;
    });
    const norm = Math.sqrt(next.reduce((sum, value) => sum + value ** 2, 0) / channels);
    // A channel without weights may keep its inputs; all of them may have none.
    right = next.map((value) => Math.fround(value / norm) || 1);
  }
  return right;
}

/** Moments of inputs times factors; the float layer's weights are divided by them, its inputs are multiplied as well. */
function scaleInputs<T extends Moments | PairedMoments>(moments: T, factors: Float64Array): T {
  const factor = (i: number) => factors[i % factors.length]!;
  const { inputs } = moments;
  const scaled = (products: Float64Array) =>
    products.map((product, at) => product * factor(Math.floor(at / inputs)) * factor(at % inputs));
  const own = { mean: moments.mean.map((x, i) => x * factor(i)), second: scaled(moments.second) };
  if (!('float' in moments)) return { ...moments, ...own };
  return { ...moments, ...own, cross: scaled(moments.cross), float: scaleInputs(moments.float, factors) };
}
