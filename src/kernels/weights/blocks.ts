/** Layouts in which several output channels are interleaved, so that they share each input that a kernel loads. */

/** Rows (output channels) by group, and the columns (taps) that each has. */
export interface Rows {
  readonly data: ArrayLike<number>;
  readonly groups: number;
  readonly rowsOfGroup: number;
  readonly columns: number;
}

/**
 * [groups][rows / block, rounded up][columns][block], zeros where a block is not full.
 */
export function packBlocks({ data, groups, rowsOfGroup, columns }: Rows, block: number): Int8Array {
  const blocks = Math.ceil(rowsOfGroup / block);
  const packed = new Int8Array(groups * blocks * columns * block);
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rowsOfGroup; row++) {
      const from = (group * rowsOfGroup + row) * columns;
      const to = (group * blocks + Math.floor(row / block)) * columns * block + (row % block);
      for (let column = 0; column < columns; column++) packed[to + column * block] = data[from + column]!;
    }
  }
  return packed;
}

/**
 * [groups][rows / block, rounded up][runs][run / 2, rounded up][block][2]: pairs of neighbouring columns, as the dot
 * product of SIMD128 takes them. Zeros where a block or the last pair of a run is not full.
 * @param run columns that are neighbours in memory; a divisor of `columns`
 */
export function packPairs(
  { data, groups, rowsOfGroup, columns }: Rows,
  run: number,
  block: number,
): Int8Array {
  const blocks = Math.ceil(rowsOfGroup / block);
  const pairs = Math.ceil(run / 2);
  const blockSize = (columns / run) * pairs * block * 2;
  const packed = new Int8Array(groups * blocks * blockSize);
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rowsOfGroup; row++) {
      const from = (group * rowsOfGroup + row) * columns;
      const to = (group * blocks + Math.floor(row / block)) * blockSize + (row % block) * 2;
      for (let column = 0; column < columns; column++) {
        const tap = Math.floor(column / run);
        const k = column % run;
        packed[to + (tap * pairs + (k >> 1)) * block * 2 + (k & 1)] = data[from + column]!;
      }
    }
  }
  return packed;
}

/**
 * [rows / 4, rounded up][columns / 4, rounded up][2 pairs of rows a, b][2 halves h] words of a(h), b(h), a(h + 2), b(h + 2),
 * zeros where the matrix ends: what SXTB16 takes apart (`codegen/c/kernels/dot_simd32.h`).
 */
export function packHalfwordPairs(data: ArrayLike<number>, rows: number, columns: number): Int8Array {
  const steps = Math.ceil(columns / 4);
  const packed = new Int8Array(Math.ceil(rows / 4) * steps * 16);
  for (let row = 0; row < rows; row++) {
    const to = Math.floor(row / 4) * steps * 16 + (row & 2) * 4 + (row & 1);
    for (let column = 0; column < columns; column++) {
      const at = to + Math.floor(column / 4) * 16 + (column & 1) * 4 + (column & 2);
      packed[at] = data[row * columns + column]!;
    }
  }
  return packed;
}

/** Per-channel values in the same order of blocks, each filled up with zeros. */
export function padBlocks<T extends Int32Array | BigInt64Array>(values: T, groups: number, block: number): T {
  const rowsOfGroup = values.length / groups;
  const padded = Math.ceil(rowsOfGroup / block) * block;
  const make = values instanceof Int32Array ? Int32Array : BigInt64Array;
  const out = new make(groups * padded) as T;
  for (let c = 0; c < values.length; c++) {
    out[Math.floor(c / rowsOfGroup) * padded + (c % rowsOfGroup)] = values[c]!;
  }
  return out;
}
