import type { Image } from '../../data/png.js';

/** A part of an image, in pixels that need not be whole. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** By which pixels of a line an output pixel is weighed. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * A box of an image at another size: bilinear, with the triangle widened where the image shrinks so that every pixel counts, as
 * Pillow, torchvision and `tf.image.resize(antialias=True)` have it. Rounded once, to the nearest.
 * @returns red, green and blue of each pixel: width * height * 3
 */
export function resample({ width: stride, height, rgba }: Image, box: Box, to: Size): Uint8Array {
  const columns = tapsOf(stride, box.x, box.width, to.width);
  const rows = tapsOf(height, box.y, box.height, to.height);
  const narrow = new Float32Array(height * to.width * 3);
  const top = rows[0]!.first;
  const bottom = rows.at(-1)!.first + rows.at(-1)!.weights.length;
  for (let y = top; y < bottom; y++) {
    for (const [x, { first, weights }] of columns.entries()) {
      let [red, green, blue] = [0, 0, 0];
      for (let i = 0, at = 4 * (y * stride + first); i < weights.length; i++, at += 4) {
        red += weights[i]! * rgba[at]!;
        green += weights[i]! * rgba[at + 1]!;
        blue += weights[i]! * rgba[at + 2]!;
      }
      const at = 3 * (y * to.width + x);
      narrow[at] = red;
      narrow[at + 1] = green;
      narrow[at + 2] = blue;
    }
  }
  const line = 3 * to.width;
  const out = new Uint8Array(to.height * line);
  for (const [y, { first, weights }] of rows.entries()) {
    for (let x = 0; x < line; x++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * narrow[(first + i) * line + x]!;
      out[y * line + x] = Math.round(sum);
    }
  }
  return out;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Taps of each of `count` pixels that cover `length` pixels of a line of `size`, from `start`. */
function tapsOf(size: number, start: number, length: number, count: number): readonly Taps[] {
  const step = length / count;
  const support = Math.max(1, step);
  return Array.from({ length: count }, (_, i) => {
    const centre = start + (i + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(size, Math.floor(centre + support + 0.5));
    const triangle = Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / support),
    );
    const total = triangle.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: triangle.map((weight) => weight / total) };
  });
}
