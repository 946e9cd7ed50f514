import { Matmul } from './execute/matmul.js';
import { Algebra } from './weights/algebra.js';

/** What computes: products of float32 for layers, sums of float64 for solvers. Neither is for two at once. */
export interface Tools {
  readonly matmul: Matmul;
  readonly algebra: Algebra;
}

export async function loadTools(): Promise<Tools> {
  return { matmul: await Matmul.create(), algebra: await Algebra.load() };
}
