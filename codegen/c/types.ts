import type { ElementType } from '../../src/graph/tensor.js';

/** The C type of an element, or of the words in which elements of a packed type lie. */
export const C_TYPE: Readonly<Record<ElementType, string>> = {
  int8: 'int8_t',
  uint8: 'uint8_t',
  bool: 'uint8_t',
  int16: 'int16_t',
  int32: 'int32_t',
  int64: 'int64_t',
  float32: 'float',
  uint4: 'uint32_t',
  uint2: 'uint32_t',
  binary: 'uint32_t',
};

/** Names of what one model's files share. All start with the model's prefix, so that models link together. */
export interface Names {
  readonly prefix: string;
  readonly macro: string;
}

export function namesOf(prefix: string): Names {
  return { prefix, macro: prefix.toUpperCase() };
}

/** Suffix of the functions and macros of port i of n: none where there is only one. */
export function portSuffix(i: number, n: number): string {
  return n === 1 ? '' : `_${i}`;
}
