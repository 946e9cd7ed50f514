/**
 * The executable meaning of each operator, to the bit: TensorFlow Lite Micro's reference kernels, one file a family; on real numbers
 * what `oracle/float` says. Slow and obvious on purpose. Back ends are judged against it, layer by layer.
 */
import { BitloomError } from '../graph/diagnostics.js';
import { isFloatOperator } from '../graph/float.js';
import { describeNode, type Graph, requireInput, tensorAt } from '../graph/graph.js';
import type { Node, NodeOf, OpKind } from '../graph/ops.js';
import { allocate, elementCount, type TensorId, type TypedArray, zeroPointOf } from '../graph/tensor.js';
import { absmax } from './absmax.js';
import { arithmetic } from './arithmetic.js';
import type { Call, Numbers, Operand, OracleOf } from './call.js';
import { convolution } from './convolution.js';
import { dynamic } from './dynamic.js';
import { FLOAT_ORACLE } from './float/index.js';
import { matmul } from './matmul.js';
import { movement } from './movement.js';
import { pool } from './pool.js';
import { quantization } from './quantize.js';
import { reductions } from './reduction.js';
import { resize } from './resize.js';
import { rows } from './rows.js';
import { ORACLE_TYPES, supports } from './supports.js';
import { stateful } from './svdf.js';
import { unary } from './unary.js';

const ORACLE: { readonly [K in OpKind]: OracleOf<K> } = {
  ...convolution,
  ...matmul,
  ...arithmetic,
  ...pool,
  ...reductions,
  ...rows,
  ...absmax,
  ...unary,
  ...movement,
  ...resize,
  ...stateful,
  ...quantization,
  ...dynamic,
};

export { ORACLE_TYPES, supports } from './supports.js';

/** Contents of the graph's state tensors, which outlive a run. */
export type OracleState = Map<TensorId, TypedArray>;

/** Every state at its zero point. */
export function initialState(graph: Graph): OracleState {
  const state: OracleState = new Map();
  graph.tensors.forEach((tensor, id) => {
    if (!tensor.state) return;
    const data = allocate(tensor.format.type, elementCount(tensor.shape));
    if (!(data instanceof BigInt64Array)) data.fill(zeroPointOf(tensor));
    state.set(id, data);
  });
  return state;
}

/**
 * Runs the graph once.
 * @param inputs contents of the graph's inputs, in its order; element type and count must match
 * @param state from `initialState`, updated in place; a run without it starts afresh
 * @returns the contents of every tensor by id: constants and inputs as given, states after the run
 * @throws BitloomError BL503 if an input does not match, BL104 if an operator has no meaning on its type
 */
export function evaluate(
  graph: Graph,
  inputs: readonly TypedArray[],
  state: OracleState = initialState(graph),
): readonly TypedArray[] {
  checkInputs(graph, inputs);
  const given = new Map(graph.inputs.map((id, i) => [id, inputs[i]!]));
  const contents = graph.tensors.map(
    (tensor, id) =>
      given.get(id) ??
      tensor.data ??
      state.get(id) ??
      allocate(tensor.format.type, elementCount(tensor.shape)),
  );
  for (const node of graph.nodes) run(graph, node, contents);
  // The next run changes the state in place; this run's result must not follow.
  for (const [id, data] of state) contents[id] = data.slice();
  return contents;
}

/**
 * Runs one node.
 * @param inputs contents of its inputs by position; null for constants and absent ones
 * @returns the contents of its output
 */
export function evaluateNode(graph: Graph, node: Node, inputs: readonly (TypedArray | null)[]): TypedArray {
  const contents: TypedArray[] = [];
  for (const [i, id] of node.inputs.entries()) {
    const data = inputs[i] ?? (id === null ? null : tensorAt(graph, id).data);
    if (id !== null && data) contents[id] = data;
  }
  const id = node.outputs[0]!;
  const { format, shape } = tensorAt(graph, id);
  contents[id] = allocate(format.type, elementCount(shape));
  run(graph, node, contents);
  return contents[id];
}

/** Generic in one kind, so that the compiler sees operator, attributes and meaning belong together. */
function run<K extends OpKind>(
  graph: Graph,
  node: Node & { readonly kind: K },
  contents: TypedArray[],
): void {
  const first = requireInput(graph, node, 0);
  const { type } = first.format;
  if (!supports(node.kind, type)) {
    throw new BitloomError(
      'BL104',
      `${describeNode(graph, node)} has no meaning on ${type}`,
      `${node.kind} takes ${ORACLE_TYPES[node.kind].join(', ')}`,
    );
  }
  const { kind } = node;
  const oracle = isFloatOperator(kind, first) ? FLOAT_ORACLE[kind] : ORACLE[kind];
  try {
    (oracle as OracleOf<K>)(bind(graph, node as NodeOf<K>, contents));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BitloomError(
      'BL202',
      `${describeNode(graph, node)}: ${error.message}`,
      'Quantize the model again with representative data',
    );
  }
}

function bind<K extends OpKind>(graph: Graph, node: NodeOf<K>, contents: readonly TypedArray[]): Call<K> {
  const operand = (id: TensorId): Operand => {
    const tensor = tensorAt(graph, id);
    return { tensor, shape: tensor.shape, data: contents[id] as Numbers };
  };
  const inputs = node.inputs.map((id) => (id === null ? null : operand(id)));
  return {
    attributes: node.attributes,
    inputs,
    input: (i) => {
      const input = inputs[i];
      if (!input) throw new Error(`${node.kind} of graph '${graph.name}' has no input ${i}`);
      return input;
    },
    bias: (i) => {
      const data: TypedArray | undefined = inputs[i]?.data;
      if (data === undefined) return null;
      return data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
    },
    output: operand(node.outputs[0]!),
  };
}

function checkInputs(graph: Graph, inputs: readonly TypedArray[]): void {
  if (inputs.length !== graph.inputs.length) {
    throw new BitloomError(
      'BL503',
      `'${graph.name}' takes ${graph.inputs.length} inputs, not ${inputs.length}`,
      'Give one array for each input',
    );
  }
  graph.inputs.forEach((id, i) => {
    const tensor = tensorAt(graph, id);
    const wanted = allocate(tensor.format.type, 0).constructor;
    const count = elementCount(tensor.shape);
    if (inputs[i]!.constructor === wanted && inputs[i]!.length === count) return;
    throw new BitloomError(
      'BL503',
      `input '${tensor.name}' of '${graph.name}' holds ${count} elements of ${tensor.format.type}`,
      'Give an array of that type and length',
    );
  });
}
