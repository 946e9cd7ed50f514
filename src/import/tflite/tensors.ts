import { BitloomError } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import {
  ELEMENT_BYTES,
  type ElementType,
  elementCount,
  type Format,
  fromBytes,
  INTEGER_RANGE,
  type Tensor,
  type TypedArray,
} from '../../graph/tensor.js';
import { halfFloat } from '../half-float.js';
import type { FileTensor } from './file.js';
import { densified } from './sparse.js';

/** TFLite's tensor types that Bitloom reads; constants of INT4 and INT2 are unpacked to int8, float16 widened to float32. */
const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  INT2: 'int8',
  INT4: 'int8',
  INT8: 'int8',
  UINT8: 'uint8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT16: 'float32',
  FLOAT32: 'float32',
  BOOL: 'bool',
};

/** Bits of an element of the types that are narrower in the file. */
const PACKED_BITS: Readonly<Record<string, number>> = { INT2: 2, INT4: 4, FLOAT16: 16 };

const MAX_RANK = 8;
const MAX_TENSOR_BYTES = 2 ** 31 - 1;

/**
 * A tensor of the file as a tensor of the graph. Errors: BL105 for element types, shapes and storage forms that
 * Bitloom does not read, BL102 for data of the wrong length, BL106 beyond 2 GB, BL107 for senseless quantization.
 */
export function importTensor(tensor: FileTensor): Tensor {
  const type = ELEMENT_TYPES[tensor.type];
  const narrow = (tensor.type === 'INT2' || tensor.type === 'INT4') && tensor.data === null;
  if (type === undefined || tensor.exotic !== null || narrow) {
    throw new BitloomError(
      'BL105',
      `tensor '${shortName(tensor.name)}' is ${tensor.exotic ?? `of type ${tensor.type}`}`,
      'Convert the model with full integer quantization (int8 or int16x8), or to float32',
    );
  }
  checkShape(tensor, type);
  return {
    name: tensor.name,
    shape: tensor.shape,
    format: readFormat(tensor, type),
    data: tensor.data && readData(tensor, type, tensor.data),
    state: tensor.variable,
  };
}

function checkShape(tensor: FileTensor, type: ElementType): void {
  const { name, shape } = tensor;
  if (shape.length > MAX_RANK || shape.some((size) => size < 1)) {
    throw new BitloomError(
      'BL105',
      `tensor '${shortName(name)}' has the shape [${shape.slice(0, MAX_RANK + 1)}]`,
      `Convert the model with static, positive sizes and at most ${MAX_RANK} dimensions`,
    );
  }
  if (elementCount(shape) * ELEMENT_BYTES[type] > MAX_TENSOR_BYTES) {
    throw new BitloomError(
      'BL106',
      `tensor '${shortName(name)}' of shape [${shape}] takes more than ${MAX_TENSOR_BYTES} bytes`,
      'Use a smaller model or input',
    );
  }
}

function readData(tensor: FileTensor, type: ElementType, bytes: Uint8Array): TypedArray {
  const { shape, sparsity } = tensor;
  const damaged = (problem: string) =>
    new BitloomError(
      'BL102',
      `tensor '${shortName(tensor.name)}' of shape [${shape}] ${problem}`,
      'Convert the model again; the file is damaged',
    );
  const bits = PACKED_BITS[tensor.type] ?? 8 * ELEMENT_BYTES[type];
  if (sparsity) {
    const values = elements(tensor, type, bytes, Math.floor((8 * bytes.length) / bits));
    const dense = densified(shape, sparsity, values);
    if (!dense) throw damaged('has indices of its sparse elements that do not fit');
    return dense;
  }
  const count = elementCount(shape);
  const expected = Math.ceil((count * bits) / 8);
  if (bytes.length !== expected) throw damaged(`has ${bytes.length} bytes of data instead of ${expected}`);
  return elements(tensor, type, bytes, count);
}

/** `count` elements as they are stored, one after another. */
function elements(
  { type: stored }: FileTensor,
  type: ElementType,
  bytes: Uint8Array,
  count: number,
): TypedArray {
  if (stored === 'FLOAT16') return Float32Array.from(fromBytes('int16', bytes) as Int16Array, halfFloat);
  const narrow = stored === 'INT2' || stored === 'INT4';
  return narrow ? unpack(bytes, count, PACKED_BITS[stored]!) : fromBytes(type, bytes);
}

/** Codes of `bits` bits, the first in the lowest bits of a byte, sign-extended. */
function unpack(bytes: Uint8Array, count: number, bits: number): Int8Array {
  const perByte = 8 / bits;
  return Int8Array.from({ length: count }, (_, i) => {
    const code = bytes[Math.floor(i / perByte)]! >> (bits * (i % perByte));
    return (code << (32 - bits)) >> (32 - bits);
  });
}

function readFormat(tensor: FileTensor, type: ElementType): Format {
  const { scales } = tensor;
  if (type === 'float32' || type === 'bool' || scales.length === 0) {
    return { type, scales: [], zeroPoints: [], axis: null };
  }
  const zeroPoints = scales.map((_, i) => tensor.zeroPoints[tensor.zeroPoints.length === 1 ? 0 : i] ?? 0);
  // Some converters give a bias the quantized dimension of its filter; a vector has but one.
  const axis = scales.length === 1 ? null : tensor.shape.length === 1 ? 0 : tensor.axis;
  checkQuantization(tensor, type, axis);
  return { type, scales, zeroPoints, axis };
}

function checkQuantization(tensor: FileTensor, type: ElementType, axis: number | null): void {
  const { scales, zeroPoints, shape } = tensor;
  const fail = (problem: string): never => {
    throw new BitloomError(
      'BL107',
      `tensor '${shortName(tensor.name)}' has ${problem}`,
      'Quantize the model again with a converter that follows the TFLite quantization specification',
    );
  };
  const badScale = scales.find((scale) => !(Number.isFinite(scale) && scale > 0));
  if (badScale !== undefined) fail(`the scale ${badScale}`);
  if (![0, 1, scales.length].includes(zeroPoints.length)) {
    fail(`${scales.length} scales but ${zeroPoints.length} zero points`);
  }
  const range = type === 'int64' || type === 'bool' || type === 'float32' ? null : INTEGER_RANGE[type];
  const badZeroPoint = zeroPoints.find((zero) => (range ? zero < range.min || zero > range.max : zero !== 0));
  if (badZeroPoint !== undefined) fail(`the zero point ${badZeroPoint}, which ${type} does not hold`);
  if (axis !== null && shape[axis] !== scales.length) {
    fail(`${scales.length} scales along dimension ${axis} of shape [${shape}]`);
  }
}
