import { encode } from '../../src/import/onnx/schema.js';

/** Numbers of TensorProto.DataType that tests write. */
const DATA_TYPES = {
  float: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  uint4: 21,
  int4: 22,
  uint2: 25,
  int2: 26,
} as const;

export type SketchType = keyof typeof DATA_TYPES;

/** A constant as a test writes it: one element a number. */
export interface TensorSketch {
  readonly type: SketchType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** Written as typed list instead of raw bytes. */
  readonly listed?: boolean;
}

export interface ValueSketch {
  readonly type: SketchType;
  /** Where absent the file leaves it open. */
  readonly shape?: readonly (number | string)[];
}

export type AttributeSketch =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tensor: TensorSketch };

export interface NodeSketch {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSketch>>;
}

/** A model as a test writes it. */
export interface ModelSketch {
  readonly nodes: readonly NodeSketch[];
  readonly constants?: Readonly<Record<string, TensorSketch>>;
  readonly inputs: Readonly<Record<string, ValueSketch>>;
  readonly outputs: Readonly<Record<string, ValueSketch>>;
  readonly values?: Readonly<Record<string, ValueSketch>>;
  readonly opset?: number;
}

/** The file of a model. */
export function writeOnnx(model: ModelSketch): Uint8Array {
  const described = (values: Readonly<Record<string, ValueSketch>> = {}) =>
    Object.entries(values).map(([name, { type, shape }]) => ({
      name,
      type: {
        tensorType: {
          elemType: DATA_TYPES[type],
          ...(shape && {
            shape: {
              dim: shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })),
            },
          }),
        },
      },
    }));
  return encode('ModelProto', {
    irVersion: 10,
    producerName: 'bitloom-test',
    opsetImport: [
      { domain: '', version: model.opset ?? 21 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'test',
      node: model.nodes.map(({ op, domain = '', inputs, outputs, attributes = {} }) => ({
        opType: op,
        domain,
        input: inputs,
        output: outputs,
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      })),
      initializer: Object.entries(model.constants ?? {}).map(([name, tensor]) => tensorProto(tensor, name)),
      input: described(model.inputs),
      output: described(model.outputs),
      valueInfo: described(model.values),
    },
  });
}

/** The file of a single tensor. */
export function writeOnnxTensor(tensor: TensorSketch): Uint8Array {
  return encode('TensorProto', tensorProto(tensor, ''));
}

type Fields = Readonly<Record<string, unknown>>;

function attributeProto(name: string, value: AttributeSketch): Fields {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value };
  if ('float' in value) return { name, type: 1, f: value.float };
  return { name, type: 4, t: tensorProto((value as { tensor: TensorSketch }).tensor, '') };
}

function tensorProto({ type, shape, data, listed }: TensorSketch, name: string): Fields {
  const common = { name, dims: shape, dataType: DATA_TYPES[type] };
  if (!listed) return { ...common, rawData: rawData(type, data) };
  if (type === 'float') return { ...common, floatData: data };
  if (type === 'double') return { ...common, doubleData: data };
  if (type === 'int64') return { ...common, int64Data: data };
  return { ...common, int32Data: [...packed(type, data)] };
}

function rawData(type: SketchType, data: readonly number[]): Uint8Array {
  switch (type) {
    case 'float':
      return bytesOf(Float32Array.from(data));
    case 'double':
      return bytesOf(Float64Array.from(data));
    case 'int64':
      return bytesOf(BigInt64Array.from(data, BigInt));
    case 'int32':
      return bytesOf(Int32Array.from(data));
    case 'int16':
      return bytesOf(Int16Array.from(data));
    case 'float16':
      return bytesOf(Uint16Array.from(data));
    default:
      return Uint8Array.from(packed(type, data), (code) => code & 255);
  }
}

/** Codes of 4 and 2 bits, several a number; others as they are. */
function packed(type: SketchType, data: readonly number[]): readonly number[] {
  const bits = /4$/.test(type) && type !== 'int64' ? 4 : /t2$/.test(type) ? 2 : 8;
  if (bits === 8) return data;
  const perByte = 8 / bits;
  return Array.from({ length: Math.ceil(data.length / perByte) }, (_, byte) =>
    data
      .slice(byte * perByte, (byte + 1) * perByte)
      .reduce((sum, code, i) => sum | ((code & (2 ** bits - 1)) << (bits * i)), 0),
  );
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
