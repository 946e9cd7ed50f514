import protobuf from 'protobufjs/light.js';

/**
 * The fields of onnx.proto (https://github.com/onnx/onnx, IR version 10) that Bitloom reads, by their names and numbers there.
 * Subgraphs of attributes (of If, Loop, Scan) are left out: no operator that Bitloom reads has any, and without them no message
 * contains itself, so that no file can nest deeply.
 */
const DESCRIPTOR: protobuf.INamespace = {
  nested: {
    ModelProto: message({
      irVersion: [1, 'int64'],
      producerName: [2, 'string'],
      producerVersion: [3, 'string'],
      graph: [7, 'GraphProto'],
      opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
    }),
    OperatorSetIdProto: message({ domain: [1, 'string'], version: [2, 'int64'] }),
    GraphProto: message({
      node: [1, 'NodeProto', 'repeated'],
      name: [2, 'string'],
      initializer: [5, 'TensorProto', 'repeated'],
      input: [11, 'ValueInfoProto', 'repeated'],
      output: [12, 'ValueInfoProto', 'repeated'],
      valueInfo: [13, 'ValueInfoProto', 'repeated'],
    }),
    NodeProto: message({
      input: [1, 'string', 'repeated'],
      output: [2, 'string', 'repeated'],
      name: [3, 'string'],
      opType: [4, 'string'],
      attribute: [5, 'AttributeProto', 'repeated'],
      domain: [7, 'string'],
    }),
    AttributeProto: message({
      name: [1, 'string'],
      f: [2, 'float'],
      i: [3, 'int64'],
      s: [4, 'bytes'],
      t: [5, 'TensorProto'],
      floats: [7, 'float', 'repeated'],
      ints: [8, 'int64', 'repeated'],
      strings: [9, 'bytes', 'repeated'],
      type: [20, 'int32'],
    }),
    TensorProto: message({
      dims: [1, 'int64', 'repeated'],
      dataType: [2, 'int32'],
      floatData: [4, 'float', 'repeated'],
      int32Data: [5, 'int32', 'repeated'],
      int64Data: [7, 'int64', 'repeated'],
      name: [8, 'string'],
      rawData: [9, 'bytes'],
      doubleData: [10, 'double', 'repeated'],
      uint64Data: [11, 'uint64', 'repeated'],
      dataLocation: [14, 'int32'],
    }),
    ValueInfoProto: message({ name: [1, 'string'], type: [2, 'TypeProto'] }),
    TypeProto: message({ tensorType: [1, 'TensorTypeProto'] }),
    TensorTypeProto: message({ elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] }),
    TensorShapeProto: message({ dim: [1, 'DimensionProto', 'repeated'] }),
    DimensionProto: message({ dimValue: [1, 'int64'], dimParam: [2, 'string'] }),
  },
};

type Field = readonly [id: number, type: string, rule?: 'repeated'];

function message(fields: Readonly<Record<string, Field>>): protobuf.IType {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type, rule]]) => [name, { id, type, ...(rule && { rule }) }]),
    ),
  };
}

const root = protobuf.Root.fromJSON(DESCRIPTOR);

export interface TensorProto {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly number[];
  readonly name: string;
  readonly rawData: Uint8Array;
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly number[];
  readonly dataLocation: number;
}

export interface AttributeProto {
  readonly name: string;
  readonly f: number;
  readonly i: number;
  readonly s: Uint8Array;
  readonly t: TensorProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly Uint8Array[];
  readonly type: number;
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain: string;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: {
        readonly dim: readonly { readonly dimValue: number; readonly dimParam: string }[];
      } | null;
    } | null;
  } | null;
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly valueInfo: readonly ValueInfoProto[];
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graph: GraphProto | null;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
}

/** Messages by name, as plain objects with every field present. */
interface Messages {
  ModelProto: ModelProto;
  TensorProto: TensorProto;
}

/**
 * Decodes a message. 64-bit integers become numbers, so those beyond 2^53 are rounded; fields that are absent have their
 * defaults, absent messages are null.
 * @throws Error of protobufjs where the bytes are no such message
 */
export function decode<K extends keyof Messages>(name: K, bytes: Uint8Array): Messages[K] {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true, arrays: true }) as Messages[K];
}

/** Encodes a message, of which absent fields may be left out. */
export function encode(name: keyof Messages, fields: Readonly<Record<string, unknown>>): Uint8Array {
  const type = root.lookupType(name);
  return type.encode(type.fromObject(fields)).finish();
}

/** Numbers of the fields that a ModelProto may have; all messages and texts but for the two versions. */
const MODEL_FIELDS: ReadonlyMap<number, 'number' | 'bytes'> = new Map([
  ...[1, 5].map((id) => [id, 'number'] as const),
  ...[2, 3, 4, 6, 7, 8, 14, 20, 25, 26].map((id) => [id, 'bytes'] as const),
]);

/** Whether `bytes` are, from beginning to end, the fields of a ModelProto with a graph. The format has no identifier. */
export function looksLikeModel(bytes: Uint8Array): boolean {
  try {
    const reader = protobuf.Reader.create(bytes);
    let graph = false;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const wire = tag & 7;
      const kind = MODEL_FIELDS.get(tag >>> 3);
      if (kind === undefined || wire !== (kind === 'number' ? 0 : 2)) return false;
      graph ||= tag >>> 3 === 7;
      reader.skipType(wire);
    }
    return graph;
  } catch {
    return false;
  }
}
