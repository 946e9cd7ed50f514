/**
 * Networks of real numbers: the same graph with activations and constants of plain float32. Nothing is quantized in them; `clamp` holds
 * real bounds, infinite where there is none, and the value of PAD is a real number.
 */
import { type Graph, inputOf, shortName } from './graph.js';
import type { Clamp, Node, OpKind } from './ops.js';
import type { Tensor } from './tensor.js';
import { demand, type Subject } from './violation.js';

/** The operators that compute with float32; those that only move elements take any type. */
export const FLOAT_OPERATORS = [
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'TRANSPOSE_CONV',
  'BATCH_MATMUL',
  'ADD',
  'SUB',
  'MUL',
  'MAXIMUM',
  'MINIMUM',
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
  'MEAN',
  'SUM',
  'SOFTMAX',
  'LOGISTIC',
  'TANH',
  'HARD_SWISH',
  'GELU',
  'LEAKY_RELU',
  'PRELU',
  'RELU',
  'RELU6',
  'RELU_N1_TO_1',
  'PAD',
  'RESIZE_NEAREST_NEIGHBOR',
  'RESIZE_BILINEAR',
  'ARG_MAX',
  'L2_NORMALIZATION',
] as const satisfies readonly OpKind[];

export type FloatOperator = (typeof FLOAT_OPERATORS)[number];

export const UNCLAMPED: Clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** Whether an operator on such a first input computes with real numbers. */
export function isFloatOperator(kind: OpKind, first: Tensor | null | undefined): kind is FloatOperator {
  return first?.format.type === 'float32' && (FLOAT_OPERATORS as readonly OpKind[]).includes(kind);
}

/** Whether a node computes with real numbers, for which there is no kernel; zeros are padded as codes are. */
export function isFloatLayer(graph: Graph, node: Node): boolean {
  return (
    isFloatOperator(node.kind, inputOf(graph, node, 0)) &&
    !(node.kind === 'PAD' && node.attributes.value === 0)
  );
}

/** How many inputs lead that may be computed; those behind them are constants. */
const VARYING: Partial<Record<OpKind, number>> = {
  CONV_2D: 1,
  DEPTHWISE_CONV_2D: 1,
  FULLY_CONNECTED: 1,
  TRANSPOSE_CONV: 1,
  PRELU: 1,
};

/** What such an operator takes, whichever it is: float32 without scales, weights being constants, and attributes that are float32. */
export function checkFloat(kind: FloatOperator, s: Subject<OpKind>): void {
  for (const [i, tensor] of s.inputs.entries()) {
    if (tensor === null) continue;
    checkPlain(tensor, 'float32');
    demand(
      i < (VARYING[kind] ?? 2) || tensor.data !== null,
      'form',
      `its input '${shortName(tensor.name)}' is not constant`,
    );
  }
  demand((s.inputs[3] ?? null) === null, 'type', 'real numbers end by no thresholds');
  checkPlain(s.output, kind === 'ARG_MAX' ? 'int32' : 'float32');
  const numbers = Object.values(s.attributes).filter((value) => typeof value === 'number');
  demand(numbers.every(isFloat), 'quantization', `has the numbers ${numbers}, which are not all float32`);
  if ('clamp' in s.attributes) checkBounds(s.attributes.clamp);
}

function checkPlain({ name, format: { type, scales } }: Tensor, wanted: 'float32' | 'int32'): void {
  demand(type === wanted, 'type', `'${shortName(name)}' is ${type}, not ${wanted}`);
  demand(scales.length === 0, 'quantization', `'${shortName(name)}' has a scale`);
}

function checkBounds({ min, max }: Clamp): void {
  const ordered = isFloat(min) && isFloat(max) && min <= max;
  demand(ordered, 'quantization', `clamps to ${min} to ${max}, which is no range of float32`);
}

/** NaN is none here. */
function isFloat(value: number): boolean {
  return Math.fround(value) === value;
}
