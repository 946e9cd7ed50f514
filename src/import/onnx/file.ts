import { BitloomError } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './model.js';
import {
  type AttributeProto,
  decode,
  type GraphProto,
  looksLikeModel,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './schema.js';
import { onnxType, readTensor } from './tensors.js';

/** Domains that mean ONNX's own operators. */
const OWN_DOMAIN = 'ai.onnx';

/** AttributeProto.AttributeType. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

/** Whether `bytes` have the form of an ONNX model. */
export function isOnnx(bytes: Uint8Array): boolean {
  return looksLikeModel(bytes);
}

/**
 * Decodes an ONNX file. Errors: BL101 where it is no ONNX model, or of operators too new, BL102 where it is damaged or contradicts itself, BL105 for
 * constants that Bitloom does not read.
 * @param name of the file, for messages
 */
export function readOnnx(bytes: Uint8Array, name: string): OnnxModel {
  const model = decodeModel(bytes, name);
  const { graph } = model;
  if (!graph || graph.output.length === 0) {
    throw new BitloomError('BL101', `'${name}' has no graph with an output`, 'Pass an ONNX model (.onnx)');
  }
  const opsets = new Map(model.opsetImport.map(({ domain, version }) => [ownDomain(domain), version]));
  checkOpset(opsets.get('') ?? 1, name);
  const constants = new Map<string, OnnxTensor>();
  for (const initializer of graph.initializer) constants.set(initializer.name, readTensor(initializer));
  const nodes: OnnxNode[] = [];
  for (const [index, proto] of graph.node.entries()) {
    const node = readNode(proto, index);
    const constant = node.op === 'Constant' && node.domain === '' ? readConstant(node) : null;
    if (constant) constants.set(constant.name, constant);
    else nodes.push(node);
  }
  const inputs = graph.input.filter((value) => !constants.has(value.name)).map(readValue);
  checkOrder(nodes, constants, inputs, graph);
  return {
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    opsets,
    nodes,
    constants,
    inputs,
    outputs: graph.output.map(readValue),
    values: new Map(
      [...graph.valueInfo, ...graph.input, ...graph.output].map((value) => [value.name, readValue(value)]),
    ),
  };
}

/** The newest version of ONNX's operators whose definitions the importers follow. */
const NEWEST_OPSET = 26;

function checkOpset(version: number, name: string): void {
  if (version <= NEWEST_OPSET) return;
  throw new BitloomError(
    'BL101',
    `'${name}' has version ${version} of ONNX's operators, which is newer than Bitloom knows`,
    `Export it with opset ${NEWEST_OPSET} or older`,
  );
}

/**
 * Decodes a file that holds a single tensor, as ONNX's own test data does (`input_0.pb`). Errors: BL102, BL105.
 * @param name for messages
 */
export function readOnnxTensor(bytes: Uint8Array, name: string): OnnxTensor {
  return readTensor(guarded(name, () => decode('TensorProto', bytes)));
}

function decodeModel(bytes: Uint8Array, name: string): ModelProto {
  return guarded(name, () => decode('ModelProto', bytes));
}

function guarded<T extends ModelProto | TensorProto>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(`'${name}' is no sound protocol buffer (${reason})`);
  }
}

function damaged(problem: string): BitloomError {
  return new BitloomError('BL102', problem, 'Get the file again, or export the model again');
}

function ownDomain(domain: string): string {
  return domain === OWN_DOMAIN ? '' : domain;
}

function readNode(proto: NodeProto, index: number): OnnxNode {
  const node = {
    op: proto.opType,
    domain: ownDomain(proto.domain),
    name: proto.name,
    index,
    inputs: proto.input,
    outputs: proto.output,
  };
  const attributes = new Map<string, OnnxAttribute>();
  for (const attribute of proto.attribute) {
    const value = readAttribute(attribute, proto.output[0] ?? '');
    if (value !== null) attributes.set(attribute.name, value);
  }
  return { ...node, attributes };
}

/** Null for kinds that no operator of Bitloom has (subgraphs, sparse tensors, types). */
function readAttribute(attribute: AttributeProto, output: string): OnnxAttribute | null {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  switch (attribute.type) {
    case ATTRIBUTE.float:
      return attribute.f;
    case ATTRIBUTE.int:
      return attribute.i;
    case ATTRIBUTE.string:
      return text(attribute.s);
    case ATTRIBUTE.tensor:
      return attribute.t && readTensor(attribute.t, output);
    case ATTRIBUTE.floats:
      return attribute.floats;
    case ATTRIBUTE.ints:
      return attribute.ints;
    case ATTRIBUTE.strings:
      return attribute.strings.map(text);
    default:
      return null;
  }
}

/** The tensor of a Constant node in one of its forms; null in those that Bitloom does not read. */
function readConstant(node: OnnxNode): OnnxTensor | null {
  const [name = ''] = node.outputs;
  const [[form, value] = ['', null]] = node.attributes;
  if (value === null) return null;
  const list = typeof value === 'number' ? [value] : value;
  const shape = typeof value === 'number' ? [] : [(list as readonly unknown[]).length];
  switch (form) {
    case 'value':
      return typeof value === 'object' && 'data' in value ? value : null;
    case 'value_int':
    case 'value_ints':
      return { name, type: 'int64', shape, data: Float64Array.from(list as readonly number[]) };
    case 'value_float':
    case 'value_floats':
      return { name, type: 'float', shape, data: Float32Array.from(list as readonly number[]) };
    default:
      return null;
  }
}

function readValue({ name, type }: ValueInfoProto): OnnxValue {
  const tensor = type?.tensorType ?? null;
  const shape = tensor?.shape?.dim.map(({ dimValue, dimParam }) =>
    dimParam !== '' ? dimParam : dimValue > 0 ? dimValue : '?',
  );
  return { name, type: tensor && onnxType(tensor.elemType), shape: shape ?? null };
}

/** Every value has one origin, which comes before its uses; every output of the model has one. */
function checkOrder(
  nodes: readonly OnnxNode[],
  constants: ReadonlyMap<string, OnnxTensor>,
  inputs: readonly OnnxValue[],
  graph: GraphProto,
): void {
  const known = new Set([...constants.keys(), ...inputs.map(({ name }) => name)]);
  const need = (value: string, user: string) => {
    if (!known.has(value))
      throw damaged(`${user} reads '${shortName(value)}', which nothing before it computes`);
  };
  for (const node of nodes) {
    const user = `${shortName(node.op)} #${node.index}`;
    for (const input of node.inputs) if (input !== '') need(input, user);
    for (const output of node.outputs) {
      if (output === '') continue;
      if (known.has(output)) throw damaged(`${user} computes '${shortName(output)}', which exists already`);
      known.add(output);
    }
  }
  for (const { name } of graph.output) need(name, 'the list of outputs');
}
