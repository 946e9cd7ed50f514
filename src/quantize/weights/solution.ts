/** Codes and scales of a filter's rows, with the products that tell at once what a change is worth. */
import type { Problem } from './problem.js';

export class Solution {
  /** [rows, inputs] */
  readonly codes: Int16Array;
  /** [rows], as float32 numbers */
  readonly scales: Float64Array;

  /** Begins with codes of zero. */
  constructor(readonly problem: Problem) {
    problem.products.fill(0);
    this.codes = new Int16Array(problem.rows * problem.inputs);
    this.scales = new Float64Array(problem.rows).fill(1);
  }

  /** Sets a code and keeps `second` times the row's codes true. */
  set(row: number, column: number, code: number): void {
    const { algebra, products, second, inputs, width } = this.problem;
    const at = row * inputs + column;
    const step = code - this.codes[at]!;
    if (step === 0) return;
    this.codes[at] = code;
    algebra.addScaledPart(products, row * width, second, column * width, step, width);
  }

  /** Takes a row's codes as they are. */
  load(row: number, codes: ArrayLike<number>): void {
    for (let i = 0; i < this.problem.inputs; i++) this.set(row, i, codes[i]!);
  }

  /** Takes the scale that is best for the row's codes, where that is positive. Returns whether it changed. */
  fitScale(row: number): boolean {
    const { overlap, power } = this.#sums(row);
    const scale = Math.fround(overlap / power);
    if (!(scale > 0 && scale < Number.POSITIVE_INFINITY) || scale === this.scales[row]) return false;
    this.scales[row] = scale;
    return true;
  }

  /** How far the row's error lies below that of a row of zeros: the larger the better. */
  gain(row: number): number {
    const { overlap, power } = this.#sums(row);
    const scale = this.scales[row]!;
    return scale * (2 * overlap - scale * power);
  }

  #sums(row: number): { readonly overlap: number; readonly power: number } {
    const { inputs, width, linear, products } = this.problem;
    let overlap = 0;
    let power = 0;
    for (let i = 0; i < inputs; i++) {
      const code = this.codes[row * inputs + i]!;
      overlap += code * linear[row * width + i]!;
      power += code * products[row * width + i]!;
    }
    return { overlap, power };
  }
}
