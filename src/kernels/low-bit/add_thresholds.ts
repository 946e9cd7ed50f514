import { type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, elementCount, isPacked, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { bitsOf } from '../weights/ending.js';
import { rowOverlap } from './rows.js';

/** An ADD of weighted codes. */
interface Pairs {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly y: Tensor;
  readonly filter: Int8Array | Int16Array;
  /** Rows of the filter: 1, or one a channel. */
  readonly channels: number;
  /** `count` a row. */
  readonly thresholds: Int32Array;
  readonly count: number;
  /** The code below all thresholds. */
  readonly least: number;
}

function pairsOf(graph: Graph, node: Node): Pairs | null {
  if (node.kind !== 'ADD') return null;
  const thresholds = inputOf(graph, node, 3);
  if (!thresholds) return null;
  const filter = requireInput(graph, node, 2);
  return {
    a: requireInput(graph, node, 0),
    b: requireInput(graph, node, 1),
    y: outputOf(graph, node),
    filter: filter.data as Int8Array | Int16Array,
    channels: filter.shape[0]!,
    thresholds: thresholds.data as Int32Array,
    count: thresholds.shape[1]!,
    least: node.attributes.clamp.min,
  };
}

function requirePairs(graph: Graph, node: Node): Pairs {
  const pairs = pairsOf(graph, node);
  if (!pairs) throw new Error(`${node.kind} adds no weighted codes`);
  return pairs;
}

/** What both kernels share: output and inputs, row by row. */
function byRows(node: Node, { a, b, y }: Pairs): Omit<KernelCall, 'kernel' | 'constants' | 'instructions'> {
  const depth = y.shape.at(-1) ?? 1;
  const rows = elementCount(y.shape) / depth;
  const overlap = (x: Tensor) => {
    const [from, to] = [byteLength(x) / rows, byteLength(y) / rows];
    const starts = Array.from({ length: rows }, (_, row) => row * from);
    // A word of the output is written when its elements, which take no less room in the input, are read.
    return bitsOf(y) <= bitsOf(x) ? windowOverlap(starts, to, 1, 0) : rowOverlap(rows, from, to);
  };
  return {
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node, 'a', 0), inputArgument(node, 'b', 1)],
    scratchBytes: 0,
    scalars: {},
    shape: { rows, depth, a_bits: bitsOf(a), b_bits: bitsOf(b), bits: bitsOf(y) },
    overlap: [overlap(a), overlap(b)],
    macs: 0,
  };
}

/** What memory holds of the code of a sum that reaches so many thresholds. */
function storedCode({ y, least }: Pairs, reached: number): number {
  return y.format.type === 'binary' ? 1 - reached : least + reached;
}

/** Any formats. */
const byThresholds: Kernel = {
  id: 'add_thresholds',
  source: 'add_thresholds',
  codeBytes: 180,
  ops: ['ADD'],
  accepts: (graph, node) => pairsOf(graph, node) !== null,
  lower(graph, node) {
    const pairs = requirePairs(graph, node);
    const { a, b, y, filter, channels, count } = pairs;
    const steps = 2 ** Math.ceil(Math.log2(count + 1)) - 1;
    const [za, zb] = [zeroPointOf(a), zeroPointOf(b)];
    // Zero points are in the thresholds; those that fill up are out of reach.
    const thresholds = Int32Array.from({ length: channels * steps }, (_, i) => {
      const c = Math.floor(i / steps);
      const [wa, wb] = [filter[2 * c]!, filter[2 * c + 1]!];
      const step = i % steps;
      const own = step < count ? pairs.thresholds[c * count + step]! : OUT_OF_REACH;
      return Math.min(Math.max(own + wa * za + wb * zb, -OUT_OF_REACH), OUT_OF_REACH);
    });
    const call = byRows(node, pairs);
    return {
      ...call,
      kernel: this.id,
      constants: [
        { name: 'filter', data: Int16Array.from(filter) },
        { name: 'thresholds', data: thresholds, isNarrowable: true },
      ],
      shape: { ...call.shape, channels, thresholds: steps, act_min: pairs.least },
      instructions: 30 + elementCount(y.shape) * (24 + 6 * Math.log2(steps + 1)),
    };
  },
};

/** More than any sum: 2 * 255 * 2^15. */
const OUT_OF_REACH = 2 ** 30;

/** Two packed operands with the same weights for all channels: a table of all pairs. */
const byTable: Kernel = {
  id: 'add_pairs',
  source: 'add_thresholds',
  codeBytes: 110,
  ops: ['ADD'],
  accepts(graph, node) {
    const pairs = pairsOf(graph, node);
    return pairs?.channels === 1 && isPacked(pairs.a.format.type) && isPacked(pairs.b.format.type);
  },
  lower(graph, node) {
    const pairs = requirePairs(graph, node);
    const { a, b, y, filter, thresholds } = pairs;
    const [aBits, bBits] = [bitsOf(a), bitsOf(b)];
    const value = (x: Tensor, stored: number) =>
      (x.format.type === 'binary' ? 1 - 2 * stored : stored) - zeroPointOf(x);
    const table = Int8Array.from({ length: 2 ** (aBits + bBits) }, (_, i) => {
      const sum = filter[0]! * value(a, i % 2 ** aBits) + filter[1]! * value(b, i >> aBits);
      return storedCode(pairs, thresholds.filter((threshold) => sum >= threshold).length);
    });
    const call = byRows(node, pairs);
    return {
      ...call,
      kernel: this.id,
      constants: [{ name: 'table', data: table }],
      instructions: 30 + 14 * elementCount(y.shape),
    };
  },
};

/** ADD of codes by weights of their own, which ends by thresholds. */
export const addThresholdsKernels: readonly Kernel[] = [byTable, byThresholds];
