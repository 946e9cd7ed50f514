import { UNCLAMPED } from '../graph/float.js';
import { type Graph, outputOf, tensorAt } from '../graph/graph.js';
import type { Clamp, Node } from '../graph/ops.js';
import { sameFormat, type TensorId } from '../graph/tensor.js';
import { clampOf, elementwiseInput, mapCodes } from './elementwise.js';
import { applyRule, type Evaluate, onlyReader, type Pass, replaceNode } from './rewrite.js';

/**
 * An activation that only clamps codes or real numbers (RELU, RELU6, RELU_N1_TO_1, MAXIMUM or MINIMUM with a constant, a TABLE that comes
 * to that) moves into the clamp of the operator that makes its input, unless something else reads that input.
 */
export const fuseClamps: Pass = (graph, evaluate) =>
  applyRule(graph, (current, producer, links) => {
    if (!('clamp' in producer.attributes) || countsThresholds(producer)) return null;
    const activation = onlyReader(current, links, producer.outputs[0]!);
    const bounds = activation && boundsOf(current, activation, evaluate);
    if (!activation || !bounds) return null;
    const limit = (code: number) => Math.min(Math.max(code, bounds.min), bounds.max);
    const { clamp } = producer.attributes;
    const attributes = { ...producer.attributes, clamp: { min: limit(clamp.min), max: limit(clamp.max) } };
    const fused = { ...producer, attributes, outputs: activation.outputs } as Node;
    return replaceNode(replaceNode(current, activation, null), producer, fused);
  });

/** Of a sum that ends by thresholds the clamp says where its codes begin. */
function countsThresholds({ kind, inputs }: Node): boolean {
  const isSum =
    kind === 'CONV_2D' || kind === 'DEPTHWISE_CONV_2D' || kind === 'FULLY_CONNECTED' || kind === 'ADD';
  return isSum && (inputs[3] ?? null) !== null;
}

function boundsOf(graph: Graph, node: Node, evaluate: Evaluate): Clamp | null {
  const x = elementwiseInput(graph, node);
  if (x !== null && tensorAt(graph, x).format.type === 'float32') return realBounds(graph, node, x);
  if (x === null || !sameFormat(tensorAt(graph, x).format, outputOf(graph, node).format)) return null;
  switch (node.kind) {
    case 'TABLE':
      return clampOf(node.attributes.table);
    case 'RELU':
    case 'RELU6':
    case 'RELU_N1_TO_1':
    case 'MAXIMUM':
    case 'MINIMUM':
      return isCode(graph, x) ? clampOf(mapCodes(graph, [node], evaluate)) : null;
    default:
      return null;
  }
}

/** Of an activation on real numbers. */
function realBounds(graph: Graph, node: Node, x: TensorId): Clamp | null {
  switch (node.kind) {
    case 'RELU':
      return { ...UNCLAMPED, min: 0 };
    case 'RELU6':
      return { min: 0, max: 6 };
    case 'RELU_N1_TO_1':
      return { min: -1, max: 1 };
    case 'MAXIMUM':
      return { ...UNCLAMPED, min: otherNumber(graph, node, x) };
    case 'MINIMUM':
      return { ...UNCLAMPED, max: otherNumber(graph, node, x) };
    default:
      return null;
  }
}

/** The one number that the constant operand beside `x` holds. */
function otherNumber(graph: Graph, { inputs }: Node, x: TensorId): number {
  return Number(
    tensorAt(
      graph,
      inputs.find((id) => id !== x),
    ).data![0],
  );
}

function isCode(graph: Graph, id: number): boolean {
  const { type } = tensorAt(graph, id).format;
  return type === 'int8' || type === 'int16';
}
