/**
 * An ONNX model as its file states it: structurally sound, with constants decoded, but not yet understood. Importers of QDQ and
 * operator form and of QONNX start from it.
 */

/** Element types by their names in TensorProto.DataType, in small letters. Bitloom reads constants of these. */
export type OnnxType =
  | 'float'
  | 'float16'
  | 'bfloat16'
  | 'double'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint2'
  | 'uint4'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool';

/** A constant. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /**
   * One element a number, packed types unpacked. 64-bit integers beyond 2^53 are rounded; float types are exact (float32 from
   * float, float16 and bfloat16).
   */
  readonly data: OnnxData;
}

export type OnnxData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

/** What a model says about one of its values. */
export interface OnnxValue {
  readonly name: string;
  /** Null where the file does not say, or says one that Bitloom does not read. */
  readonly type: OnnxType | null;
  /** A size is a number, or a text where it is open (`N`, `?`); null where even the rank is. */
  readonly shape: readonly (number | string)[] | null;
}

export type OnnxAttribute = number | string | readonly number[] | readonly string[] | OnnxTensor;

export interface OnnxNode {
  /** Operator type, e.g. `Conv`. */
  readonly op: string;
  /** Empty for ONNX's own operators, else e.g. `com.microsoft`, `qonnx.custom_op.general`. */
  readonly domain: string;
  /** The node's name; often empty. */
  readonly name: string;
  /** Place in the file's list of nodes. */
  readonly index: number;
  /** Names of values; empty where an optional input or output is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxModel {
  /** Who wrote it, e.g. `onnx.quantize 0.1.0`; may be empty. */
  readonly producer: string;
  /** Version of each operator set by domain; that of ONNX's own operators has the empty domain. */
  readonly opsets: ReadonlyMap<string, number>;
  /** In an order in which every node comes after those that it reads. Constant nodes are among `constants` instead. */
  readonly nodes: readonly OnnxNode[];
  /** Initializers and the outputs of Constant nodes, by name. */
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** The model's inputs without those that are initializers. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** What the file says about its values, inputs and outputs among them, by name. */
  readonly values: ReadonlyMap<string, OnnxValue>;
}
