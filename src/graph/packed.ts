/** How contents of tensors lie in memory: as in their arrays, but for packed types. */
import {
  allocate,
  byteLength,
  elementCount,
  fromBytes,
  isPacked,
  PACKED_BITS,
  type Tensor,
  type TypedArray,
  toBytes,
} from './tensor.js';

type Layout = Pick<Tensor, 'shape' | 'format'>;

/**
 * The tensor's contents as they lie in memory. Of packed types, the first element of a row takes the lowest bits of its first
 * byte; a binary element is a set bit for -1 and a clear one for +1 (as in Larq); what is left of the row's last word is zero.
 * Arrays of other types are shared and not copied.
 */
export function toMemory(tensor: Layout, data: TypedArray): Uint8Array {
  const { type } = tensor.format;
  if (!isPacked(type)) return toBytes(data);
  const bytes = new Uint8Array(byteLength(tensor));
  forEachElement(tensor, PACKED_BITS[type], (i, byte, bit) => {
    const code = type === 'binary' ? (Number(data[i]) < 0 ? 1 : 0) : Number(data[i]);
    bytes[byte]! |= code << bit;
  });
  return bytes;
}

/** The contents that lie in memory as `bytes`; the inverse of `toMemory`. */
export function fromMemory(tensor: Layout, bytes: Uint8Array): TypedArray {
  const { type } = tensor.format;
  if (!isPacked(type)) return fromBytes(type, bytes);
  const data = allocate(type, elementCount(tensor.shape)) as Int8Array | Uint8Array;
  const mask = 2 ** PACKED_BITS[type] - 1;
  forEachElement(tensor, PACKED_BITS[type], (i, byte, bit) => {
    const code = (bytes[byte]! >> bit) & mask;
    data[i] = type === 'binary' ? 1 - 2 * code : code;
  });
  return data;
}

/** Whether equal elements in the same order are the same bytes in both. */
export function sameLayout(a: Layout, b: Layout): boolean {
  const { type } = a.format;
  if (type !== b.format.type) return false;
  if (!isPacked(type)) return true;
  const [from, to] = [a, b].map(({ shape }) => shape.at(-1) ?? 1) as [number, number];
  const whole = (depth: number) => (depth * PACKED_BITS[type]) % 32 === 0;
  return from === to || (whole(from) && whole(to));
}

/** Index of each element, and the byte and lowest bit where it lies. */
function forEachElement(
  { shape }: Layout,
  bits: number,
  visit: (i: number, byte: number, bit: number) => void,
): void {
  const depth = shape.at(-1) ?? 1;
  const rowBytes = 4 * Math.ceil((depth * bits) / 32);
  const count = elementCount(shape);
  for (let i = 0; i < count; i++) {
    const bit = (i % depth) * bits;
    visit(i, Math.floor(i / depth) * rowBytes + (bit >> 3), bit & 7);
  }
}
