import { elementCount } from '../../graph/tensor.js';
import { permutedIndices, picked } from './arrays.js';
import type { OnnxTensor } from './model.js';
import type { RealConstant } from './values.js';

/**
 * A constant without DequantizeLinear as real numbers: integers have the scale 1; of floats, each is a code 1 of its own scale, with the
 * sign in the code.
 */
export function realConstant({ name, type, shape, data }: OnnxTensor): RealConstant {
  const floats = type === 'float' || type === 'double' || type === 'float16' || type === 'bfloat16';
  const codes = Int32Array.from(data, floats ? Math.sign : (value) => value);
  const scales = floats ? Float32Array.from(data, Math.abs) : new Float32Array(data.length).fill(1);
  return { kind: 'real constant', name, shape, codes, scales };
}

/** The real numbers, in double precision. */
export function realsOf({ codes, scales }: RealConstant): Float64Array {
  return Float64Array.from(codes, (code, i) => code * scales[i]!);
}

/** The constant whose dimension i is dimension perm[i] of `constant`. */
export function transposedConstant(constant: RealConstant, perm: readonly number[]): RealConstant {
  const indices = permutedIndices(constant.shape, perm);
  return {
    ...constant,
    shape: perm.map((d) => constant.shape[d]!),
    codes: picked(constant.codes, indices),
    scales: picked(constant.scales, indices),
  };
}

/** The common value of all elements, or null. */
export function uniform(constant: RealConstant): number | null {
  const reals = realsOf(constant);
  const [first] = reals;
  return first !== undefined && reals.every((value) => value === first) ? first : null;
}

/**
 * DequantizeLinear of a constant: one scale for all, one an index of `axis`, or one for each block of `block` indices of it.
 * Null where scales and zero points do not fit the shape.
 */
export function dequantized(
  codes: OnnxTensor,
  scales: OnnxTensor,
  zeroPoints: OnnxTensor | null,
  axis: number,
  block: number,
): RealConstant | null {
  const { name, shape } = codes;
  const index = scaleIndex(shape, scales, axis, block);
  if (!index || (zeroPoints && zeroPoints.data.length !== scales.data.length)) return null;
  return {
    kind: 'real constant',
    name,
    shape,
    codes: Int32Array.from(codes.data, (code, i) => code - (zeroPoints?.data[index(i)] ?? 0)),
    scales: Float32Array.from(codes.data, (_, i) => scales.data[index(i)]!),
  };
}

/** From an element's index to that of its scale. */
export function scaleIndex(
  shape: readonly number[],
  scales: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  axis: number,
  block: number,
): ((i: number) => number) | null {
  if (scales.data.length === 1) return () => 0;
  const size = shape[axis];
  if (size === undefined) return null;
  const inner = elementCount(shape.slice(axis + 1));
  if (block === 0) {
    return scales.data.length === size ? (i) => Math.floor(i / inner) % size : null;
  }
  const blocks = Math.ceil(size / block);
  const expected = shape.map((s, d) => (d === axis ? blocks : s));
  const fits = expected.length === scales.shape.length && expected.every((s, d) => s === scales.shape[d]);
  if (!fits) return null;
  return (i) => {
    const outer = Math.floor(i / (inner * size));
    const along = Math.floor((Math.floor(i / inner) % size) / block);
    return (outer * blocks + along) * inner + (i % inner);
  };
}
