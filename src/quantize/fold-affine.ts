/**
 * Factors and offsets a channel (BatchNormalization, scaled inputs, biases) go into the weights and the bias of a layer beside them, and
 * activations into its clamp. Sums are rounded elsewhere then, which is why this is no pass of `src/passes`: outputs move by roundings.
 */
import { isFloatOperator, UNCLAMPED } from '../graph/float.js';
import { type Graph, inputOf, outputOf, tensorAt } from '../graph/graph.js';
import type { Clamp, Node } from '../graph/ops.js';
import { plain, type Tensor, type TensorId } from '../graph/tensor.js';
import { evaluate } from '../oracle/index.js';
import { fuseClamps } from '../passes/fuse-clamps.js';
import { removeDead } from '../passes/remove-dead.js';
import { applyRule, onlyReader, type Rule, replaceNode } from '../passes/rewrite.js';
import { forEachWeight, isWeightedFloat, type WeightedFloat } from './weighted.js';

/** The float graph with fewer MUL, ADD, SUB, RELU and their like; inputs and outputs stay. */
export function foldAffine(graph: Graph): Graph {
  const rules = [intoLayerBefore, intoLayerBehind];
  for (let current = graph; ; ) {
    const folded = rules.reduce(applyRule, current);
    const next = fuseClamps(folded, evaluate);
    if (next === current) return removeDead(current, evaluate);
    current = next;
  }
}

/** `x * factors + offsets`, clamped: one number a channel, the last dimension of x, or one for all. */
interface Affine {
  readonly x: TensorId;
  readonly factor: (c: number) => number;
  readonly offset: (c: number) => number;
  /** Whether all offsets are 0, so that padding may stay. */
  readonly centred: boolean;
  readonly clamp: Clamp;
}

function affineOf(graph: Graph, node: Node): Affine | null {
  if (node.kind !== 'MUL' && node.kind !== 'ADD' && node.kind !== 'SUB') return null;
  if (!isFloatOperator(node.kind, inputOf(graph, node, 0))) return null;
  const [a, b] = node.inputs.map((id) => tensorAt(graph, id)) as [Tensor, Tensor];
  const first = a.data !== null;
  const [x, constant] = first ? [b, a] : [a, b];
  const { data } = constant;
  const same = x.shape.join() === outputOf(graph, node).shape.join();
  const alongLast =
    data !== null && constant.shape.every((size, d) => size === 1 || d === constant.shape.length - 1);
  if (x.data !== null || data === null || !same || !alongLast) return null;
  const value = (c: number) => Number(data[data.length === 1 ? 0 : c]);
  const common = { x: node.inputs[first ? 1 : 0]!, clamp: node.attributes.clamp };
  if (node.kind === 'MUL') return { ...common, factor: value, offset: () => 0, centred: true };
  const centred = data.every((number: number | bigint) => Number(number) === 0);
  if (node.kind === 'ADD') return { ...common, factor: () => 1, offset: value, centred };
  const sign = first ? 1 : -1;
  return { ...common, factor: () => -sign, offset: (c) => sign * value(c), centred };
}

/** A layer without activation whose only reader is an affine operator scales its output channels. */
const intoLayerBefore: Rule = (graph, layer, links) => {
  if (!isWeightedFloat(graph, layer) || !isUnclamped(layer.attributes.clamp)) return null;
  const node = onlyReader(graph, links, layer.outputs[0]!);
  const affine = node && affineOf(graph, node);
  if (!affine || affine.x !== layer.outputs[0]) return null;
  const { filter, bias } = copied(graph, layer);
  forEachWeight(graph, layer, (i, output) => {
    filter[i]! *= affine.factor(output);
  });
  const moved = bias.map((value, c) => value * affine.factor(c) + affine.offset(c));
  const attributes = { ...layer.attributes, clamp: affine.clamp };
  const scaled = { ...layer, attributes, outputs: node.outputs } as WeightedFloat;
  return withWeights(replaceNode(graph, node, null), layer, scaled, filter, moved);
};

/** A layer that alone reads an affine operator scales its input channels; offsets must reach every tap of it. */
const intoLayerBehind: Rule = (graph, node, links) => {
  const affine = affineOf(graph, node);
  if (!affine || !isUnclamped(affine.clamp)) return null;
  const layer = onlyReader(graph, links, node.outputs[0]!);
  if (!layer || !isWeightedFloat(graph, layer) || layer.inputs[0] !== node.outputs[0]) return null;
  if (!affine.centred && !readsAll(layer)) return null;
  const { filter, bias } = copied(graph, layer);
  const channels = outputOf(graph, node).shape.at(-1)!;
  forEachWeight(graph, layer, (i, output, input) => {
    bias[output]! += filter[i]! * affine.offset(input % channels);
    filter[i]! *= affine.factor(input % channels);
  });
  const inputs = [affine.x, ...layer.inputs.slice(1)];
  return withWeights(replaceNode(graph, node, null), layer, { ...layer, inputs }, filter, bias);
};

const isUnclamped = ({ min, max }: Clamp) => min === UNCLAMPED.min && max === UNCLAMPED.max;

/** Whether each output is made of all taps: nothing is padded. */
function readsAll(layer: WeightedFloat): boolean {
  if (layer.kind === 'FULLY_CONNECTED') return true;
  return (
    layer.kind !== 'TRANSPOSE_CONV' && Object.values(layer.attributes.padding).every((taps) => taps === 0)
  );
}

/** Weights and bias (zeros where there is none) in binary64, to be changed. */
function copied(graph: Graph, layer: WeightedFloat) {
  const filter = Float64Array.from(inputOf(graph, layer, 1)!.data as Float32Array);
  const channels = outputOf(graph, layer).shape.at(-1)!;
  const bias = inputOf(graph, layer, 2)?.data as Float32Array | undefined;
  return { filter, bias: bias ? Float64Array.from(bias) : new Float64Array(channels) };
}

function withWeights(
  graph: Graph,
  layer: WeightedFloat,
  replacement: WeightedFloat,
  filter: Float64Array,
  bias: Float64Array,
): Graph {
  const old = inputOf(graph, layer, 1)!;
  const format = plain('float32');
  const name = `${outputOf(graph, replacement).name} bias`;
  const weights: Tensor = { ...old, data: Float32Array.from(filter) };
  const offsets: Tensor = { name, shape: [bias.length], format, data: Float32Array.from(bias), state: false };
  const at = graph.tensors.length;
  const inputs = [replacement.inputs[0]!, at, at + 1];
  const tensors = [...graph.tensors, weights, offsets];
  return replaceNode({ ...graph, tensors }, layer, { ...replacement, inputs } as Node);
}
