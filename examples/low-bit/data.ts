import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type DigitSet, loadDigits } from '../digits/mnist.js';

export const DATA_SETS = ['digits', 'fashion'] as const;

/** Which pictures a network tells apart: handwritten digits (MNIST) or clothes (Fashion-MNIST). Both are 28 x 28 grey values, ten classes. */
export type DataSet = (typeof DATA_SETS)[number];

/** Where Debian's package `dataset-fashion-mnist` puts its files. */
const FASHION = '/usr/share/datasets/fashion-mnist';

export const hasFashion = (): boolean => existsSync(FASHION);

/** One half of a data set. Throws where the package that has it is not installed. */
export function loadSet(set: DataSet, half: 'train' | 't10k'): DigitSet {
  if (set === 'digits') return loadDigits(half);
  if (!hasFashion()) throw new Error('Install the Debian package dataset-fashion-mnist');
  // IDX files: 16 and 8 bytes of header.
  const read = (what: string) => gunzipSync(readFileSync(`${FASHION}/${half}-${what}-ubyte.gz`));
  const pixels = new Uint8Array(read('images-idx3').subarray(16));
  const labels = new Uint8Array(read('labels-idx1').subarray(8));
  return { count: labels.length, pixels, labels };
}
