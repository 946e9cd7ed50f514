/** Noise in place of calibration data: enough to choose ranges roughly, and always called noise in reports. */
import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, shortName, tensorAt } from '../../graph/graph.js';
import { elementCount, type Tensor } from '../../graph/tensor.js';
import { xorshift32 } from '../../numerics/xorshift32.js';
import { imageSize, realsOfPixels } from './pixels.js';
import type { Preprocess } from './preprocess.js';
import type { Size } from './resample.js';
import { type Calibration, checkFloat } from './source.js';

export interface NoiseOptions {
  readonly count: number;
  /** The same seed gives the same noise, on every machine. */
  readonly seed: number;
}

/** Correlation of each channel with the brightness that all share: those of photos are alike. */
const ALIKE = 0.9;

/**
 * Pink noise for images, in the declared range of pixels: each octave of size has the same energy, as in photos. White noise for
 * other inputs: samples over the whole range where sound is declared, else values of mean 0 and deviation 1.
 * @throws BitloomError BL503 where an input is not float32, BL610 where an input may be an image and nothing is declared for it
 */
export function noiseCalibration(
  graph: Graph,
  preprocess: Preprocess,
  { count, seed }: NoiseOptions,
): Calibration {
  checkFloat(graph);
  const tensors = graph.inputs.map((id) => tensorAt(graph, id));
  const inferences = Array.from({ length: count }, (_, k) => {
    const words = xorshift32(seed * count + k);
    const uniform = () => words() / 2 ** 31;
    // The first words of near seeds are alike.
    for (let i = 0; i < 8; i++) uniform();
    return tensors.map((tensor) => noise(tensor, preprocess, uniform));
  });
  const colour = tensors.some((tensor) => pictured(tensor)) ? 'pink' : 'white';
  return { inferences, names: inferences.map((_, k) => `${colour} noise ${k}`) };
}

/** The size of what may be an image. */
function pictured(tensor: Tensor): Size | null {
  const size = imageSize(tensor);
  return size && size.width > 1 && size.height > 1 ? size : null;
}

/** @param uniform the next number of -1 to 1 */
function noise(tensor: Tensor, preprocess: Preprocess, uniform: () => number): Float32Array {
  const size = pictured(tensor);
  if (size) {
    if (!preprocess.image)
      throw new BitloomError(
        'BL610',
        `noise for input '${shortName(tensor.name)}' needs the real values of pixels 0 and 255`,
        'Declare them, e.g. --pixels 0..1; for features, which noise does not resemble, give data with --calibrate',
      );
    return realsOfPixels(tensor, pinkPixels(size, tensor.shape.at(-1)!, uniform), preprocess, 'noise');
  }
  const range = preprocess.sound ? 32768 * preprocess.sound.scale : Math.sqrt(3);
  return Float32Array.from({ length: elementCount(tensor.shape) }, () => range * uniform());
}

/** An image of pink noise with a brightness and contrast of its own, [height, width, channels]. */
function pinkPixels(size: Size, channels: number, uniform: () => number): Uint8ClampedArray {
  const brightness = 128 + 64 * uniform();
  const contrast = 48 + 24 * uniform();
  const shared = pinkField(size, uniform);
  const out = new Uint8ClampedArray(shared.length * channels);
  for (let c = 0; c < channels; c++) {
    const own = channels > 1 ? pinkField(size, uniform) : null;
    for (let i = 0; i < shared.length; i++) {
      const value = own ? ALIKE * shared[i]! + Math.sqrt(1 - ALIKE ** 2) * own[i]! : shared[i]!;
      out[i * channels + c] = brightness + contrast * value;
    }
  }
  return out;
}

/** Sum of grids of random values, each of twice as many cells as the one before, between which it is linear; deviation about 1. */
function pinkField({ width, height }: Size, uniform: () => number): Float64Array {
  const field = new Float64Array(width * height);
  for (let cell = Math.max(width, height); cell >= 1; cell /= 2) {
    const columns = Math.ceil(width / cell) + 1;
    const rows = Math.ceil(height / cell) + 1;
    const grid = Float64Array.from({ length: rows * columns }, uniform);
    for (let y = 0; y < height; y++) {
      const row = Math.floor(y / cell);
      const v = y / cell - row;
      for (let x = 0; x < width; x++) {
        const column = Math.floor(x / cell);
        const u = x / cell - column;
        const at = row * columns + column;
        const top = (1 - u) * grid[at]! + u * grid[at + 1]!;
        const bottom = (1 - u) * grid[at + columns]! + u * grid[at + columns + 1]!;
        field[y * width + x]! += (1 - v) * top + v * bottom;
      }
    }
  }
  return field;
}
