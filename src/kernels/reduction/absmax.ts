import { outputOf, requireInput } from '../../graph/graph.js';
import { elementCount, scaleOf, zeroPointOf } from '../../graph/tensor.js';
import { absmaxSteps } from '../../numerics/scales.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';

const TYPES = { int8: 's8', int16: 's16' } as const;

/** ABSMAX, which keeps a number a row, or ABSMAX_NORMALIZATION, which keeps them all. */
function rowsKernel(kind: 'ABSMAX' | 'ABSMAX_NORMALIZATION', type: keyof typeof TYPES): Kernel {
  const id = `${kind.toLowerCase()}_${TYPES[type]}`;
  const [codeBytes, perRow, perElement] = kind === 'ABSMAX' ? [50, 20, 9] : [130, 40, 26];
  return {
    id,
    source: 'absmax',
    codeBytes,
    ops: [kind],
    accepts: (graph, node) => requireInput(graph, node, 0).format.type === type,
    lower(graph, node) {
      const x = requireInput(graph, node, 0);
      const depth = x.shape.at(-1)!;
      const rows = elementCount(x.shape) / depth;
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [],
        scalars: {
          zero_point: zeroPointOf(x),
          ...(kind === 'ABSMAX_NORMALIZATION' && { steps: absmaxSteps(scaleOf(outputOf(graph, node))) }),
        },
        shape: { rows, depth },
        overlap: [kind === 'ABSMAX' ? null : 0],
        macs: 0,
        instructions: rows * (perRow + perElement * depth),
      };
    },
  };
}

export const absmaxKernels: readonly Kernel[] = (['ABSMAX', 'ABSMAX_NORMALIZATION'] as const).flatMap(
  (kind) => [rowsKernel(kind, 'int8'), rowsKernel(kind, 'int16')],
);
