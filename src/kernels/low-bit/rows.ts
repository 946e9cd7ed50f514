/** Rows of packed elements: what kernels ask about those of a tensor. */
import { elementCount, isPacked, PACKED_BITS, type Tensor } from '../../graph/tensor.js';
import { windowOverlap } from '../overlap.js';

export interface PackedRows {
  readonly rows: number;
  /** Elements of a row. */
  readonly depth: number;
  /** Bits of an element. */
  readonly bits: number;
}

/** @throws Error where the tensor is not packed */
export function packedRows({ shape, format: { type } }: Tensor): PackedRows {
  if (!isPacked(type)) throw new Error(`${type} is not packed`);
  const depth = shape.at(-1) ?? 1;
  return { rows: elementCount(shape) / depth, depth, bits: PACKED_BITS[type] };
}

/** Words of a row. */
export function wordsOf({ depth, bits }: PackedRows): number {
  return Math.ceil((depth * bits) / 32);
}

/** The bits of a row's last word that hold elements, as an int32. */
export function tailOf({ depth, bits }: PackedRows): number {
  const used = (depth * bits) % 32;
  return used === 0 ? -1 : 2 ** used - 1;
}

/** A word full of one stored element, as an int32. */
export function fullWord(stored: number, bits: number): number {
  let word = 0;
  for (let at = 0; at < 32; at += bits) word |= stored << at;
  return word;
}

/** `KernelCall.overlap` of a kernel that writes row after row while it reads rows of as many. */
export function rowOverlap(rows: number, inputBytes: number, outputBytes: number): number {
  const starts = Array.from({ length: rows }, (_, row) => row * inputBytes);
  return windowOverlap(starts, outputBytes, 1, outputBytes);
}
