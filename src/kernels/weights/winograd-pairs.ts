/** Filters of Winograd's F(2x2, 3x3) for Cortex-M with the DSP extension. */
import { transformFilter } from './winograd.js';

/**
 * The order of the 16 elements, row and column, and the sign of each that spare the kernel most additions
 * (`codegen/c/kernels/conv_2d_winograd_simd32.h`).
 */
const ELEMENTS = [
  [1, 1, 1],
  [1, 2, 1],
  [2, 2, -1],
  [2, 1, 1],
  [2, 3, -1],
  [1, 3, -1],
  [3, 3, 1],
  [3, 2, 1],
  [3, 1, -1],
  [3, 0, -1],
  [1, 0, 1],
  [2, 0, -1],
  [0, 0, -1],
  [0, 2, -1],
  [0, 1, 1],
  [0, 3, -1],
] as const;

/**
 * [rows / 2, rounded up][16 elements][channels / 2][2 rows] pairs of U (`winograd.ts`): of channels 4i and 4i + 2, then of
 * 4i + 1 and 4i + 3.
 * @param data filters as OHWI
 */
export function packWinogradPairs(data: Int8Array, rows: number, channels: number): Int16Array {
  const packed = new Int16Array(Math.ceil(rows / 2) * 2 * 16 * channels);
  const u = new Int32Array(16);
  for (let row = 0; row < rows; row++) {
    for (let channel = 0; channel < channels; channel++) {
      const pair = (channel >> 2) * 2 + (channel & 1);
      const to = (row >> 1) * 32 * channels + pair * 4 + (row & 1) * 2 + ((channel >> 1) & 1);
      transformFilter(u, data, row * 9 * channels + channel, channels, 2);
      ELEMENTS.forEach(([i, j, sign], element) => {
        packed[to + element * 2 * channels] = sign * u[i * 4 + j]!;
      });
    }
  }
  return packed;
}
