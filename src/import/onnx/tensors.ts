import { BitloomError } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import { halfFloat } from '../half-float.js';
import type { OnnxData, OnnxTensor, OnnxType } from './model.js';
import type { TensorProto } from './schema.js';

/** TensorProto.DataType by number; what is missing, Bitloom does not read (text, complex numbers, 8- and 4-bit floats). */
const TYPES: ReadonlyMap<number, OnnxType> = new Map([
  [1, 'float'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'double'],
  [12, 'uint32'],
  [13, 'uint64'],
  [16, 'bfloat16'],
  [21, 'uint4'],
  [22, 'int4'],
  [25, 'uint2'],
  [26, 'int2'],
]);

/** The type of a number in a file, or null. */
export function onnxType(dataType: number): OnnxType | null {
  return TYPES.get(dataType) ?? null;
}

/** Bits of an element as it is stored. */
const BITS: Readonly<Record<OnnxType, number>> = {
  int2: 2,
  uint2: 2,
  int4: 4,
  uint4: 4,
  int8: 8,
  uint8: 8,
  bool: 8,
  int16: 16,
  uint16: 16,
  float16: 16,
  bfloat16: 16,
  int32: 32,
  uint32: 32,
  float: 32,
  int64: 64,
  uint64: 64,
  double: 64,
};

const MAX_RANK = 8;

/**
 * A constant of the file. Errors: BL105 for element types, shapes and storage forms that Bitloom does not read, BL102 for
 * contents of the wrong length.
 * @param name the value's name, which a constant in an attribute does not state itself
 */
export function readTensor(proto: TensorProto, name = proto.name): OnnxTensor {
  const fail = (code: 'BL102' | 'BL105', problem: string, wayOut: string): never => {
    throw new BitloomError(code, `tensor '${shortName(name)}' ${problem}`, wayOut);
  };
  const type = onnxType(proto.dataType);
  if (type === null) {
    return fail(
      'BL105',
      `has the data type ${proto.dataType}`,
      'Export the model with integer and float constants',
    );
  }
  if (proto.dataLocation !== 0) {
    fail('BL105', 'is stored in another file', 'Export the model with its tensors inside of the file');
  }
  const shape = proto.dims;
  if (shape.length > MAX_RANK || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    fail(
      'BL105',
      `has the shape [${shape.slice(0, MAX_RANK + 1)}]`,
      `Export the model with at most ${MAX_RANK} dimensions`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const stored = storedBytes(proto, type);
  const expected = Math.ceil((count * BITS[type]) / 8);
  if (stored.length !== expected) {
    fail(
      'BL102',
      `of shape [${shape}] has ${stored.length} bytes of data instead of ${expected}`,
      'Export the model again; the file is damaged',
    );
  }
  return { name, type, shape, data: DECODERS[type](stored, count) };
}

/** The contents in the form of raw_data (little endian); typed lists are brought to it. */
function storedBytes(proto: TensorProto, type: OnnxType): Uint8Array {
  if (proto.rawData.length > 0) return proto.rawData;
  switch (type) {
    case 'float':
      return bytesOf(Float32Array.from(proto.floatData));
    case 'double':
      return bytesOf(Float64Array.from(proto.doubleData));
    case 'int64':
      return bytesOf(BigInt64Array.from(proto.int64Data, BigInt));
    case 'uint32':
      return bytesOf(Uint32Array.from(proto.uint64Data));
    case 'uint64':
      return bytesOf(BigUint64Array.from(proto.uint64Data, BigInt));
    case 'int32':
      return bytesOf(Int32Array.from(proto.int32Data));
    case 'int16':
    case 'uint16':
    case 'float16':
    case 'bfloat16':
      return bytesOf(Uint16Array.from(proto.int32Data));
    default:
      // Packed types list a byte of several elements as one number.
      return Uint8Array.from(proto.int32Data);
  }
}

const DECODERS: Readonly<Record<OnnxType, (bytes: Uint8Array, count: number) => OnnxData>> = {
  float: (bytes) => new Float32Array(aligned(bytes)),
  double: (bytes) => new Float64Array(aligned(bytes)),
  float16: (bytes) => Float32Array.from(new Uint16Array(aligned(bytes)), halfFloat),
  bfloat16: (bytes) =>
    new Float32Array(Uint32Array.from(new Uint16Array(aligned(bytes)), (bits) => bits << 16).buffer),
  int64: (bytes) => Float64Array.from(new BigInt64Array(aligned(bytes)), Number),
  uint64: (bytes) => Float64Array.from(new BigUint64Array(aligned(bytes)), Number),
  int32: (bytes) => new Int32Array(aligned(bytes)),
  uint32: (bytes) => new Uint32Array(aligned(bytes)),
  int16: (bytes) => new Int16Array(aligned(bytes)),
  uint16: (bytes) => new Uint16Array(aligned(bytes)),
  int8: (bytes) => new Int8Array(aligned(bytes)),
  uint8: (bytes) => new Uint8Array(aligned(bytes)),
  bool: (bytes) => new Uint8Array(aligned(bytes)),
  int4: (bytes, count) => Int8Array.from(unpacked(bytes, count, 4), (code) => (code << 28) >> 28),
  uint4: (bytes, count) => unpacked(bytes, count, 4),
  int2: (bytes, count) => Int8Array.from(unpacked(bytes, count, 2), (code) => (code << 30) >> 30),
  uint2: (bytes, count) => unpacked(bytes, count, 2),
};

/** A copy that begins at an address of any alignment. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Codes of 4 or 2 bits, several a byte, the first in the lowest bits. */
function unpacked(bytes: Uint8Array, count: number, bits: 4 | 2): Uint8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return Uint8Array.from(
    { length: count },
    (_, i) => (bytes[Math.floor(i / perByte)]! >> (bits * (i % perByte))) & mask,
  );
}
