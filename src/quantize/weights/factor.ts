import { padded } from './algebra.js';
import type { Problem } from './problem.js';

/**
 * Writes the upper triangular M with M M^T = `second`, rows and columns in the problem's order, to `spare`: a Cholesky
 * factorization from the last column to the first. Columns without power, where there is no damping, become zero.
 */
export function factor({ second, spare, order, inputs, width, algebra }: Problem): void {
  spare.fill(0);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j <= i; j++) spare[i * width + j] = second[order[i]! * width + order[j]!]!;
  }
  // Row j of the lower triangle becomes column j of M.
  for (let j = inputs - 1; j >= 0; j--) {
    const row = j * width;
    const pivot = spare[row + j]!;
    const divisor = pivot > 0 ? 1 / Math.sqrt(pivot) : 0;
    for (let i = 0; i <= j; i++) spare[row + i]! *= divisor;
    for (let i = 0; i < j; i++) {
      const factor = spare[row + i]!;
      if (factor !== 0) algebra.addScaledPart(spare, i * width, spare, row, -factor, padded(i + 1));
    }
  }
  for (let i = 0; i < inputs; i++) {
    for (let j = i + 1; j < inputs; j++) {
      spare[i * width + j] = spare[j * width + i]!;
      spare[j * width + i] = 0;
    }
  }
}
