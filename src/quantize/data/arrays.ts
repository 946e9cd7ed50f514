import { mismatch, sameButOnes } from '../../data/mismatch.js';
import type { NpyArray } from '../../data/npy.js';
import { elementCount, type Tensor } from '../../graph/tensor.js';
import { realsOfPixels } from './pixels.js';
import type { Preprocess } from './preprocess.js';
import type { Source } from './source.js';

/** One inference: real values, or pixels where it holds uint8. */
export function realsOfArray(
  tensor: Tensor,
  array: NpyArray,
  preprocess: Preprocess,
  path: string,
): Float32Array {
  if (!sameButOnes(array.shape, tensor.shape))
    throw mismatch(tensor, path, `it has shape [${array.shape.join(', ')}]`);
  return realsOf(tensor, array, preprocess, path);
}

/** Inferences along the first dimension of an array, or a single one. */
export function arraySource(tensor: Tensor, array: NpyArray, preprocess: Preprocess, path: string): Source {
  const single = sameButOnes(array.shape, tensor.shape);
  const [count = 0, ...shape] = single ? [1, ...array.shape] : array.shape;
  if (!sameButOnes(shape, tensor.shape))
    throw mismatch(
      tensor,
      path,
      `it has shape [${array.shape.join(', ')}], which is no batch of what the input takes`,
    );
  const length = elementCount(shape);
  return {
    names: Array.from({ length: count }, (_, i) => `${path}[${i}]`),
    read: (i) => {
      const data = array.data.subarray(i * length, (i + 1) * length);
      return realsOf(tensor, { ...array, shape, data }, preprocess, path);
    },
  };
}

function realsOf(tensor: Tensor, { type, data }: NpyArray, preprocess: Preprocess, path: string) {
  if (data instanceof Float32Array) return data;
  if (type === 'uint8') return realsOfPixels(tensor, data as Uint8Array, preprocess, path);
  throw mismatch(tensor, path, `it holds ${type}`);
}
