/** Sparse constants: trees of indices, one level a dimension or block of one, as the schema's SparsityParameters lay them out. */
import { elementCount, type TypedArray } from '../../graph/tensor.js';
import type { Table } from './flatbuffer.js';
import { SPARSE_DIMENSION, SPARSITY } from './schema.js';

/** One level of the tree. Dense: all of `size` indices. CSR: those that `indices` lists from segments[p] to segments[p + 1], below entry p. */
export type SparseLevel =
  | { readonly kind: 'dense'; readonly size: number }
  | { readonly kind: 'csr'; readonly segments: readonly number[]; readonly indices: readonly number[] };

export interface Sparsity {
  /** Which dimension each level is; from the rank on, which block. */
  readonly order: readonly number[];
  /** The dimension that each block splits. */
  readonly blocks: readonly number[];
  readonly levels: readonly SparseLevel[];
}

export function readSparsity(table: Table): Sparsity {
  return {
    order: table.i32s(SPARSITY.traversalOrder),
    blocks: table.i32s(SPARSITY.blockMap),
    levels: table.tables(SPARSITY.dims).map((level) =>
      level.i8(SPARSE_DIMENSION.format) === 0
        ? { kind: 'dense', size: level.i32(SPARSE_DIMENSION.denseSize) }
        : {
            kind: 'csr',
            segments: indexVector(level, SPARSE_DIMENSION.segmentsType, SPARSE_DIMENSION.segments),
            indices: indexVector(level, SPARSE_DIMENSION.indicesType, SPARSE_DIMENSION.indices),
          },
    ),
  };
}

/** The union SparseIndexVector: numbers of 32, 16 or 8 bits. */
function indexVector(level: Table, type: number, position: number): readonly number[] {
  const vector = level.table(position);
  switch (vector && level.i8(type)) {
    case 1:
      return vector!.i32s(0);
    case 2:
      return vector!.u16s(0);
    case 3:
      return Array.from(vector!.bytes(0) ?? []);
    default:
      return [];
  }
}

/** All elements of a sparse constant, zeros included; null where its tree does not fit shape and values. */
export function densified(
  shape: readonly number[],
  { order, blocks, levels }: Sparsity,
  values: TypedArray,
): TypedArray | null {
  const rank = shape.length;
  const isComplete = order.length === rank + blocks.length && new Set(order).size === order.length;
  const isKnown = order.every((d) => d >= 0 && d < order.length) && blocks.every((d) => d >= 0 && d < rank);
  if (!isComplete || !isKnown || levels.length !== order.length || new Set(blocks).size !== blocks.length)
    return null;
  const blockSize = (block: number) => {
    const level = levels[order.indexOf(rank + block)]!;
    return level.kind === 'dense' && level.size >= 1 ? level.size : Number.NaN;
  };
  const taken = shape.map((_, d) => (blocks.includes(d) ? blockSize(blocks.indexOf(d)) : 1));
  const strides = shape.map((_, d) => elementCount(shape.slice(d + 1)));
  const sizes = order.map((d) => (d < rank ? shape[d]! / taken[d]! : blockSize(d - rank)));
  const steps = order.map((d) => (d < rank ? strides[d]! * taken[d]! : strides[blocks[d - rank]!]!));
  if (!sizes.every((size) => Number.isInteger(size))) return null;

  const out = new (values.constructor as new (length: number) => TypedArray)(elementCount(shape));
  let next = 0;
  const visit = (at: number, entry: number, offset: number): boolean => {
    const level = levels[at];
    if (!level) {
      if (next >= values.length) return false;
      out[offset] = values[next++]!;
      return true;
    }
    if (level.kind === 'dense') {
      if (level.size !== sizes[at]) return false;
      for (let i = 0; i < level.size; i++)
        if (!visit(at + 1, entry * level.size + i, offset + i * steps[at]!)) return false;
      return true;
    }
    const [from, to] = [level.segments[entry], level.segments[entry + 1]];
    if (from === undefined || to === undefined || from < 0 || to > level.indices.length) return false;
    let least = 0;
    for (let k = from; k < to; k++) {
      const index = level.indices[k]!;
      // Rising, so that no level is visited more often than it is large.
      if (index < least || index >= sizes[at]! || !visit(at + 1, k, offset + index * steps[at]!))
        return false;
      least = index + 1;
    }
    return true;
  };
  return visit(0, 0, 0) && next === values.length ? out : null;
}
