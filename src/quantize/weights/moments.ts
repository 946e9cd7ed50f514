/** What the solvers know of a layer's inputs: means of products, summed up so that no input is kept. */
import { type Algebra, padded } from './algebra.js';

/** Of the inputs of one group of a layer: a layer in groups has one each, a depthwise layer one a channel. */
export interface Moments {
  readonly inputs: number;
  /** Rows (im2col rows: output positions) that were averaged. */
  readonly rows: number;
  /** Mean of x [inputs]. */
  readonly mean: Float64Array;
  /** Mean of x x^T [inputs, inputs]. */
  readonly second: Float64Array;
}

/** Of the inputs x that a quantized layer sees, and of y, those of the float layer at the same positions. */
export interface PairedMoments extends Moments {
  /** Of y. */
  readonly float: Moments;
  /** Mean of y x^T [inputs of y, inputs of x]. */
  readonly cross: Float64Array;
}

/** Rows that are summed up at once. */
const ROWS = 256;

/**
 * Sums of x y^T over rows. Each sum is taken row by row in order, so that it does not depend on how rows are split among
 * calls of `add`.
 */
class ProductSums {
  readonly products: Float64Array;

  constructor(
    private readonly algebra: Algebra,
    private readonly inputs: number,
  ) {
    this.products = new Float64Array(padded(inputs) ** 2);
  }

  add(x: Float32Array, y: Float32Array): void {
    const { inputs, algebra } = this;
    const width = padded(inputs);
    algebra.reserve(width * (width + 2 * ROWS));
    const sums = algebra.vector(width * width);
    sums.set(this.products);
    const space = algebra.vector(2 * ROWS * width);
    const rows = x.length / inputs;
    for (let first = 0; first < rows; first += ROWS) {
      const count = Math.min(ROWS, rows - first);
      const rowsOf = (values: Float32Array, start: number) => {
        const part = space.subarray(start, start + count * width);
        for (let r = 0; r < count; r++) {
          const at = (first + r) * inputs;
          part.set(values.subarray(at, at + inputs), r * width);
        }
        return part;
      };
      const left = rowsOf(x, 0);
      if (x === y) algebra.addSquare(sums, left, width);
      else algebra.addProduct(sums, left, rowsOf(y, ROWS * width), width, width);
    }
    this.products.set(sums);
  }

  /** Divided by `rows`, without padding. */
  mean(rows: number, isSymmetric: boolean): Float64Array {
    const { inputs } = this;
    const width = padded(inputs);
    const mean = new Float64Array(inputs * inputs);
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < inputs; j++) {
        const at = isSymmetric && j < i ? j * width + i : i * width + j;
        mean[i * inputs + j] = this.products[at]! / rows;
      }
    }
    return mean;
  }
}

/** Sums up rows [rows, inputs] of one group. */
export class MomentSums {
  #rows = 0;
  readonly #sum: Float64Array;
  readonly #products: ProductSums;

  constructor(
    algebra: Algebra,
    readonly inputs: number,
  ) {
    this.#sum = new Float64Array(inputs);
    this.#products = new ProductSums(algebra, inputs);
  }

  add(rows: Float32Array): void {
    addRows(this.#sum, rows);
    this.#products.add(rows, rows);
    this.#rows += rows.length / this.inputs;
  }

  moments(): Moments {
    const { inputs } = this;
    const rows = this.#rows;
    const mean = this.#sum.map((sum) => sum / rows);
    return { inputs, rows, mean, second: this.#products.mean(rows, true) };
  }
}

/** Sums up pairs of rows [rows, inputs]: of a quantized network and of the float network that it stands for. */
export class PairedSums {
  readonly #quantized: MomentSums;
  readonly #float: MomentSums;
  readonly #cross: ProductSums;

  constructor(
    algebra: Algebra,
    readonly inputs: number,
  ) {
    this.#quantized = new MomentSums(algebra, inputs);
    this.#float = new MomentSums(algebra, inputs);
    this.#cross = new ProductSums(algebra, inputs);
  }

  add(quantized: Float32Array, float: Float32Array): void {
    this.#quantized.add(quantized);
    this.#float.add(float);
    this.#cross.add(float, quantized);
  }

  moments(): PairedMoments {
    const quantized = this.#quantized.moments();
    const float = this.#float.moments();
    return { ...quantized, float, cross: this.#cross.mean(quantized.rows, false) };
  }
}

function addRows(sum: Float64Array, rows: Float32Array): void {
  const inputs = sum.length;
  for (let row = 0; row < rows.length; row += inputs) {
    for (let i = 0; i < inputs; i++) sum[i]! += rows[row + i]!;
  }
}

/** Moments of the float layer's inputs. */
export function floatMoments(moments: Moments | PairedMoments): Moments {
  return 'float' in moments ? moments.float : moments;
}
