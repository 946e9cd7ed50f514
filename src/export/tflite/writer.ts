import { Builder } from 'flatbuffers';
import { encode } from 'flatbuffers/js/flexbuffers.js';
import { type TypedArray, toBytes } from '../../graph/tensor.js';
import {
  BUFFER,
  CUSTOM_OPTIONS,
  FILE_IDENTIFIER,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPERATORS,
  type OptionField,
  type OptionsTable,
  operatorCode,
  QUANTIZATION,
  SCHEMA_VERSION,
  SUBGRAPH,
  TENSOR,
  TENSOR_TYPES,
} from '../../import/tflite/schema.js';
import type { OptionValue, TfliteModel, TfliteOperator, TfliteTensor } from './model.js';

/** Alignment of constants, as the schema asks for. */
const DATA_ALIGNMENT = 16;

/** Operator numbers beyond a byte stand in the old field as this one. */
const PLACEHOLDER_CODE = 127;

/** How custom operators are named: `CUSTOM 'code'`. */
const CUSTOM = /^CUSTOM '(.*)'$/;

/**
 * The bytes of a TFLite file. Options that an operator does not name get the schema's defaults. Equal models give equal
 * bytes. Operators that the importer does not take can be
 * written too, without options. Throws a plain Error on operators and options that the schema lacks.
 */
export function writeTflite(model: TfliteModel): Uint8Array {
  const b = new Builder(1024);
  const names = [...new Set(model.operators.map(({ operator }) => operator))];
  const withData = model.tensors.filter(({ data }) => data);
  // Buffer 0 is empty by convention; tensors without data refer to it.
  const buffers = [
    table(b, {}),
    ...withData.map((tensor) => table(b, { [BUFFER.data]: offset(dataVector(b, tensor)) })),
  ];
  const tensors = model.tensors.map((tensor) => writeTensor(b, tensor, withData.indexOf(tensor) + 1));
  const operators = model.operators.map((operator) => writeOperator(b, operator, names));
  const subgraph = table(b, {
    [SUBGRAPH.tensors]: offset(offsetVector(b, tensors)),
    [SUBGRAPH.inputs]: offset(intVector(b, model.inputs)),
    [SUBGRAPH.outputs]: offset(intVector(b, model.outputs)),
    [SUBGRAPH.operators]: offset(offsetVector(b, operators)),
    [SUBGRAPH.name]: offset(b.createString('main')),
  });
  const codes = names.map((name) => writeOperatorCode(b, name));
  const root = table(b, {
    [MODEL.version]: (slot) => b.addFieldInt32(slot, SCHEMA_VERSION, 0),
    [MODEL.operatorCodes]: offset(offsetVector(b, codes)),
    [MODEL.subgraphs]: offset(offsetVector(b, [subgraph])),
    [MODEL.description]: offset(b.createString(model.description ?? '')),
    [MODEL.buffers]: offset(offsetVector(b, buffers)),
  });
  b.finish(root, FILE_IDENTIFIER);
  return b.asUint8Array().slice();
}

/** Adds one field to the table under construction. */
type AddField = (slot: number, b: Builder) => void;

/** A table of the given fields by position. Whatever they refer to must have been written before. */
function table(b: Builder, fields: Readonly<Record<number, AddField>>): number {
  const slots = Object.keys(fields).map(Number);
  b.startObject(Math.max(-1, ...slots) + 1);
  for (const slot of slots) fields[slot]?.(slot, b);
  return b.endObject();
}

function offset(to: number): AddField {
  return (slot, b) => b.addFieldOffset(slot, to, 0);
}

function vector<T>(b: Builder, values: readonly T[], bytes: number, add: (value: T) => void): number {
  b.startVector(bytes, values.length, bytes);
  for (const value of values.toReversed()) add(value);
  return b.endVector();
}

const offsetVector = (b: Builder, to: readonly number[]) => vector(b, to, 4, (value) => b.addOffset(value));
const intVector = (b: Builder, to: readonly number[]) => vector(b, to, 4, (value) => b.addInt32(value));
const floatVector = (b: Builder, to: readonly number[]) => vector(b, to, 4, (value) => b.addFloat32(value));
const longVector = (b: Builder, to: readonly number[]) =>
  vector(b, to, 8, (value) => b.addInt64(BigInt(value)));

function dataVector(b: Builder, { data, type }: TfliteTensor): number {
  const bytes = data
    ? type === 'INT4'
      ? packed(data, 4)
      : type === 'INT2'
        ? packed(data, 2)
        : toBytes(data)
    : new Uint8Array();
  b.prep(DATA_ALIGNMENT, bytes.length);
  return b.createByteVector(bytes);
}

/** Codes of 4 or 2 bits, the first in the lowest bits of a byte. */
function packed(codes: TypedArray, bits: number): Uint8Array {
  const perByte = 8 / bits;
  const bytes = new Uint8Array(Math.ceil(codes.length / perByte));
  codes.forEach((code, i) => {
    bytes[Math.floor(i / perByte)]! |= (Number(code) & (2 ** bits - 1)) << (bits * (i % perByte));
  });
  return bytes;
}

function writeTensor(b: Builder, tensor: TfliteTensor, buffer: number): number {
  const { quantization } = tensor;
  const fields: Record<number, AddField> = {
    [TENSOR.shape]: offset(intVector(b, tensor.shape)),
    [TENSOR.type]: (slot) => b.addFieldInt8(slot, TENSOR_TYPES.indexOf(tensor.type), 0),
    [TENSOR.buffer]: (slot) => b.addFieldInt32(slot, buffer, 0),
    [TENSOR.name]: offset(b.createString(tensor.name)),
    [TENSOR.isVariable]: (slot) => b.addFieldInt8(slot, tensor.variable ? 1 : 0, 0),
    [TENSOR.hasRank]: (slot) => b.addFieldInt8(slot, 1, 0),
  };
  if (quantization) {
    const parameters = table(b, {
      [QUANTIZATION.scale]: offset(floatVector(b, quantization.scales)),
      [QUANTIZATION.zeroPoint]: offset(longVector(b, quantization.zeroPoints)),
      [QUANTIZATION.axis]: (slot) => b.addFieldInt32(slot, quantization.axis ?? 0, 0),
    });
    fields[TENSOR.quantization] = offset(parameters);
  }
  return table(b, fields);
}

function writeOperatorCode(b: Builder, name: string): number {
  const custom = CUSTOM.exec(name)?.[1];
  const code = operatorCode(custom === undefined ? name : 'CUSTOM');
  if (code === undefined) throw new Error(`the schema has no operator ${name}`);
  const customCode =
    custom === undefined ? {} : { [OPERATOR_CODE.customCode]: offset(b.createString(custom)) };
  return table(b, {
    ...customCode,
    [OPERATOR_CODE.deprecatedCode]: (slot) => b.addFieldInt8(slot, Math.min(code, PLACEHOLDER_CODE), 0),
    [OPERATOR_CODE.version]: (slot) => b.addFieldInt32(slot, 1, 1),
    [OPERATOR_CODE.code]: (slot) => b.addFieldInt32(slot, code, 0),
  });
}

function writeOperator(b: Builder, node: TfliteOperator, names: readonly string[]): number {
  const fields: Record<number, AddField> = {
    [OPERATOR.opcodeIndex]: (slot) => b.addFieldInt32(slot, names.indexOf(node.operator), 0),
    [OPERATOR.inputs]: offset(intVector(b, node.inputs)),
    [OPERATOR.outputs]: offset(intVector(b, node.outputs)),
  };
  const custom = CUSTOM_OPTIONS[node.operator];
  if (custom) fields[OPERATOR.customOptions] = offset(customOptions(b, custom, node.options ?? {}));
  const layout = OPERATORS[node.operator]?.options;
  const known = custom ?? layout?.fields ?? [];
  const unknown = Object.keys(node.options ?? {}).filter((name) => !known.some((f) => f.name === name));
  if (unknown.length > 0) throw new Error(`${node.operator} has no option ${unknown.join(', ')}`);
  if (layout) {
    fields[OPERATOR.optionsType] = (slot) => b.addFieldInt8(slot, layout.union, 0);
    fields[OPERATOR.options] = offset(writeOptions(b, layout, node.options ?? {}));
  }
  return table(b, fields);
}

/** A FlexBuffer map of integers; enumerations by number. */
function customOptions(
  b: Builder,
  fields: readonly OptionField[],
  values: Readonly<Record<string, OptionValue>>,
): number {
  const numbers = fields.flatMap((field) => {
    const value = values[field.name];
    if (value === undefined) return [];
    return [[field.name, field.kind === 'enum' ? field.values.indexOf(String(value)) : value]];
  });
  return b.createByteVector(encode(Object.fromEntries(numbers)));
}

function writeOptions(
  b: Builder,
  layout: OptionsTable,
  values: Readonly<Record<string, OptionValue>>,
): number {
  const fields: Record<number, AddField> = {};
  layout.fields.forEach((field, position) => {
    const value = values[field.name];
    if (value !== undefined) fields[position] = writeOption(b, field, value);
  });
  return table(b, fields);
}

function writeOption(b: Builder, field: OptionField, value: OptionValue): AddField {
  const wrong = (): never => {
    throw new Error(`option ${field.name} cannot be ${JSON.stringify(value)}`);
  };
  switch (field.kind) {
    case 'int':
      return typeof value === 'number' ? (slot) => b.addFieldInt32(slot, value, field.default) : wrong();
    case 'float':
      return typeof value === 'number' ? (slot) => b.addFieldFloat32(slot, value, field.default) : wrong();
    case 'bool':
      return typeof value === 'boolean'
        ? (slot) => b.addFieldInt8(slot, value ? 1 : 0, field.default ? 1 : 0)
        : wrong();
    case 'ints':
      return Array.isArray(value) ? offset(intVector(b, value as readonly number[])) : wrong();
    case 'enum': {
      const number = typeof value === 'string' ? field.values.indexOf(value) : -1;
      return number >= 0 ? (slot) => b.addFieldInt8(slot, number, 0) : wrong();
    }
  }
}
