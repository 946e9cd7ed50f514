import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { ELEMENT_BYTES, elementCount, scaleOf, zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { meanMultiplier, rescaleMultiplier } from '../../numerics/scales.js';
import type { Kernel } from '../kernel.js';
import {
  hasTypes,
  inputArgument,
  outputArgument,
  perTensorScales,
  reachOf,
  requantizes,
} from '../operands.js';
import { windowOverlap } from '../overlap.js';

type Six = [number, number, number, number, number, number];

type Reduction = NodeOf<'MEAN'> | NodeOf<'SUM'>;

function isReduction(node: Node): node is Reduction {
  return node.kind === 'MEAN' || node.kind === 'SUM';
}

/**
 * The input as six dimensions of which every second is summed; null where the axes alternate more often. Sizes stand last
 * rather than first, since kernels take neighbours of the last kept dimension together.
 */
export function reduceShape(shape: readonly number[], axes: readonly number[]) {
  const sizes: number[] = [];
  shape.forEach((size, d) => {
    if (size === 1) return;
    const parity = axes.includes(d) ? 1 : 0;
    if (sizes.length % 2 === parity) sizes.push(size);
    else if (sizes.length > 0) sizes[sizes.length - 1]! *= size;
    else sizes.push(1, size);
  });
  if (sizes.length > 6) return null;
  if (sizes.length % 2 === 1) sizes.push(1);
  while (sizes.length < 6) sizes.unshift(1, 1);
  const [kept_0, summed_0, kept_1, summed_1, kept_2, summed_2] = sizes as Six;
  return { kept_0, summed_0, kept_1, summed_1, kept_2, summed_2 };
}

type ReduceShape = NonNullable<ReturnType<typeof reduceShape>>;

function multiplierOf(graph: Graph, node: Reduction, count: number): Multiplier {
  const [x, y] = [scaleOf(requireInput(graph, node, 0)), scaleOf(outputOf(graph, node))];
  return node.kind === 'MEAN' ? meanMultiplier(x, y, count) : rescaleMultiplier(x, y);
}

function countOf(s: ReduceShape): number {
  return s.summed_0 * s.summed_1 * s.summed_2;
}

/** First input element of each output, in the order of the outputs. */
function firstElements(s: ReduceShape): number[] {
  const stride2 = s.kept_2 * s.summed_2;
  const stride1 = s.kept_1 * s.summed_1 * stride2;
  const starts: number[] = [];
  for (let k0 = 0; k0 < s.kept_0; k0++) {
    for (let k1 = 0; k1 < s.kept_1; k1++) {
      for (let k2 = 0; k2 < s.kept_2; k2++) {
        starts.push(k0 * s.summed_0 * stride1 + k1 * s.summed_1 * stride2 + k2 * s.summed_2);
      }
    }
  }
  return starts;
}

export function reduceSum(type: 'int8' | 'int16'): Kernel {
  const id = type === 'int8' ? 'reduce_sum_s8' : 'reduce_sum_s16';
  return {
    id,
    source: 'reduce',
    codeBytes: 130,
    ops: ['MEAN', 'SUM'],
    accepts(graph, node) {
      if (!isReduction(node) || !hasTypes(graph, node, type, type)) return false;
      const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
      const shape = reduceShape(x.shape, node.attributes.axes);
      if (!perTensorScales(x, y) || !shape) return false;
      const count = countOf(shape);
      return requantizes(reachOf(x) * count, multiplierOf(graph, node, count));
    },
    lower(graph, node) {
      if (!isReduction(node)) throw new Error(`${id} cannot compute ${node.kind}`);
      const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
      const shape = reduceShape(x.shape, node.attributes.axes)!;
      const count = countOf(shape);
      const { multiplier, shift } = multiplierOf(graph, node, count);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [],
        scalars: { offset: zeroPointOf(x) * count, zero_point: zeroPointOf(y), multiplier, shift },
        shape,
        overlap: [windowOverlap(firstElements(shape), 1, ELEMENT_BYTES[type])],
        macs: 0,
        instructions: 20 + 4 * elementCount(x.shape) + 30 * elementCount(y.shape),
      };
    },
  };
}

export const reduceKernels: readonly Kernel[] = [reduceSum('int8'), reduceSum('int16')];
