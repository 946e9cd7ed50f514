import { requireInput } from '../../graph/graph.js';
import { elementCount } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument } from '../operands.js';

function argMax(type: 'int8' | 'int16'): Kernel {
  const id = type === 'int8' ? 'arg_max_s8' : 'arg_max_s16';
  return {
    id,
    source: 'arg_max',
    codeBytes: 80,
    ops: ['ARG_MAX'],
    accepts: (graph, node) => hasTypes(graph, node, type, 'int32'),
    lower(graph, node) {
      if (node.kind !== 'ARG_MAX') throw new Error(`${id} cannot compute ${node.kind}`);
      const { shape } = requireInput(graph, node, 0);
      const { axis } = node.attributes;
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [],
        scalars: {},
        shape: {
          outer: elementCount(shape.slice(0, axis)),
          axis: shape[axis]!,
          inner: elementCount(shape.slice(axis + 1)),
        },
        overlap: [null],
        macs: 0,
        instructions: 15 + 8 * elementCount(shape),
      };
    },
  };
}

export const argMaxKernels: readonly Kernel[] = [argMax('int8'), argMax('int16')];
