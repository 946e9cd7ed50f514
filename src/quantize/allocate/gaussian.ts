import { xorshift32 } from '../../numerics/xorshift32.js';

const TERMS = 12;

/** Numbers of mean 0 and deviation 1, nearly normal: sums of twelve uniform ones, exact on every machine as no logarithm is. */
export function gaussian(seed: number): () => number {
  const next = xorshift32(seed);
  return () => {
    let sum = 0;
    for (let i = 0; i < TERMS; i++) sum += (next() >>> 8) / 2 ** 24;
    return sum - TERMS / 2;
  };
}
