import { findProblem } from '../../graph/check.js';
import { BitloomError, type DiagnosticCode } from '../../graph/diagnostics.js';
import { type Graph, shortName } from '../../graph/graph.js';
import { perTensor, plain, type TensorId } from '../../graph/tensor.js';
import type { Aspect } from '../../graph/violation.js';
import { describe } from './attributes.js';
import { contracted } from './expanded.js';
import { readOnnx } from './file.js';
import { FOLDS } from './folding.js';
import { declareInput } from './inputs.js';
import { Lowering } from './lowering.js';
import type { OnnxModel, OnnxNode, OnnxValue } from './model.js';
import { dynamicOutput } from './operators/dynamic.js';
import { type importerOf, importersOf } from './operators/index.js';
import { Site } from './site.js';
import type { Activation } from './values.js';

export { isOnnx } from './file.js';

/**
 * The graph of a quantized ONNX model, in QDQ form (QuantizeLinear and DequantizeLinear around float operators) or in operator form
 * (QLinearConv and its like). Activations of uint8 become int8 of the same real values; inputs and outputs keep their types.
 * Quantizers of QONNX make a third form (`docs/qonnx.md`). `docs/onnx.md` says which operators there are and in which order images lie.
 *
 * Errors: BL101 no ONNX file; BL102 damaged; BL103 operators that Bitloom does not have, all in one message; BL104 forms of operators,
 * BL105 tensors, BL107 quantization that it does not support, such as operators that compute in float; BL106 too large.
 * @param name of the model, for messages and generated code
 */
export function importOnnx(bytes: Uint8Array, name: string): Graph {
  return lower(readOnnx(bytes, name), bytes.length, name);
}

/** As `importOnnx`, of a model that is read already. */
export function lower(file: OnnxModel, fileBytes: number, name: string): Graph {
  const model = contracted(file);
  const operators = importersOf(model);
  rejectUnknownOperators(model, name, operators);
  const lowering = new Lowering(model, fileBytes);
  for (const [constant, tensor] of model.constants)
    lowering.values.set(constant, { kind: 'constant', tensor });
  const inputs = model.inputs.map((input) => declareInput(lowering, input));
  for (const node of model.nodes) importNode(lowering, node, operators);
  const graph = lowering.finish(
    name,
    inputs,
    model.outputs.map((output, i) => declareOutput(lowering, output, i)),
  );
  const problem = findProblem(graph);
  if (!problem) return graph;
  const { code, wayOut } = REMEDIES[problem.aspect];
  throw new BitloomError(code, `'${name}': ${problem.text}`, wayOut);
}

/** A file can ask for graphs that break the contract; what that means to the user, by what it breaks. */
const REMEDIES: Readonly<Record<Aspect, { readonly code: DiagnosticCode; readonly wayOut: string }>> = {
  structure: { code: 'BL102', wayOut: 'Export the model again; the file contradicts itself' },
  shape: { code: 'BL102', wayOut: 'Export the model again; the file contradicts itself' },
  form: { code: 'BL104', wayOut: 'Export the model with constant weights' },
  type: { code: 'BL105', wayOut: 'Quantize the model to 8 bits or fewer, weights included' },
  quantization: { code: 'BL107', wayOut: 'Quantize the model again, statically' },
};

type ImporterOf = typeof importerOf;

function importNode(lowering: Lowering, node: OnnxNode, operators: ImporterOf): void {
  const site = new Site(lowering, node);
  const folded = node.domain === '' ? FOLDS[node.op]?.(site) : null;
  if (folded) {
    site.result({ kind: 'constant', tensor: folded });
    return;
  }
  const importer =
    operators(node.domain, node.op) ??
    site.fail(
      'BL103',
      'computes with data here',
      'Rewrite this layer with supported operators (docs/onnx.md)',
    );
  site.result(importer(site));
}

/**
 * The tensor of an output: float where the file says so, else codes. Images that lie with channels last stay so, unless the model
 * itself ends in a Transpose; all else is in the file's order.
 */
function declareOutput(lowering: Lowering, output: OnnxValue, i: number): TensorId {
  const { name, type } = output;
  const index = lowering.model.nodes.length + 1 + i;
  const node: OnnxNode = {
    op: 'output',
    domain: '',
    name: '',
    index,
    inputs: [name],
    outputs: [name],
    attributes: new Map(),
  };
  const activation = finished(lowering, node);
  const { layout } = activation;
  const { shape } = layout;
  const rows = shape.map((_, d) => d);
  const channelsLast = [0, ...rows.slice(2), 1];
  const asImage =
    shape.length > 2 &&
    layout.lies(channelsLast) &&
    !layout.isRowMajor() &&
    !endsInTranspose(lowering.model, name);
  const perm = asImage ? channelsLast : rows;
  const sizes = perm.map((d) => shape[d]!);
  if (asImage)
    lowering.note(
      `output '${shortName(name)}' is [${sizes}] here, channels last; in the file it is [${shape}]`,
    );
  const id = lowering.view(node, activation, perm);
  const { format } = lowering.tensor(id);
  const integer = type !== null && /int/.test(type);
  if (activation.coded === null && format.type !== 'float32' && !integer) {
    const output = { shape: sizes, format: plain('float32') };
    return lowering.emit({ ...node, op: 'DequantizeLinear' }, 'DEQUANTIZE', {}, [id], output);
  }
  if (activation.coded === 'uint8') {
    const outer = perTensor('uint8', format.scales[0]!, format.zeroPoints[0]! + 128);
    return lowering.emit({ ...node, op: 'QUANTIZE' }, 'QUANTIZE', {}, [id], { shape: sizes, format: outer });
  }
  return id;
}

/** Whether a value comes from a Transpose, past what computes nothing. */
function endsInTranspose({ nodes }: OnnxModel, name: string): boolean {
  let value = name;
  for (const node of nodes.toReversed()) {
    if (!node.outputs.includes(value)) continue;
    if (node.op === 'Transpose') return true;
    if (!['QuantizeLinear', 'DequantizeLinear', 'Identity', 'Cast'].includes(node.op)) return false;
    value = node.inputs[0] ?? '';
  }
  return false;
}

/** What an output has become, computed even where no quantizer says how. */
function finished(lowering: Lowering, node: OnnxNode): Activation {
  const { values, dialect } = lowering;
  const name = node.inputs[0]!;
  const value = values.get(name);
  if (value?.kind === 'activation') return value;
  if (value?.kind === 'dynamic codes' || value?.kind === 'dynamic scale') {
    const site = new Site(lowering, node);
    return dynamicOutput(site, value) ?? site.unquantized(0, value);
  }
  if (value?.kind !== 'pending') {
    throw new BitloomError('BL104', `output '${shortName(name)}' is a constant`, 'Remove it from the model');
  }
  if (!value.emitFree) {
    throw new BitloomError(
      'BL107',
      `${describe(value.node)} computes in float: no ${dialect.quantizer} follows`,
      dialect.wayOut,
    );
  }
  return value.emitFree(value.bounds);
}

/** How many kinds of unknown operators a message names. */
const NAMED = 20;

/** Names every kind of operator of the model that has no importer, with its count and first place. */
function rejectUnknownOperators({ nodes }: OnnxModel, name: string, operators: ImporterOf): void {
  const uses = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    if (operators(node.domain, node.op) || (node.domain === '' && Object.hasOwn(FOLDS, node.op))) continue;
    const operator = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    const known = uses.get(operator);
    if (known) known.push(node);
    else uses.set(operator, [node]);
  }
  if (uses.size === 0) return;
  const list = [...uses].slice(0, NAMED).map(([operator, found]) => {
    const [first] = found;
    const times = found.length === 1 ? 'once' : `${found.length} times`;
    return `${shortName(operator)} (${times}, first as #${first?.index} '${shortName(first?.outputs[0] ?? '')}')`;
  });
  if (uses.size > NAMED) list.push(`${uses.size - NAMED} others`);
  throw new BitloomError(
    'BL103',
    `'${name}' uses ${list.join(', ')}`,
    'Rewrite these layers with supported operators (docs/onnx.md) or run them outside of the model',
  );
}
