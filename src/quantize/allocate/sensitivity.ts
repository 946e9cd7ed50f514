/**
 * How much a network's outputs suffer from an error in a layer. For small errors the loss is linear in their energy, and those of
 * layers add up (HIGGS, arXiv 2411.17525): so noise of a known energy in one layer at a time tells what any error there costs.
 */
import { type Graph, outputOf } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import { type Layer, layerOf } from '../execute/layer.js';
import type { Matmul } from '../execute/matmul.js';
import { isWeightedFloat, type WeightedFloat } from '../weighted.js';
import { gaussian } from './gaussian.js';

/** Energy of the noise, as a share of the layer's output: small enough to be linear, large beside float32's own errors. */
const SHARE = 0.01;

export interface Sensitivity {
  readonly node: WeightedFloat;
  /** Loss of the outputs by the share of its energy that a layer's output errs by. */
  readonly perShare: number;
}

/**
 * @param inferences few: the network runs behind each layer, in each of them
 * @param seen told of each layer that is done
 */
export async function sensitivities(
  matmul: Matmul,
  graph: Graph,
  inferences: readonly (readonly Float32Array[])[],
  seen: () => void | Promise<void> = () => {},
): Promise<readonly Sensitivity[]> {
  const layers = graph.nodes.map((node) => layerOf(matmul, graph, node));
  const runs = inferences.map((inputs) => {
    const contents = new Map<TensorId, Float32Array>(graph.inputs.map((id, i) => [id, inputs[i]!]));
    for (const [at, node] of graph.nodes.entries())
      contents.set(node.outputs[0]!, layers[at]!(inputsOf(node, contents)));
    return contents;
  });
  const found: Sensitivity[] = [];
  for (const [at, node] of graph.nodes.entries()) {
    if (!isWeightedFloat(graph, node)) continue;
    const noisy = noisyLayer(matmul, graph, node, at);
    const later = dependents(graph, at);
    const losses = runs.map((contents) => {
      const changed = new Map(contents);
      changed.set(node.outputs[0]!, noisy(inputsOf(node, contents)));
      for (const i of later) {
        const dependent = graph.nodes[i]!;
        changed.set(dependent.outputs[0]!, layers[i]!(inputsOf(dependent, changed)));
      }
      return lossOf(graph, contents, changed);
    });
    found.push({ node, perShare: losses.reduce((sum, loss) => sum + loss, 0) / losses.length / SHARE });
    await seen();
  }
  return found;
}

function inputsOf(node: Node, contents: ReadonlyMap<TensorId, Float32Array>): (Float32Array | null)[] {
  return node.inputs.map((id) => (id === null ? null : (contents.get(id) ?? null)));
}

/** The layer with noise before its activation. */
function noisyLayer(matmul: Matmul, graph: Graph, node: WeightedFloat, seed: number): Layer {
  const { clamp } = node.attributes;
  const open = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
  const linear = layerOf(matmul, graph, {
    ...node,
    attributes: { ...node.attributes, clamp: open },
  } as WeightedFloat);
  return (inputs) => {
    const y = linear(inputs);
    const energy = y.reduce((sum, value) => sum + value * value, 0);
    const deviation = Math.sqrt((SHARE * energy) / y.length);
    const noise = gaussian(seed);
    return y.map((value) => Math.min(clamp.max, Math.max(clamp.min, value + deviation * noise())));
  };
}

/** Nodes behind node `at` that what it writes reaches, by index. */
function dependents(graph: Graph, at: number): readonly number[] {
  const reached = new Set<TensorId | null>(graph.nodes[at]!.outputs);
  const found: number[] = [];
  for (let i = at + 1; i < graph.nodes.length; i++) {
    const node = graph.nodes[i]!;
    if (!node.inputs.some((id) => id !== null && reached.has(id))) continue;
    for (const id of node.outputs) reached.add(id);
    found.push(i);
  }
  return found;
}

/**
 * How far outputs are from what they were: of probabilities, which a SOFTMAX makes, their Kullback-Leibler divergence; of others the
 * share of their energy that they err by.
 */
function lossOf(
  graph: Graph,
  before: ReadonlyMap<TensorId, Float32Array>,
  after: ReadonlyMap<TensorId, Float32Array>,
): number {
  return graph.outputs.reduce((sum, id) => {
    const [a, b] = [before.get(id)!, after.get(id)!];
    const maker = graph.nodes.find((node) => node.outputs[0] === id);
    return (
      sum +
      (maker?.kind === 'SOFTMAX'
        ? divergence(a, b, outputOf(graph, maker).shape.at(-1)!)
        : relativeError(a, b))
    );
  }, 0);
}

/** Mean over rows of `classes` probabilities. */
export function divergence(p: Float32Array, q: Float32Array, classes: number): number {
  const least = 1e-12;
  let sum = 0;
  for (let i = 0; i < p.length; i++)
    if (p[i]! > least) sum += p[i]! * Math.log(p[i]! / Math.max(q[i]!, least));
  return (sum * classes) / p.length;
}

/** Energy of the difference by that of `a`. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  let [wrong, whole] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    wrong += (a[i]! - b[i]!) ** 2;
    whole += a[i]! ** 2;
  }
  return whole > 0 ? wrong / whole : wrong;
}
