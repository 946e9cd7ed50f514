import { toReference } from 'flatbuffers/js/flexbuffers.js';
import { BitloomError } from '../../graph/diagnostics.js';
import { FlatBuffer, type Table } from './flatbuffer.js';
import {
  BUFFER,
  CUSTOM_OPTIONS,
  FILE_IDENTIFIER,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPERATORS,
  type OptionField,
  operatorName,
  QUANTIZATION,
  SCHEMA_VERSION,
  SUBGRAPH,
  TENSOR,
  TENSOR_TYPES,
} from './schema.js';
import { readSparsity, type Sparsity } from './sparse.js';

/** A tensor as the file states it. */
export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorType by its schema name. */
  readonly type: string;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
  /** The stored bytes of a constant, shared with the file. */
  readonly data: Uint8Array | null;
  readonly variable: boolean;
  /** How a sparse constant is stored; null for dense tensors. */
  readonly sparsity: Sparsity | null;
  /** A storage form that Bitloom does not read, in words; null for plain tensors. */
  readonly exotic: string | null;
}

/** Fields of an options table by their schema names; enumerations by name. */
export type Options = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** An operator as the file states it. */
export interface FileOperator {
  /** BuiltinOperator by its schema name; `CUSTOM '<code>'` for custom operators. */
  readonly operator: string;
  readonly index: number;
  /** Tensor indices; -1 where an optional input is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Options;
}

/** The main subgraph of a TFLite file, structurally sound but not yet understood. */
export interface ModelFile {
  readonly tensors: readonly FileTensor[];
  readonly operators: readonly FileOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * Decodes a TFLite file. Errors: BL101 where it is none, BL102 where its structure is damaged.
 * @param name of the file, for messages
 */
export function readModelFile(bytes: Uint8Array, name: string): ModelFile {
  if (!isTflite(bytes)) {
    throw new BitloomError(
      'BL101',
      `'${name}' does not carry the identifier ${FILE_IDENTIFIER}`,
      'Pass a model in the TensorFlow Lite format (.tflite)',
    );
  }
  const file = new FlatBuffer(bytes, name);
  const model = file.root();
  const version = model.u32(MODEL.version);
  if (version !== SCHEMA_VERSION) {
    throw new BitloomError(
      'BL101',
      `'${name}' has schema version ${version}`,
      `Convert the model with a converter that writes version ${SCHEMA_VERSION}`,
    );
  }
  const [main] = model.tables(MODEL.subgraphs);
  if (!main) return file.damaged('has no subgraph');
  const buffers = model.tables(MODEL.buffers);
  const names = model.tables(MODEL.operatorCodes).map(nameOfCode);
  const tensors = main.tables(SUBGRAPH.tensors).map((table) => readTensor(file, bytes, table, buffers));
  const operators = main
    .tables(SUBGRAPH.operators)
    .map((table, index) => readOperator(file, table, index, names));
  const result = {
    tensors,
    operators,
    inputs: main.i32s(SUBGRAPH.inputs),
    outputs: main.i32s(SUBGRAPH.outputs),
  };
  checkIndices(file, result);
  return result;
}

/** Whether `bytes` carry the identifier of TFLite files. */
export function isTflite(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [...FILE_IDENTIFIER].every((c, i) => bytes[4 + i] === c.charCodeAt(0));
}

/** The operator behind an OperatorCode: codes up to 126 once were a byte of their own. */
function nameOfCode(table: Table): string {
  const code = Math.max(table.i8(OPERATOR_CODE.deprecatedCode), table.i32(OPERATOR_CODE.code));
  const name = operatorName(code);
  return name === 'CUSTOM' ? `CUSTOM '${table.string(OPERATOR_CODE.customCode)}'` : name;
}

function readTensor(
  file: FlatBuffer,
  bytes: Uint8Array,
  table: Table,
  buffers: readonly Table[],
): FileTensor {
  const type = table.i8(TENSOR.type);
  const quantization = table.table(TENSOR.quantization);
  const sparsity = table.table(TENSOR.sparsity);
  const buffer = buffers[table.u32(TENSOR.buffer)];
  if (!buffer && table.u32(TENSOR.buffer) !== 0) {
    file.damaged(`refers to buffer ${table.u32(TENSOR.buffer)} of ${buffers.length}`);
  }
  return {
    name: table.string(TENSOR.name),
    shape: table.i32s(TENSOR.shape),
    type: TENSOR_TYPES[type] ?? `tensor type ${type}`,
    scales: quantization?.f32s(QUANTIZATION.scale) ?? [],
    zeroPoints: quantization?.i64s(QUANTIZATION.zeroPoint) ?? [],
    axis: quantization?.i32(QUANTIZATION.axis) ?? 0,
    data: buffer ? readBuffer(file, bytes, buffer) : null,
    variable: table.bool(TENSOR.isVariable),
    sparsity: sparsity && readSparsity(sparsity),
    exotic:
      table.u32(TENSOR.externalBuffer) !== 0
        ? 'stored in another file'
        : (quantization?.i8(QUANTIZATION.detailsType) ?? 0) !== 0
          ? 'quantized by blocks'
          : null,
  };
}

/** The contents of a buffer: inline, or, in files beyond 2 GB, at an offset from the start of the file. */
function readBuffer(file: FlatBuffer, bytes: Uint8Array, table: Table): Uint8Array | null {
  const inline = table.bytes(BUFFER.data);
  if (inline && inline.length > 0) return inline;
  const offset = table.i64(BUFFER.offset);
  const size = table.i64(BUFFER.size);
  if (offset === 0 || offset === 1) return null;
  if (size <= 0) return file.damaged('has a buffer of no bytes');
  file.need(offset, size);
  return bytes.subarray(offset, offset + size);
}

function readOperator(file: FlatBuffer, table: Table, index: number, names: readonly string[]): FileOperator {
  const code = table.u32(OPERATOR.opcodeIndex);
  const operator = names[code];
  if (operator === undefined) return file.damaged(`refers to operator code ${code} of ${names.length}`);
  return {
    operator,
    index,
    inputs: table.i32s(OPERATOR.inputs),
    outputs: table.i32s(OPERATOR.outputs),
    options: readOptions(file, table, operator),
  };
}

/** The options of a supported operator; where the table is absent, its defaults. */
function readOptions(file: FlatBuffer, operator: Table, name: string): Options {
  const fields = CUSTOM_OPTIONS[name];
  if (fields) return readCustomOptions(file, operator, fields, name);
  const layout = OPERATORS[name]?.options;
  if (!layout) return {};
  const union = operator.i8(OPERATOR.optionsType);
  if (union !== 0 && union !== layout.union) file.damaged(`gives ${name} the options of another operator`);
  const table = union === 0 ? null : operator.table(OPERATOR.options);
  return Object.fromEntries(
    layout.fields.map((field, position) => [field.name, readOption(file, table, field, position)]),
  );
}

/** The options of a custom operator; each must be there. */
function readCustomOptions(
  file: FlatBuffer,
  operator: Table,
  fields: readonly OptionField[],
  name: string,
): Options {
  const bytes = operator.bytes(OPERATOR.customOptions) ?? new Uint8Array();
  return Object.fromEntries(
    fields.map((field) => {
      const number = flexInteger(bytes, field.name);
      if (number === null) return file.damaged(`gives ${name} no ${field.name}`);
      if (field.kind !== 'enum') return [field.name, number];
      return [field.name, field.values[number] ?? file.damaged(`has ${field.name} ${number}`)];
    }),
  );
}

/** An integer of a FlexBuffer map; null where the bytes are no such map. The library throws on bytes out of bounds. */
function flexInteger(bytes: Uint8Array, key: string): number | null {
  try {
    const map: { get(key: string): { intValue(): number | bigint | null } } = toReference(
      new Uint8Array(bytes).buffer,
    ) as never;
    const value = map.get(key).intValue();
    return value === null ? null : Number(value);
  } catch {
    return null;
  }
}

function readOption(file: FlatBuffer, table: Table | null, field: OptionField, position: number) {
  switch (field.kind) {
    case 'int':
      return table?.i32(position, field.default) ?? field.default;
    case 'float':
      return table?.f32(position, field.default) ?? field.default;
    case 'bool':
      return table?.bool(position, field.default) ?? field.default;
    case 'ints':
      return table?.i32s(position) ?? [];
    case 'enum': {
      const number = table?.i8(position) ?? 0;
      return field.values[number] ?? file.damaged(`has ${field.name} ${number}`);
    }
  }
}

function checkIndices(file: FlatBuffer, model: ModelFile): void {
  const check = (index: number, least: number) => {
    if (index < least || index >= model.tensors.length) {
      file.damaged(`refers to tensor ${index} of ${model.tensors.length}`);
    }
  };
  for (const { inputs, outputs } of model.operators) {
    for (const index of inputs) check(index, -1);
    for (const index of outputs) check(index, 0);
  }
  for (const index of [...model.inputs, ...model.outputs]) check(index, 0);
}
