import { outputOf, requireInput } from '../../graph/graph.js';
import type { OpKind } from '../../graph/ops.js';
import { elementCount, sameFormat } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument } from '../operands.js';
import { broadcastOverlap, broadcastShape, broadcasts } from './broadcast.js';

function choose(kind: OpKind & ('MAXIMUM' | 'MINIMUM'), type: 'int8' | 'int16'): Kernel {
  const id = `${kind.toLowerCase()}_${type === 'int8' ? 's8' : 's16'}`;
  return {
    id,
    source: 'maximum',
    codeBytes: 40,
    ops: [kind],
    accepts(graph, node) {
      if (!hasTypes(graph, node, type, type, type)) return false;
      const [a, b, y] = [requireInput(graph, node, 0), requireInput(graph, node, 1), outputOf(graph, node)];
      return sameFormat(a.format, b.format) && sameFormat(a.format, y.format) && broadcasts(a, b, y);
    },
    lower(graph, node) {
      const [a, b, y] = [requireInput(graph, node, 0), requireInput(graph, node, 1), outputOf(graph, node)];
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node, 'a', 0), inputArgument(node, 'b', 1)],
        scratchBytes: 0,
        constants: [],
        scalars: {},
        shape: broadcastShape(a, b, y),
        overlap: broadcastOverlap([a, b], y),
        macs: 0,
        instructions: 15 + 7 * elementCount(y.shape),
      };
    },
  };
}

export const maximumKernels: readonly Kernel[] = [
  choose('MAXIMUM', 'int8'),
  choose('MAXIMUM', 'int16'),
  choose('MINIMUM', 'int8'),
  choose('MINIMUM', 'int16'),
];
