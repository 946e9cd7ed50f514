import { BitloomError } from './diagnostics.js';
import { checkFormats } from './formats.js';
import { type Graph, shortName } from './graph.js';
import type { Node, OpKind } from './ops.js';
import { equal, OUTPUT_SHAPES } from './shapes.js';
import {
  ELEMENT_BYTES,
  type ElementType,
  elementCount,
  INTEGER_RANGE,
  isPacked,
  type Tensor,
  type TensorId,
  type TypedArray,
} from './tensor.js';
import { type Aspect, demand, type Subject, Violation } from './violation.js';

/** What is wrong with a graph. */
export interface GraphProblem {
  readonly aspect: Aspect;
  /** In words, naming the node or tensor. */
  readonly text: string;
}

/** Throws BL201 unless the graph keeps its contract (see `findProblem`). */
export function checkGraph(graph: Graph): void {
  const problem = findProblem(graph);
  if (!problem) return;
  throw new BitloomError(
    'BL201',
    `'${graph.name}': ${problem.text}`,
    'This is a defect of the importer or pass that made the graph: please report it with the model',
  );
}

/**
 * The first breach of the contract of graphs, or null:
 * - ids are in range; every activation is a graph input or written by exactly one node, before it is read;
 *   constants and states are never written, nor inputs or outputs of the graph;
 * - constants have the length and element type that shape and format say; scales are float32 and positive, zero
 *   points are codes; only constants are quantized per channel;
 * - inputs, attributes and output of every node agree in shape, form, type and quantization;
 * - clamps are ranges of the output's codes, or of float32 where it is that.
 */
export function findProblem(graph: Graph): GraphProblem | null {
  let place = 'tensor table';
  try {
    for (const tensor of graph.tensors) {
      place = `tensor '${shortName(tensor.name)}'`;
      checkTensor(tensor);
    }
    place = 'graph inputs';
    const written = new Set<TensorId>();
    for (const id of graph.inputs) write(graph, written, id);
    for (const node of graph.nodes) {
      place = nameOf(graph, node);
      checkNode(graph, node, written);
    }
    place = 'graph outputs';
    demand(graph.outputs.length > 0, 'structure', 'there is none');
    for (const id of graph.outputs) {
      demand(written.has(id), 'structure', `tensor ${id} is computed by no node`);
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { aspect: error.aspect, text: `${place}: ${error.message}` };
  }
  return null;
}

/** As `describeNode`, for nodes that may lack an output. */
function nameOf(graph: Graph, { source, outputs }: Node): string {
  return `${source.operator} #${source.index} ('${shortName(graph.tensors[outputs[0] ?? -1]?.name ?? '')}')`;
}

function checkNode(graph: Graph, node: Node, written: Set<TensorId>): void {
  const [least, most] = INPUTS[node.kind];
  const count = node.inputs.length;
  demand(count >= least && count <= most, 'structure', `has ${count} inputs`);
  demand(node.outputs.length === 1, 'structure', `has ${node.outputs.length} outputs`);
  const inputs = node.inputs.map((id, i) => {
    if (id === null) return null;
    const tensor = graph.tensors[id];
    demand(tensor !== undefined, 'structure', `input ${i} is tensor ${id} of ${graph.tensors.length}`);
    const ready = tensor.data !== null || tensor.state || written.has(id);
    demand(ready, 'structure', `'${shortName(tensor.name)}' is read before it is written`);
    demand(!tensor.state || node.kind === 'SVDF', 'structure', `'${shortName(tensor.name)}' is a state`);
    return tensor;
  });
  const [id = -1] = node.outputs;
  write(graph, written, id);
  const output = graph.tensors[id];
  demand(output !== undefined, 'structure', `output is tensor ${id}`);
  checkSubject(node.kind, { attributes: node.attributes, inputs, output });
}

/** Correlates a kind with its attributes, which the type of `Node` guarantees. */
function checkSubject<K extends OpKind>(kind: K, subject: Subject<K>): void {
  const shape = OUTPUT_SHAPES[kind](subject);
  demand(
    equal(shape, subject.output.shape),
    'shape',
    `'${shortName(subject.output.name)}' has the shape [${subject.output.shape}] instead of [${shape}]`,
  );
  checkFormats(kind, subject);
  checkClamp(subject);
}

function checkClamp({ attributes, output }: Subject<OpKind>): void {
  const bounds = 'clamp' in attributes ? attributes.clamp : null;
  if (!bounds || output.format.type === 'float32') return;
  const range = codeRange(output.format.type);
  const { min, max } = bounds;
  demand(
    Number.isInteger(min) && Number.isInteger(max) && min <= max && range.min <= min && max <= range.max,
    'quantization',
    `clamps to ${min} to ${max}, which is no range of ${output.format.type}`,
  );
}

/** Marks an activation as written. */
function write(graph: Graph, written: Set<TensorId>, id: TensorId): void {
  const tensor = graph.tensors[id];
  demand(tensor !== undefined, 'structure', `tensor ${id} of ${graph.tensors.length}`);
  demand(
    !tensor.data && !tensor.state,
    'structure',
    `'${shortName(tensor.name)}' is no activation but written`,
  );
  demand(!written.has(id), 'structure', `'${shortName(tensor.name)}' is written twice`);
  written.add(id);
}

function checkTensor({ shape, format, data, state }: Tensor): void {
  const sizes = shape.every((size) => Number.isInteger(size) && size > 0);
  demand(sizes, 'shape', `the shape [${shape}]`);
  const { type, scales, zeroPoints, axis } = format;
  demand(scales.length === zeroPoints.length, 'quantization', 'scales and zero points differ in number');
  const positive = scales.every(
    (scale) => Number.isFinite(scale) && scale > 0 && Math.fround(scale) === scale,
  );
  demand(positive, 'quantization', `the scales ${scales.slice(0, 8)}`);
  const { min, max } = codeRange(type);
  const codes = zeroPoints.every((zero) => Number.isInteger(zero) && zero >= min && zero <= max);
  demand(codes, 'quantization', `the zero points ${zeroPoints.slice(0, 8)}`);
  const perTensor = axis === null && scales.length <= 1;
  const perChannel = axis !== null && data !== null && shape[axis] === scales.length;
  demand(
    perTensor || perChannel,
    'quantization',
    `${scales.length} scales along dimension ${axis} of [${shape}]`,
  );
  if (!data) return;
  demand(!state, 'structure', 'a state has no data');
  demand(data.length === elementCount(shape), 'structure', `${data.length} elements for [${shape}]`);
  demand(!isPacked(type), 'form', `a constant of ${type}`);
  demand(holds(type, data), 'type', `data of another type than ${type}`);
}

function holds(type: ElementType, data: TypedArray): boolean {
  return (
    data.BYTES_PER_ELEMENT === ELEMENT_BYTES[type] && (type === 'float32') === data instanceof Float32Array
  );
}

/** Range of codes; zero points of 64-bit tensors, which only biases have, are 0. */
function codeRange(type: ElementType): { readonly min: number; readonly max: number } {
  return type === 'int64' || type === 'float32' || type === 'bool' ? { min: 0, max: 0 } : INTEGER_RANGE[type];
}

/** Least and greatest number of inputs; an optional input that is absent may be null. */
const INPUTS: Readonly<Record<OpKind, readonly [number, number]>> = {
  CONV_2D: [2, 4],
  DEPTHWISE_CONV_2D: [2, 4],
  FULLY_CONNECTED: [2, 4],
  TRANSPOSE_CONV: [2, 3],
  BATCH_MATMUL: [2, 2],
  ADD: [2, 4],
  SUB: [2, 2],
  MUL: [2, 2],
  MAXIMUM: [2, 2],
  MINIMUM: [2, 2],
  AVERAGE_POOL_2D: [1, 1],
  MAX_POOL_2D: [1, 1],
  MEAN: [1, 1],
  SUM: [1, 1],
  SOFTMAX: [1, 1],
  LOGISTIC: [1, 1],
  TANH: [1, 1],
  HARD_SWISH: [1, 1],
  GELU: [1, 1],
  LEAKY_RELU: [1, 1],
  PRELU: [2, 2],
  RELU: [1, 1],
  RELU6: [1, 1],
  RELU_N1_TO_1: [1, 1],
  TABLE: [1, 1],
  PAD: [1, 1],
  CONCATENATION: [1, Number.POSITIVE_INFINITY],
  RESHAPE: [1, 1],
  TRANSPOSE: [1, 1],
  STRIDED_SLICE: [1, 1],
  GATHER: [2, 2],
  RESIZE_NEAREST_NEIGHBOR: [1, 1],
  RESIZE_BILINEAR: [1, 1],
  ARG_MAX: [1, 1],
  L2_NORMALIZATION: [1, 1],
  ABSMAX: [1, 1],
  ABSMAX_NORMALIZATION: [1, 1],
  RESCALE: [3, 4],
  SVDF: [5, 5],
  QUANTIZE: [1, 2],
  DYNAMIC_SCALE: [1, 1],
  DYNAMIC_ZERO_POINT: [2, 2],
  DYNAMIC_QUANTIZE: [3, 3],
  DYNAMIC_DEQUANTIZE: [5, 6],
  DEQUANTIZE: [1, 2],
};
