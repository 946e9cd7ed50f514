/** What the kernels for Helium share: which layers they take, and layouts by lanes of vectors. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { Target } from '../kernel.js';
import type { Rows } from './blocks.js';
import { type LinearLayer, linearLayer, multipliersOf } from './linear.js';
import { packMultipliers } from './requantizer.js';

/** Bytes in a vector. */
export const LANES = 16;

/** Whole vectors that hold `count` bytes, in bytes. */
export function wholeVectors(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}

/** int8 layers whose filter has zero point 0 and whose multipliers all shift right. */
export function suitsHelium(graph: Graph, node: Node, target: Target): LinearLayer | null {
  if (target.isa !== 'armv8.1-m.main+mve') return null;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return null;
  return packMultipliers(multipliersOf(node, layer, layer.output.shape.at(-1)!)).rightShift ? layer : null;
}

/** [rows / block, rounded up][columns / 16, rounded up][block][16], zeros where a vector or a block is not full. */
export function packVectors({ data, rowsOfGroup, columns }: Rows, block: number): Int8Array {
  const blockBytes = wholeVectors(columns) * block;
  const packed = new Int8Array(Math.ceil(rowsOfGroup / block) * blockBytes);
  for (let row = 0; row < rowsOfGroup; row++) {
    const to = Math.floor(row / block) * blockBytes + (row % block) * LANES;
    for (let column = 0; column < columns; column++) {
      packed[to + Math.floor(column / LANES) * block * LANES + (column % LANES)] =
        data[row * columns + column]!;
    }
  }
  return packed;
}

/** The numbers below `count`. */
export function inOrder(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Channels of a block in the order in which vectors narrow into one and widen out of it. */
export const NARROWING = {
  8: [0, 2, 4, 6, 1, 3, 5, 7],
  16: [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15],
} as const;

/**
 * What kernels read at the start and at the end of a block of channels, together: its biases, then its multipliers and
 * its shifts, a byte each, in the order of `NARROWING`. Zeros where the last block is not full.
 * @param biasOrder the order of the biases
 */
export function packParameters(
  bias: Int32Array,
  multipliers: readonly Multiplier[],
  block: keyof typeof NARROWING,
  biasOrder: readonly number[],
): Int32Array {
  const { multiplier, shift } = packMultipliers(multipliers);
  const blocks = Math.ceil(bias.length / block);
  const words = 2 * block + block / 4;
  const packed = new Int32Array(blocks * words);
  const view = new DataView(packed.buffer);
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < block; i++) {
      const channel = b * block + NARROWING[block][i]!;
      packed[b * words + i] = bias[b * block + biasOrder[i]!] ?? 0;
      packed[b * words + block + i] = multiplier[channel] ?? 0;
      view.setInt8((b * words + 2 * block) * 4 + i, shift[channel] ?? 0);
    }
  }
  return packed;
}
