/** The least-squares problem that the solvers of a layer's weights share. */
import { type Algebra, padded } from './algebra.js';
import type { Moments, PairedMoments } from './moments.js';

/**
 * For each row w [inputs] of a filter, find codes c and a scale s that minimise the output error
 *
 *     E (w.y - s c.x)^2  =  constant - 2 s c.linear + s^2 c.(second c)
 *
 * where x are the layer's inputs and y those of the float layer: x itself unless moments of pairs are given.
 */
export interface Problem {
  readonly algebra: Algebra;
  readonly rows: number;
  readonly inputs: number;
  /** Elements from one row of `second`, `linear` or `products` to the next. */
  readonly width: number;
  /** [rows, inputs] */
  readonly weights: Float32Array;
  /** [inputs, width] */
  readonly second: Float64Array;
  /** [rows, width] */
  readonly linear: Float64Array;
  /** Room for `second` times the codes of a solution: [rows, width]. */
  readonly products: Float64Array;
  /** Room for a matrix such as `second`. */
  readonly spare: Float64Array;
  /** Room for ROWS_AT_ONCE rows of `linear`. */
  readonly carried: Float64Array;
  /** Columns from the most to the least power: what is rounded first is made good by those behind. */
  readonly order: Int32Array;
}

export interface ProblemOptions {
  /** Whether the mean of the error counts for nothing because a bias takes it (`bias.ts`). Default: true. */
  readonly hasBias?: boolean;
  /**
   * Noise that each input is taken to have, as a part of the mean power of inputs. It holds codes near the weights where
   * calibration data say little. Default: 0.001.
   */
  readonly damping?: number;
}

/** Rows that a solver goes through column by column together, so that it reads a column's moments once for all of them. */
export const ROWS_AT_ONCE = 16;

/**
 * Lays the problem of one group of filter rows out in `algebra`, which forgets the problem before.
 * @param weights [rows, inputs]
 */
export function problemOf(
  algebra: Algebra,
  weights: Float32Array,
  moments: Moments | PairedMoments,
  { hasBias = true, damping = 0.001 }: ProblemOptions = {},
): Problem {
  const { inputs, mean } = moments;
  const rows = weights.length / inputs;
  const width = padded(inputs);
  const height = padded(rows);
  algebra.reserve(2 * inputs * width + 2 * height * width + inputs * height + ROWS_AT_ONCE * width);

  /** Means of products, less the product of means that a bias takes. */
  const centred = (products: Float64Array, left: Float64Array) => {
    const matrix = algebra.vector(inputs * width);
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < inputs; j++) {
        const taken = hasBias ? left[i]! * mean[j]! : 0;
        matrix[i * width + j] = products[i * inputs + j]! - taken;
      }
    }
    return matrix;
  };
  const addNoise = (matrix: Float64Array, noise: number) => {
    for (let i = 0; i < inputs; i++) matrix[i * (width + 1)]! += noise;
  };

  const second = centred(moments.second, mean);
  const noise = (damping * trace(second, inputs, width)) / inputs;
  addNoise(second, noise);
  const spare =
    'float' in moments ? centred(moments.cross, moments.float.mean) : algebra.vector(inputs * width);
  if ('float' in moments) addNoise(spare, noise);
  else spare.set(second);
  const linear = algebra.vector(height * width);
  const transposed = algebra.vector(inputs * height);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < inputs; i++) transposed[i * height + n] = weights[n * inputs + i]!;
  }
  algebra.addProduct(linear, transposed, spare, height, width);
  const products = algebra.vector(height * width);
  const carried = algebra.vector(ROWS_AT_ONCE * width);
  const order = byPower(second, inputs, width);
  return { algebra, rows, inputs, width, weights, second, linear, products, spare, carried, order };
}

function trace(matrix: Float64Array, inputs: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < inputs; i++) sum += matrix[i * (width + 1)]!;
  return sum;
}

function byPower(matrix: Float64Array, inputs: number, width: number): Int32Array {
  const power = (i: number) => matrix[i * (width + 1)]!;
  return Int32Array.from({ length: inputs }, (_, i) => i).sort((a, b) => power(b) - power(a) || a - b);
}
