import { outputOf, requireInput } from '../../graph/graph.js';
import { byteLength, elementCount, isPacked, sameFormat } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';

/** GATHER by int32 indices, constant or computed; the kernel clamps them to the axis. */
export const gatherKernels: readonly Kernel[] = [
  {
    id: 'gather',
    source: 'gather',
    codeBytes: 84,
    ops: ['GATHER'],
    accepts(graph, node) {
      const x = requireInput(graph, node, 0);
      if (node.kind !== 'GATHER' || requireInput(graph, node, 1).format.type !== 'int32') return false;
      // Of packed elements, whole rows alone.
      if (isPacked(x.format.type) && node.attributes.axis === x.shape.length - 1) return false;
      return sameFormat(x.format, outputOf(graph, node).format);
    },
    lower(graph, node) {
      if (node.kind !== 'GATHER') throw new Error(`gather cannot be ${node.kind}`);
      const { axis, batchDims } = node.attributes;
      const x = requireInput(graph, node, 0);
      const indices = requireInput(graph, node, 1);
      const shape = {
        batches: elementCount(x.shape.slice(0, batchDims)),
        outer: elementCount(x.shape.slice(batchDims, axis)),
        axis: x.shape[axis]!,
        count: elementCount(indices.shape.slice(batchDims)),
        run: byteLength(x) / elementCount(x.shape.slice(0, axis + 1)),
      };
      return {
        kernel: 'gather',
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node, 'input', 0), inputArgument(node, 'indices', 1)],
        scratchBytes: 0,
        constants: [],
        scalars: {},
        shape,
        overlap: [null, null],
        macs: 0,
        instructions:
          20 + shape.batches * shape.outer * shape.count * (shape.run <= 4 ? 12 : 32 + shape.run / 2),
      };
    },
  },
];
