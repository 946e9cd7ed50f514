/** What the kernels for NEON share: which layers they take, and layouts by lanes of vectors. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { Target } from '../kernel.js';
import { type LinearLayer, linearLayer, multipliersOf } from './linear.js';
import { packMultipliers } from './requantizer.js';

export function hasNeon({ isa }: Target): boolean {
  return isa === 'armv8-a' || isa === 'armv7-a+neon';
}

/** int8 layers whose filter has zero point 0 and whose multipliers all shift right. */
export function suitsNeon(graph: Graph, node: Node, target: Target): LinearLayer | null {
  if (!hasNeon(target)) return null;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return null;
  return packMultipliers(multipliersOf(node, layer, layer.output.shape.at(-1)!)).rightShift ? layer : null;
}

/** Inputs in a vector. */
export const VECTOR = 16;
/** Output channels of a block. */
export const BLOCK = 8;

/** Channels of half a block, and inputs of a quarter of a vector. */
const FOUR = 4;

/**
 * [rows / 8, rounded up][columns / 16, rounded up][2 halves of a block][4 quarters of a vector][4 rows][4 columns], zeros where a
 * vector or a block is not full (`codegen/c/kernels/dot_neon.h`).
 */
export function packQuarters(data: ArrayLike<number>, rows: number, columns: number): Int8Array {
  const vectors = Math.ceil(columns / VECTOR);
  const packed = new Int8Array(Math.ceil(rows / BLOCK) * vectors * BLOCK * VECTOR);
  for (let row = 0; row < rows; row++) {
    const half = Math.floor((row % BLOCK) / FOUR);
    for (let column = 0; column < columns; column++) {
      const vector = Math.floor(row / BLOCK) * vectors + Math.floor(column / VECTOR);
      const quarter = Math.floor((column % VECTOR) / FOUR);
      const at = ((vector * 2 + half) * FOUR + quarter) * FOUR + (row % FOUR);
      packed[at * FOUR + (column % FOUR)] = data[row * columns + column]!;
    }
  }
  return packed;
}

/**
 * Whether two products of bytes, of inputs i and i + 8 of a vector, always fit in 16 bits together: in no row are both weights
 * -128.
 */
export function pairsFit(data: TypedArray, columns: number): boolean {
  for (let i = 0; i < data.length; i++) {
    const column = i % columns;
    const other = column + VECTOR / 2;
    if (column % VECTOR < VECTOR / 2 && other < columns && data[i] === -128 && data[i + VECTOR / 2] === -128)
      return false;
  }
  return true;
}

/** [channels / 8, rounded up][8 biases, 8 multipliers, 8 shifts], zeros where a block is not full. */
export function packEndings(bias: Int32Array, multipliers: readonly Multiplier[]): Int32Array {
  const { multiplier, shift } = packMultipliers(multipliers);
  const packed = new Int32Array(Math.ceil(bias.length / BLOCK) * BLOCK * 3);
  for (let c = 0; c < bias.length; c++) {
    const at = Math.floor(c / BLOCK) * BLOCK * 3 + (c % BLOCK);
    packed[at] = bias[c]!;
    packed[at + BLOCK] = multiplier[c]!;
    packed[at + 2 * BLOCK] = shift[c]!;
  }
  return packed;
}

/** Whole vectors that hold so many bytes. */
export function vectorsOf(bytes: number): number {
  return Math.ceil(bytes / VECTOR);
}
