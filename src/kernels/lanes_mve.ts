/** What the kernels for Helium share: which layers they take, and layouts by lanes of vectors. */
import type { Graph } from '../graph/graph.js';
import type { Clamp, Node } from '../graph/ops.js';
import { type Tensor, zeroPointOf } from '../graph/tensor.js';
import type { Multiplier } from '../numerics/requantize.js';
import type { Rows } from './blocks.js';
import type { Target } from './kernel.js';
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

/** 1 where some code is below the output's zero point, so that negative values must round as the reference does. */
export function roundsNegatives(output: Tensor, { min }: Clamp): 0 | 1 {
  return min < zeroPointOf(output) ? 1 : 0;
}

/** [rows / block, rounded up][columns / 16, rounded up][block][16], zeros where a vector or a block is not full. */
export function packVectors({ data, rowsOfGroup, columns }: Rows, block: number): Int8Array {
  const blockBytes = wholeVectors(columns) * block;
  const packed = new Int8Array(Math.ceil(rowsOfGroup / block) * blockBytes);
  for (let row = 0; row < rowsOfGroup; row++) {
    const to = Math.floor(row / block) * blockBytes + (row % block) * LANES;
    for (let column = 0; column < columns; column++) {
      packed[to + Math.floor(column / LANES) * block * LANES + (column % LANES)] = data[row * columns + column]!;
    }
  }
  return packed;
}

/** Channels of a block in the order in which vectors narrow into one and widen out of it. */
export const NARROWING = {
  8: [0, 2, 4, 6, 1, 3, 5, 7],
  16: [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15],
} as const;

/** Values by channel in blocks of that order, the last one filled up with zeros. */
export function permuteBlocks<T extends Int32Array | Int8Array>(values: T, order: readonly number[]): T {
  const blocks = Math.ceil(values.length / order.length);
  const make = values instanceof Int32Array ? Int32Array : Int8Array;
  const permuted = new make(blocks * order.length) as T;
  for (let i = 0; i < permuted.length; i++) {
    const block = Math.floor(i / order.length);
    permuted[i] = values[block * order.length + order[i % order.length]!] ?? 0;
  }
  return permuted;
}

/** Multipliers and shifts of blocks of channels. */
export function packLaneMultipliers(multipliers: readonly Multiplier[], order: readonly number[]) {
  const { multiplier, shift } = packMultipliers(multipliers);
  return [
    { name: 'multiplier', data: permuteBlocks(multiplier, order) },
    { name: 'shift', data: permuteBlocks(shift, order) },
  ];
}
