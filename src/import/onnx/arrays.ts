import { elementCount } from '../../graph/tensor.js';

/** For each element of an array with the dimensions `perm` of `shape`, in row-major order, its index in the array of `shape`. */
export function permutedIndices(shape: readonly number[], perm: readonly number[]): Int32Array {
  const strides = shape.map((_, d) => elementCount(shape.slice(d + 1)));
  return stridedIndices(
    perm.map((d) => shape[d]!),
    perm.map((d) => strides[d]!),
  );
}

/** For each index of `shape`, in row-major order, `offset` plus the sum of index times stride. */
export function stridedIndices(shape: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const out = new Int32Array(elementCount(shape));
  if (out.length === 0) return out;
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = at;
    for (let d = shape.length - 1; d >= 0; d--) {
      at += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      at -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** The elements of `data` at `indices`, in an array of the same kind. */
export function picked<T extends Int8Array | Int16Array | Int32Array | Float32Array>(
  data: T,
  indices: Int32Array,
): T {
  const out = new (data.constructor as new (length: number) => T)(indices.length);
  for (const [i, from] of indices.entries()) out[i] = data[from]!;
  return out;
}
