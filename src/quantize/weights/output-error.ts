/** What quantized weights cost: the part of a layer's output power that is error. */
import { type Algebra, padded } from './algebra.js';
import { floatMoments, type Moments, type PairedMoments } from './moments.js';

/** Of a group's rows; in squares of the unit of the outputs. */
export interface OutputErrors {
  /** Mean squares of the error [rows]. */
  readonly errors: Float64Array;
  /** Mean squares of the float layer's output without its bias [rows]. */
  readonly powers: Float64Array;
}

/**
 * E (w.y - q.x - offset)^2 and E (w.y)^2 for each row w of `weights` and q of `quantized`, both [rows, inputs].
 * @param offsets what the bias of each row adds (`bias.ts`)
 */
export function outputErrors(
  algebra: Algebra,
  weights: Float32Array,
  quantized: Float64Array,
  moments: Moments | PairedMoments,
  offsets: Float64Array,
): OutputErrors {
  const float = floatMoments(moments);
  const cross = 'float' in moments ? moments.cross : moments.second;
  const powers = quadraticForms(algebra, weights, float.second, weights);
  const shared = quadraticForms(algebra, weights, cross, quantized);
  const own = quadraticForms(algebra, quantized, moments.second, quantized);
  const means = meanErrors(weights, quantized, moments);
  const errors = powers.map((power, n) => {
    const offset = offsets[n]!;
    return Math.max(0, power - 2 * shared[n]! + own[n]! + offset * (offset - 2 * means[n]!));
  });
  return { errors, powers };
}

/** Means of w.y - q.x [rows]: what corrects the layer's bias. */
export function meanErrors(
  weights: ArrayLike<number>,
  quantized: ArrayLike<number>,
  moments: Moments | PairedMoments,
): Float64Array {
  const { inputs, mean } = moments;
  const float = floatMoments(moments).mean;
  return Float64Array.from({ length: weights.length / inputs }, (_, n) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) {
      sum += weights[n * inputs + i]! * float[i]! - quantized[n * inputs + i]! * mean[i]!;
    }
    return sum;
  });
}

/** left[n] . matrix right[n] for each row n. */
function quadraticForms(
  algebra: Algebra,
  left: ArrayLike<number>,
  matrix: Float64Array,
  right: ArrayLike<number>,
): Float64Array {
  const inputs = Math.sqrt(matrix.length);
  const rows = left.length / inputs;
  const width = padded(inputs);
  const height = padded(rows);
  algebra.reserve(inputs * (width + height) + height * width);
  const aligned = algebra.vector(inputs * width);
  const transposed = algebra.vector(inputs * height);
  const products = algebra.vector(height * width);
  for (let i = 0; i < inputs; i++) {
    aligned.set(matrix.subarray(i * inputs, (i + 1) * inputs), i * width);
    for (let n = 0; n < rows; n++) transposed[i * height + n] = left[n * inputs + i]!;
  }
  algebra.addProduct(products, transposed, aligned, height, width);
  return Float64Array.from({ length: rows }, (_, n) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += products[n * width + i]! * right[n * inputs + i]!;
    return sum;
  });
}
