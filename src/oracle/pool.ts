/** TFLM `reference/integer_ops/pooling.h`. Taps outside of the image do not count. Input and output share a format. */
import { clamp } from '../numerics/fixed-point.js';
import type { Call, Numbers, Operators } from './call.js';

/** Fills each output from the input offsets of its window's taps inside the image. */
export function forEachWindow(
  call: Call<'AVERAGE_POOL_2D' | 'MAX_POOL_2D'>,
  reduce: (x: Numbers, taps: readonly number[]) => number,
): void {
  const { filter, stride, padding, clamp: bounds } = call.attributes;
  const x = call.input(0);
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [batches = 1, rows = 1, columns = 1] = call.output.shape;
  let at = 0;
  for (let n = 0; n < batches; n++) {
    for (let oy = 0; oy < rows; oy++) {
      for (let ox = 0; ox < columns; ox++) {
        const taps: number[] = [];
        for (let ky = 0; ky < filter.height; ky++) {
          const iy = oy * stride.height - padding.top + ky;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < filter.width; kx++) {
            const ix = ox * stride.width - padding.left + kx;
            if (ix < 0 || ix >= width) continue;
            taps.push(((n * height + iy) * width + ix) * channels);
          }
        }
        for (let c = 0; c < channels; c++) {
          const value = reduce(x.data.subarray(c), taps);
          call.output.data[at++] = clamp(value, bounds.min, bounds.max);
        }
      }
    }
  }
}

/** The mean, rounded half away from zero. */
function average(x: Numbers, taps: readonly number[]): number {
  let sum = 0;
  for (const tap of taps) sum += x[tap]!;
  const half = Math.floor(taps.length / 2);
  return Math.trunc((sum > 0 ? sum + half : sum - half) / taps.length);
}

export function greatest(x: Numbers, taps: readonly number[]): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const tap of taps) best = Math.max(best, x[tap]!);
  return best;
}

export const pool: Operators<'AVERAGE_POOL_2D' | 'MAX_POOL_2D'> = {
  AVERAGE_POOL_2D: (call) => forEachWindow(call, average),
  MAX_POOL_2D: (call) => forEachWindow(call, greatest),
};
