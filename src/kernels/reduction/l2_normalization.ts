import { requireInput } from '../../graph/graph.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument, perTensorScales, reachOf } from '../operands.js';

/** int8; the squares of a row must fit in an int32. */
const l2NormalizationS8: Kernel = {
  id: 'l2_normalization_s8',
  source: 'l2_normalization',
  codeBytes: 380,
  ops: ['L2_NORMALIZATION'],
  accepts(graph, node) {
    if (!hasTypes(graph, node, 'int8', 'int8')) return false;
    const x = requireInput(graph, node, 0);
    return perTensorScales(x) && (x.shape.at(-1) ?? 1) * reachOf(x) ** 2 < 2 ** 31;
  },
  lower(graph, node) {
    const x = requireInput(graph, node, 0);
    const depth = x.shape.at(-1) ?? 1;
    const rows = elementCount(x.shape) / depth;
    return {
      kernel: 'l2_normalization_s8',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [],
      scalars: { zero_point: zeroPointOf(x) },
      shape: { rows, depth },
      overlap: [0],
      macs: 0,
      instructions: rows * (250 + 26 * depth),
    };
  },
};

export const l2NormalizationKernels: readonly Kernel[] = [l2NormalizationS8];
