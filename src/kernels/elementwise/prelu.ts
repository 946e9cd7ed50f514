import { outputOf, requireInput } from '../../graph/graph.js';
import { elementCount, scaleOf, zeroPointOf } from '../../graph/tensor.js';
import { leakyReluMultipliers, preluMultipliers } from '../../numerics/scales.js';
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

/** alpha is int8 for either type of activation. */
function prelu(type: 'int8' | 'int16'): Kernel {
  const id = type === 'int8' ? 'prelu_s8' : 'prelu_s16';
  return {
    id,
    source: 'prelu',
    codeBytes: 150,
    ops: ['PRELU'],
    accepts(graph, node) {
      if (!hasTypes(graph, node, type, 'int8', type)) return false;
      const [x, alpha, y] = [
        requireInput(graph, node, 0),
        requireInput(graph, node, 1),
        outputOf(graph, node),
      ];
      if (!perTensorScales(x, alpha, y) || !broadcasts(x, alpha, y)) return false;
      const multipliers = preluMultipliers(scaleOf(x), scaleOf(alpha), scaleOf(y));
      return (
        requantizes(reachOf(x), multipliers.identity) &&
        requantizes(reachOf(x) * reachOf(alpha), multipliers.alpha)
      );
    },
    lower(graph, node) {
      const [x, alpha, y] = [
        requireInput(graph, node, 0),
        requireInput(graph, node, 1),
        outputOf(graph, node),
      ];
      const multipliers = preluMultipliers(scaleOf(x), scaleOf(alpha), scaleOf(y));
      const [ofInput] = broadcastOverlap([x], y);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node), inputArgument(node, 'alpha', 1)],
        scratchBytes: 0,
        constants: [],
        scalars: {
          zero_point_in: zeroPointOf(x),
          zero_point_alpha: zeroPointOf(alpha),
          zero_point: zeroPointOf(y),
          multiplier: multipliers.identity.multiplier,
          multiplier_alpha: multipliers.alpha.multiplier,
        },
        shape: {
          ...broadcastShape(x, alpha, y),
          shift: multipliers.identity.shift,
          shift_alpha: multipliers.alpha.shift,
        },
        overlap: [ofInput!, null],
        macs: 0,
        instructions: 30 + 25 * elementCount(y.shape),
      };
    },
  };
}

const leakyReluS16: Kernel = {
  id: 'leaky_relu_s16',
  source: 'prelu',
  codeBytes: 110,
  ops: ['LEAKY_RELU'],
  accepts(graph, node) {
    if (node.kind !== 'LEAKY_RELU' || !hasTypes(graph, node, 'int16', 'int16')) return false;
    const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
    if (!perTensorScales(x, y)) return false;
    const { identity, alpha } = leakyReluMultipliers(scaleOf(x), node.attributes.alpha, scaleOf(y));
    return requantizes(reachOf(x), identity) && requantizes(reachOf(x), alpha);
  },
  lower(graph, node) {
    if (node.kind !== 'LEAKY_RELU') throw new Error(`leaky_relu_s16 cannot compute ${node.kind}`);
    const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
    const multipliers = leakyReluMultipliers(scaleOf(x), node.attributes.alpha, scaleOf(y));
    const size = elementCount(y.shape);
    return {
      kernel: 'leaky_relu_s16',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [],
      scalars: {
        zero_point_in: zeroPointOf(x),
        zero_point: zeroPointOf(y),
        multiplier: multipliers.identity.multiplier,
        multiplier_alpha: multipliers.alpha.multiplier,
      },
      shape: {
        size,
        shift: multipliers.identity.shift,
        shift_alpha: multipliers.alpha.shift,
        sign: multipliers.negateAlpha ? -1 : 1,
      },
      overlap: [0],
      macs: 0,
      instructions: 20 + 22 * size,
    };
  },
};

export const preluKernels: readonly Kernel[] = [prelu('int8'), prelu('int16'), leakyReluS16];
