import { BitloomError } from '../graph/diagnostics.js';
import {
  ELEMENT_BYTES,
  type ElementType,
  elementCount,
  fromBytes,
  type TypedArray,
} from '../graph/tensor.js';

const TYPES: Readonly<Record<string, ElementType>> = {
  '|i1': 'int8',
  '|u1': 'uint8',
  '|b1': 'bool',
  '<i2': 'int16',
  '<i4': 'int32',
  '<i8': 'int64',
  '<f4': 'float32',
};

export interface NpyArray {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/**
 * A NumPy array (format 1 to 3), little endian, in C order.
 * @throws BitloomError BL603
 */
export function readNpy(bytes: Uint8Array, path: string): NpyArray {
  const fault = (problem: string) =>
    new BitloomError('BL603', `'${path}' ${problem}`, 'Save it with numpy.save, e.g. as int8 or float32');
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) throw fault('is not a .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, length] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (start + length > bytes.length) throw fault('ends inside its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));

  const descriptor = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descriptor === undefined || order === undefined || sizes === undefined)
    throw fault('has a header that is not understood');
  const type = TYPES[descriptor];
  if (!type) throw fault(`holds elements of type '${descriptor}'`);
  if (order === 'True') throw fault('is in Fortran order');
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const data = bytes.subarray(start + length);
  if (data.length !== elementCount(shape) * ELEMENT_BYTES[type])
    throw fault(
      `has ${data.length} bytes of data where its shape needs ${elementCount(shape) * ELEMENT_BYTES[type]}`,
    );
  return { type, shape, data: fromBytes(type, data) };
}
