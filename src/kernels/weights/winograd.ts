/** Filters of Winograd's F(2x2, 3x3) (Lavin and Gray, arXiv:1509.09308) in integers. */

/** 2G. */
const G2 = [
  [2, 0, 0],
  [1, 1, 1],
  [1, -1, 1],
  [0, 0, 2],
] as const;

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
 * [rows / 2, rounded up][16 elements][channels / 2][2 rows] pairs of U = (2G) g (2G)^T: of channels 4i and 4i + 2, then of
 * 4i + 1 and 4i + 3.
 * @param data filters as OHWI
 */
export function packWinogradPairs(data: Int8Array, rows: number, channels: number): Int16Array {
  const packed = new Int16Array(Math.ceil(rows / 2) * 2 * 16 * channels);
  for (let row = 0; row < rows; row++) {
    for (let channel = 0; channel < channels; channel++) {
      const pair = (channel >> 2) * 2 + (channel & 1);
      const to = (row >> 1) * 32 * channels + pair * 4 + (row & 1) * 2 + ((channel >> 1) & 1);
      const from = row * 9 * channels + channel;
      const columns = [0, 1, 2].map((x) => {
        const at = from + x * channels;
        return G2.map(
          ([g0, g1, g2]) => g0 * data[at]! + g1 * data[at + 3 * channels]! + g2 * data[at + 6 * channels]!,
        );
      });
      ELEMENTS.forEach(([i, j, sign], element) => {
        const [h0, h1, h2] = G2[j];
        const u = h0 * columns[0]![i]! + h1 * columns[1]![i]! + h2 * columns[2]![i]!;
        packed[to + element * 2 * channels] = sign * u;
      });
    }
  }
  return packed;
}
