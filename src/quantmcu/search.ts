/**
 * Value-driven quantization search: which feature maps get fewer bits. After QuantMCU (arXiv 2401.13714), of whose text only the abstract
 * and summaries were at hand; the score and its terms are defined here (docs/quantmcu.md).
 */
import { type Graph, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { byteLength, perTensor, type TensorId } from '../graph/tensor.js';
import { type Bits, bitOps, type FeatureMap, NARROW_TYPE, type Narrow, WEIGHT_BITS } from './feature-maps.js';
import type { MapFormat } from './formats.js';
import { bestFormat, entropy, entropyOf, type Histogram } from './values.js';

/** A feature map and what its values lose by fewer bits. */
export interface ValuedMap extends FeatureMap {
  /** Bits, of the values as they are stored. */
  readonly entropy: Readonly<Record<Bits, number>>;
  readonly formats: Readonly<Record<Narrow, MapFormat>>;
}

export interface SearchOptions {
  /** How much an entropy that is lost counts against BitOPs that are saved: 0 to 1. */
  readonly lambda: number;
  /** Bytes that inputs and output of each layer may take together. */
  readonly memory: number;
  /** By which factor BitOPs are to fall at least. */
  readonly factor: number;
}

/** A map that got fewer bits, in the order in which the search took them. */
export interface SearchStep {
  readonly map: ValuedMap;
  readonly bits: Narrow;
  readonly score: number;
}

const NARROW: readonly Narrow[] = [4, 2];

/** @param histogram of the codes of the map over calibration data */
export function valued(map: FeatureMap, histogram: Histogram): ValuedMap {
  const formats = { 4: bestFormat(map, histogram, 4), 2: bestFormat(map, histogram, 2) };
  return {
    ...map,
    formats,
    entropy: {
      8: entropy(histogram.total()),
      4: entropyOf(histogram, map.tensor, formats[4]),
      2: entropyOf(histogram, map.tensor, formats[2]),
    },
  };
}

/**
 * Takes, step by step, the map and bits of the best score that are needed: first of layers that exceed the memory, then until
 * BitOPs have fallen as asked; and at last whatever scores above 0. A step that is needed may score below 0: it is the least loss.
 */
export function search(graph: Graph, maps: readonly ValuedMap[], options: SearchOptions): SearchStep[] {
  const all = bitOps(graph);
  const bits = new Map<TensorId, Bits>(maps.map(({ id }) => [id, 8]));
  const steps: SearchStep[] = [];
  let left = all;
  for (;;) {
    const candidates = maps
      .flatMap((map) =>
        NARROW.map((narrow) => ({ map, bits: narrow, score: score(map, narrow, all, options) })),
      )
      .filter(({ map, bits: narrow }) => narrow < bits.get(map.id)!);
    const tight = new Set(
      graph.nodes.filter((node) => bytesOf(graph, node, bits) > options.memory).flatMap(tensorsOf),
    );
    const needed = candidates.filter(({ map }) => tight.has(map.id));
    const saving = all / left < options.factor ? candidates.filter(({ map }) => map.macs > 0) : [];
    const wanted = [needed, saving, candidates.filter((step) => step.score > 0)].find(
      (some) => some.length > 0,
    );
    if (!wanted) return steps;
    const step = wanted.reduce((best, other) => (other.score > best.score ? other : best));
    left -= step.map.macs * WEIGHT_BITS * (bits.get(step.map.id)! - step.bits);
    bits.set(step.map.id, step.bits);
    steps.push(step);
  }
}

/** `-lambda * share of the entropy that is lost + (1 - lambda) * share of all BitOPs that is saved`. */
function score(
  { entropy: h, macs }: ValuedMap,
  bits: Narrow,
  all: number,
  { lambda }: SearchOptions,
): number {
  const lost = h[8] === 0 ? 0 : (h[8] - h[bits]) / h[8];
  const saved = all === 0 ? 0 : (macs * WEIGHT_BITS * (8 - bits)) / all;
  return (1 - lambda) * saved - lambda * lost;
}

function tensorsOf({ inputs, outputs }: Node): readonly TensorId[] {
  return [...new Set([...inputs, ...outputs])].filter((id) => id !== null);
}

/** Bytes of the activations that the node reads and writes. */
function bytesOf(graph: Graph, node: Node, bits: ReadonlyMap<TensorId, Bits>): number {
  return tensorsOf(node).reduce((sum, id) => {
    const tensor = tensorAt(graph, id);
    if (tensor.data !== null) return sum;
    const narrow = bits.get(id) ?? 8;
    const format = narrow === 8 ? tensor.format : perTensor(NARROW_TYPE[narrow], 1, 0);
    return sum + byteLength({ shape: tensor.shape, format });
  }, 0);
}
