import { type Graph, tensorAt } from '../graph/graph.js';
import { allocate, type ElementType, elementCount, type TypedArray } from '../graph/tensor.js';
import { xorshift32 } from '../numerics/xorshift32.js';

/**
 * Input vector `k`: bytes of a xorshift32 generator, seeded by k, the same on every machine. An element takes the
 * generator's upper bits: the whole range of the 8- and 16-bit types, [-1, 1) in steps of 1/128 for float32. Wider
 * integers are 0 or 1, which is an index of anything that can be indexed.
 */
export function testVector(graph: Graph, k: number): readonly TypedArray[] {
  const next = xorshift32(k);
  return graph.inputs.map((id) => {
    const { format, shape } = tensorAt(graph, id);
    const data = allocate(format.type, elementCount(shape));
    for (let i = 0; i < data.length; i++) {
      const value = elementOf(format.type, next());
      if (data instanceof BigInt64Array) data[i] = BigInt(value);
      else data[i] = value;
    }
    return data;
  });
}

function elementOf(type: ElementType, word: number): number {
  switch (type) {
    case 'int8':
    case 'uint8':
      return word >> 24;
    case 'uint4':
      return word >>> 28;
    case 'uint2':
      return word >>> 30;
    case 'binary':
      return word < 0 ? -1 : 1;
    case 'int16':
      return word >> 16;
    case 'float32':
      return (word >> 24) / 128;
    case 'int32':
    case 'int64':
    case 'bool':
      return word >>> 31;
  }
}
