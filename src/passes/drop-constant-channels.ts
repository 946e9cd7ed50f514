/**
 * Channels that hold one code whatever the input is leave the tensors between two layers with weights: training often kills
 * filters, whose weights are all 0 and whose outputs are their biases. What such a channel adds to the sums of the layer
 * that mixes it with others goes into that layer's bias.
 */
import { type Graph, outputOf, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { sameFormat, type Tensor, type TypedArray, zeroPointOf } from '../graph/tensor.js';
import { clamp } from '../numerics/fixed-point.js';
import {
  anyCodes,
  type Codes,
  forEachWeight,
  outputCodes,
  type Weighted,
  weightedOf,
} from './channel-ranges.js';
import { applyRule, type Links, onlyReader, type Pass } from './rewrite.js';

/** Channels stay a multiple of this, in which kernels take them: constant ones fill up. */
const GROUP = 8;

/** Nodes from the one that makes the channels over those that keep them apart to the one that mixes them. */
interface Chain {
  readonly maker: Weighted;
  readonly between: readonly Node[];
  readonly mixer: Weighted;
  /** Of the mixer's input. */
  readonly codes: readonly Codes[];
}

export const dropConstantChannels: Pass = (graph) =>
  applyRule(graph, (current, node, links) => {
    const chain = chainOf(current, node, links);
    if (!chain) return null;
    const { mixer, codes } = chain;
    const kept = keptOf(codes.map((code) => isDroppable(code, mixer)));
    if (kept.length === codes.length) return null;
    return narrow(current, chain, kept);
  });

function chainOf(graph: Graph, node: Node, links: Links): Chain | null {
  const maker = weightedOf(graph, node);
  if (!maker || maker.kind === 'DEPTHWISE_CONV_2D') return null;
  let codes = outputCodes(graph, maker, anyCodes(maker.x.shape.at(-1)!));
  const between: Node[] = [];
  let at = node;
  while (codes) {
    between.push(at);
    const reader = onlyReader(graph, links, at.outputs[0]!);
    if (reader?.inputs.filter((id) => id === at.outputs[0]).length !== 1) return null;
    const mixer = weightedOf(graph, reader);
    if (mixer && mixer.kind !== 'DEPTHWISE_CONV_2D') {
      return reader.inputs[0] === at.outputs[0] ? { maker, between, mixer, codes } : null;
    }
    codes = mixer ? outputCodes(graph, mixer, codes) : codesBehind(graph, reader, codes);
    at = reader;
  }
  return null;
}

/** Codes behind an operator without weights, null if it does not keep channels apart. */
function codesBehind(graph: Graph, node: Node, codes: readonly Codes[]): Codes[] | null {
  const [x, y] = [tensorAt(graph, node.inputs[0]), outputOf(graph, node)];
  if (x.shape.at(-1) !== y.shape.at(-1) || !sameFormat(x.format, y.format)) return null;
  switch (node.kind) {
    case 'RESHAPE':
      return [...codes];
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D': {
      const { min, max } = node.attributes.clamp;
      return codes.map(({ low, high }) => ({ low: clamp(low, min, max), high: clamp(high, min, max) }));
    }
    default:
      return null;
  }
}

function isDroppable({ low, high }: Codes, mixer: Weighted): boolean {
  if (low !== high) return false;
  return low === zeroPointOf(mixer.x) || (!mixer.padded && mixer.bias !== null);
}

/** Indices of the channels that stay: at least the last of `drop` go. */
function keptOf(drop: readonly boolean[]): number[] {
  const live = drop.filter((d) => !d).length;
  let spare = Math.max(Math.ceil(live / GROUP), 1) * GROUP - live;
  return [...drop.keys()].filter((c) => !drop[c] || spare-- > 0);
}

/** Only the channels `kept` from the maker to the mixer. */
function narrow(graph: Graph, { maker, between, mixer, codes }: Chain, kept: readonly number[]): Graph {
  const tensors = [...graph.tensors];
  const changed = new Map<Node, Node>();
  const change = (node: Node, operands: readonly (Tensor | null)[]) => {
    const inputs = node.inputs.map((id, i) => (operands[i] ? tensors.push(operands[i]) - 1 : id));
    changed.set(node, { ...node, inputs });
  };
  for (const node of between) {
    const id = node.outputs[0]!;
    tensors[id] = { ...tensors[id]!, shape: tensors[id]!.shape.with(-1, kept.length) };
    const weighted = node === maker.node ? maker : weightedOf(graph, node);
    if (!weighted) continue;
    const { kind, filter, bias } = weighted;
    const filters = select(filter, kind === 'DEPTHWISE_CONV_2D' ? 3 : 0, kept);
    change(node, [null, filters, bias && select(bias, 0, kept)]);
  }
  const mixed = select(mixer.filter, mixer.filter.shape.length - 1, kept);
  change(mixer.node, [null, mixed, mixer.bias && withProducts(mixer, mixer.bias, codes, kept)]);
  return { ...graph, tensors, nodes: graph.nodes.map((node) => changed.get(node) ?? node) };
}

/** The mixer's bias with the products of the channels that go. */
function withProducts(
  mixer: Weighted,
  bias: Tensor,
  codes: readonly Codes[],
  kept: readonly number[],
): Tensor {
  const values = codes.map(({ low }) => low - zeroPointOf(mixer.x));
  for (const k of kept) values[k] = 0;
  const data = Int32Array.from(bias.data as Int32Array, (start, o) => {
    let sum = start;
    forEachWeight(mixer, o, (weight, k) => {
      sum += weight * values[k]!;
    });
    return sum;
  });
  return { ...bias, data };
}

/** The elements of a constant whose index along `axis` is one of `kept`, with their scales. */
function select(tensor: Tensor, axis: number, kept: readonly number[]): Tensor {
  const { shape, format } = tensor;
  const data = tensor.data!;
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const size = shape[axis]!;
  const selected = data.filter((_: number | bigint, i: number) =>
    kept.includes(Math.floor(i / inner) % size),
  );
  const ofKept = (values: readonly number[]) =>
    format.axis === axis && values.length === size ? kept.map((i) => values[i]!) : values;
  return {
    ...tensor,
    shape: shape.with(axis, kept.length),
    format: { ...format, scales: ofKept(format.scales), zeroPoints: ofKept(format.zeroPoints) },
    data: selected as TypedArray,
  };
}
