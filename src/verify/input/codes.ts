import { BitloomError } from '../../graph/diagnostics.js';
import {
  allocate,
  INTEGER_RANGE,
  scaleOf,
  type Tensor,
  type TypedArray,
  zeroPointOf,
} from '../../graph/tensor.js';

/** Relative difference that still counts as the same range: converters round scales in several ways. */
const TOLERANCE = 0.02;

/** How images are usually normalized: the real values of pixels 0 and 255. */
const NORMALIZATIONS = [
  { low: 0, high: 1, real: (pixel: number) => pixel / 255 },
  { low: -1, high: 1, real: (pixel: number) => pixel / 127.5 - 1 },
  { low: 0, high: 255, real: (pixel: number) => pixel },
  { low: -128, high: 127, real: (pixel: number) => pixel - 128 },
];

/**
 * Real values to what the tensor stores: themselves for float32, else codes, rounded to nearest with ties away
 * from zero in float32 and clamped, as TFLite quantizes.
 */
export function codesOfReals(tensor: Tensor, reals: ArrayLike<number>): TypedArray {
  const { type } = tensor.format;
  const out = allocate(type, reals.length);
  if (out instanceof BigInt64Array) throw unquantized(tensor);
  if (type === 'float32') {
    out.set(reals);
    return out;
  }
  if (!(type in INTEGER_RANGE) || tensor.format.scales.length === 0) throw unquantized(tensor);
  const { min, max } = INTEGER_RANGE[type as keyof typeof INTEGER_RANGE];
  const scale = scaleOf(tensor);
  const zeroPoint = zeroPointOf(tensor);
  for (let i = 0; i < reals.length; i++) {
    const steps = Math.fround(Math.fround(reals[i]!) / scale);
    const rounded = Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5);
    out[i] = Math.min(max, Math.max(min, rounded + zeroPoint));
  }
  return out;
}

/**
 * Pixels of 0 to 255 to what the tensor stores. A uint8 tensor takes them as they are. An int8 tensor says by the
 * range of real values that its codes span how pixels were normalized: 0..1, -1..1, 0..255 or -128..127.
 * @throws BitloomError BL503 where the tensor's range is another one, or it is not of 8 bits
 */
export function codesOfImage(tensor: Tensor, pixels: Uint8Array, path: string): TypedArray {
  const { type, scales } = tensor.format;
  if (type === 'uint8') return pixels;
  if (type === 'int8' && scales.length === 1) {
    const real = (code: number) => scaleOf(tensor) * (code - zeroPointOf(tensor));
    const [low, high] = [real(-128), real(127)];
    const near = (a: number, b: number) => Math.abs(a - b) <= TOLERANCE * (high - low);
    const found = NORMALIZATIONS.find((n) => near(n.low, low) && near(n.high, high));
    if (found) return codesOfReals(tensor, Float32Array.from(pixels, found.real));
  }
  throw new BitloomError(
    'BL503',
    `'${path}' is an image, but input '${tensor.name}' (${type}) does not say how its pixels were normalized`,
    'Normalize as in training and give a float32 .npy',
  );
}

function unquantized(tensor: Tensor): BitloomError {
  return new BitloomError(
    'BL503',
    `real values for input '${tensor.name}', which is ${tensor.format.type} without a scale`,
    'Give its elements as they are, in .bin or a .npy of its type',
  );
}
