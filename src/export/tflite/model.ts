import type { TypedArray } from '../../graph/tensor.js';

/** Field values of a TFLite builtin options table, by the schema's field names; enums by name. */
export type OptionValue = number | boolean | string | readonly number[];

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorType by its schema name, e.g. `INT8`, `INT4` and `INT2` (data: one code an element, packed by the writer). */
  readonly type: 'FLOAT32' | 'INT8' | 'UINT8' | 'INT16' | 'INT32' | 'INT64' | 'INT4' | 'INT2' | 'BOOL';
  readonly quantization?: {
    readonly scales: readonly number[];
    readonly zeroPoints: readonly number[];
    /** quantized_dimension; 0 if absent. */
    readonly axis?: number;
  };
  readonly data?: TypedArray;
  readonly variable?: boolean;
}

export interface TfliteOperator {
  /** BuiltinOperator by its schema name, e.g. `CONV_2D`; `CUSTOM 'code'` for custom operators. */
  readonly operator: string;
  /** Tensor indices; -1 where an optional input is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Readonly<Record<string, OptionValue>>;
}

/** A one-subgraph TFLite model as plain data: what `writeTflite` turns into bytes. */
export interface TfliteModel {
  readonly description?: string;
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}
