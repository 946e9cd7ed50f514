/** Types of several elements a byte in memory: unsigned codes of 4 and 2 bits, and the sign of -1 and +1. */
export type PackedType = 'uint4' | 'uint2' | 'binary';

/** Element types a tensor can hold, by their TFLite names where it has them. */
export type ElementType = 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'float32' | 'bool' | PackedType;

export type TypedArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Float32Array;

/**
 * A number format: how an element's stored code stands for a real value.
 * `real = scale * (code - zeroPoint)`; unquantized tensors have no scales.
 */
export interface Format {
  readonly type: ElementType;
  /** One value (per tensor) or one per index of `axis`; each is exactly a float32. Empty: not quantized. */
  readonly scales: readonly number[];
  /** As many as `scales`. */
  readonly zeroPoints: readonly number[];
  /** The quantized dimension of per-channel formats, else null. */
  readonly axis: number | null;
}

/** Index of a tensor in `Graph.tensors`. */
export type TensorId = number;

/**
 * A value of the graph: an activation (`data` null, `state` false), a constant (`data` set), or a
 * state that outlives a run (`state` true, e.g. of SVDF), which starts at its zero point.
 * Layout is row-major, NHWC for images, OHWI for filters (1HWC for depthwise).
 */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly format: Format;
  readonly data: TypedArray | null;
  readonly state: boolean;
}

/** Bytes of one element of an array of this type; in memory, elements of packed types take fewer (`packed.ts`). */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  int8: 1,
  uint8: 1,
  bool: 1,
  uint4: 1,
  uint2: 1,
  binary: 1,
  int16: 2,
  int32: 4,
  float32: 4,
  int64: 8,
};

/** Range of the integer types that carry activations. */
export const INTEGER_RANGE = {
  int8: { min: -128, max: 127 },
  uint8: { min: 0, max: 255 },
  int16: { min: -32768, max: 32767 },
  int32: { min: -2147483648, max: 2147483647 },
  uint4: { min: 0, max: 15 },
  uint2: { min: 0, max: 3 },
  binary: { min: -1, max: 1 },
} as const;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bits of one element of a packed type. */
export const PACKED_BITS: Readonly<Record<PackedType, number>> = { uint4: 4, uint2: 2, binary: 1 };

export function isPacked(type: ElementType): type is PackedType {
  return type in PACKED_BITS;
}

/**
 * Bytes in memory. Rows (the last dimension) of a packed type begin at whole 32-bit words, so that kernels read and write words.
 */
export function byteLength({ shape, format: { type } }: Pick<Tensor, 'shape' | 'format'>): number {
  if (!isPacked(type)) return elementCount(shape) * ELEMENT_BYTES[type];
  const depth = shape.at(-1) ?? 1;
  return (elementCount(shape) / depth) * 4 * Math.ceil((depth * PACKED_BITS[type]) / 32);
}

/** A zero-filled array of `count` elements of `type`. */
export function allocate(type: ElementType, count: number): TypedArray {
  switch (type) {
    case 'int8':
    case 'binary':
      return new Int8Array(count);
    case 'int16':
      return new Int16Array(count);
    case 'int32':
      return new Int32Array(count);
    case 'int64':
      return new BigInt64Array(count);
    case 'float32':
      return new Float32Array(count);
    case 'uint8':
    case 'bool':
    case 'uint4':
    case 'uint2':
      return new Uint8Array(count);
  }
}

/** The elements in `bytes` (little endian), copied so that alignment never matters. */
export function fromBytes(type: ElementType, bytes: Uint8Array): TypedArray {
  const out = allocate(type, Math.floor(bytes.length / ELEMENT_BYTES[type]));
  toBytes(out).set(bytes.subarray(0, out.byteLength));
  return out;
}

/** The bytes of `data`, shared and not copied. */
export function toBytes(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The format of an unquantized tensor. */
export function plain(type: ElementType): Format {
  return { type, scales: [], zeroPoints: [], axis: null };
}

/** A per-tensor quantized format; the scale is rounded to float32. */
export function perTensor(type: ElementType, scale: number, zeroPoint: number): Format {
  return { type, scales: [Math.fround(scale)], zeroPoints: [zeroPoint], axis: null };
}

/** The single scale of a per-tensor format. Throws a plain Error on others: callers check first. */
export function scaleOf(tensor: Tensor): number {
  const scale = tensor.format.scales[0];
  if (scale === undefined) throw new Error(`tensor '${tensor.name}' has no scale`);
  return scale;
}

/** The single zero point of a per-tensor format, 0 where the tensor is not quantized. */
export function zeroPointOf(tensor: Tensor): number {
  return tensor.format.zeroPoints[0] ?? 0;
}

/** Same type, scales and zero points: bytes mean the same in both. */
export function sameFormat(a: Format, b: Format): boolean {
  return (
    a.type === b.type &&
    a.scales.length === b.scales.length &&
    a.scales.every((s, i) => s === b.scales[i] && a.zeroPoints[i] === b.zeroPoints[i])
  );
}
