import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, scaleOf, zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { mulMultiplier } from '../../numerics/scales.js';
import type { Kernel } from '../kernel.js';
import {
  hasTypes,
  inputArgument,
  outputArgument,
  perTensorScales,
  reachOf,
  requantizes,
} from '../operands.js';
import { broadcastOverlap, broadcastShape, broadcasts } from './broadcast.js';

function tensorsOf(graph: Graph, node: Node) {
  return [requireInput(graph, node, 0), requireInput(graph, node, 1), outputOf(graph, node)] as const;
}

function multiplierOf(graph: Graph, node: Node): Multiplier {
  const [a, b, y] = tensorsOf(graph, node);
  return mulMultiplier(scaleOf(a), scaleOf(b), scaleOf(y));
}

function mul(type: 'int8' | 'int16'): Kernel {
  const id = type === 'int8' ? 'mul_s8' : 'mul_s16';
  return {
    id,
    source: 'mul',
    codeBytes: 110,
    ops: ['MUL'],
    accepts(graph, node) {
      const tensors = tensorsOf(graph, node);
      if (!hasTypes(graph, node, type, type, type) || !perTensorScales(...tensors)) return false;
      const [a, b] = tensors;
      return broadcasts(...tensors) && requantizes(reachOf(a) * reachOf(b), multiplierOf(graph, node));
    },
    lower(graph, node) {
      if (node.kind !== 'MUL') throw new Error(`${id} cannot compute ${node.kind}`);
      const [a, b, y] = tensorsOf(graph, node);
      const { multiplier, shift } = multiplierOf(graph, node);
      const { min, max } = node.attributes.clamp;
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node, 'a', 0), inputArgument(node, 'b', 1)],
        scratchBytes: 0,
        constants: [],
        scalars: {
          zero_point_a: zeroPointOf(a),
          zero_point_b: zeroPointOf(b),
          zero_point: zeroPointOf(y),
          multiplier,
        },
        shape: { ...broadcastShape(a, b, y), shift, act_min: min, act_max: max },
        overlap: broadcastOverlap([a, b], y),
        macs: 0,
        instructions: 25 + 18 * elementCount(y.shape),
      };
    },
  };
}

export const mulKernels: readonly Kernel[] = [mul('int8'), mul('int16')];
