import { requireInput } from '../../graph/graph.js';
import { ELEMENT_BYTES, elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packBlocks } from '../weights/blocks.js';
import {
  accumulatorLayer,
  LINEAR_TYPES,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { packMultipliers, packReducedMultipliers } from '../weights/requantizer.js';

/** Output channels that the kernel computes at once. */
const BLOCK = 4;

const TYPES = [...LINEAR_TYPES, 's8_s32'] as const;

/**
 * FULLY_CONNECTED in C with one multiplier for all outputs; others are convolutions of 1x1 (`conv_2d.ts`).
 * @param type `s8_s32`: of int8 to its accumulators
 */
function fullyConnected(type: (typeof TYPES)[number]): Kernel {
  const id = `fully_connected_${type}`;
  return {
    id,
    source: 'fully_connected',
    codeBytes: 400,
    ops: ['FULLY_CONNECTED'],
    accepts(graph, node, target) {
      if (target.backend !== 'c') return false;
      if (type === 's8_s32') return accumulatorLayer(graph, node) !== null;
      const layer = linearLayer(graph, node);
      return layer?.type === type && layer.filter.format.scales.length === 1;
    },
    lower(graph, node) {
      if (node.kind !== 'FULLY_CONNECTED') throw new Error(`${id} cannot compute ${node.kind}`);
      const layer = requireLayer(graph, node);
      const [outputs = 1, inputs = 1] = layer.filter.shape;
      const rows = elementCount(requireInput(graph, node, 0).shape) / inputs;
      const multipliers = multipliersOf(node, layer, outputs);
      const bias = provenBias(
        graph,
        node,
        layer,
        { channels: outputs, count: inputs, step: 1, start: (c) => c * inputs },
        multipliers,
        true,
      );
      const pack = type === 's16' ? packReducedMultipliers : packMultipliers;
      const { multiplier, shift, rightShift } = pack(multipliers.slice(0, 1));
      const weights = {
        data: layer.filter.data as Int8Array,
        groups: 1,
        rowsOfGroup: outputs,
        columns: inputs,
      };
      const filterOffset = -zeroPointOf(layer.filter);
      const requantizes = type !== 's8_s32';
      const starts = Array.from({ length: rows }, (_, row) => row * inputs);
      const ahead = outputs > BLOCK ? Math.floor((outputs - 1) / BLOCK) * BLOCK : null;
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [
          { name: 'filter', data: packBlocks(weights, BLOCK) },
          { name: 'bias', data: bias, isNarrowable: true },
        ],
        scalars: {
          ...(layer.type === 's8' ? { filter_offset: filterOffset } : {}),
          ...(requantizes ? { multiplier: multiplier[0]!, shift: shift[0]! } : {}),
          ...outputScalars(layer, node.attributes.clamp),
        },
        shape: { rows, inputs, outputs, filter_offsets: filterOffset === 0 ? 0 : 1, right_shift: rightShift },
        overlap: [
          requantizes ? windowOverlap(starts, outputs, ELEMENT_BYTES[layer.input.format.type], ahead) : null,
        ],
        macs: rows * outputs * inputs,
        instructions: Math.round(
          rows * (20 + Math.ceil(outputs / BLOCK) * (26 + 10.25 * inputs) + (requantizes ? 18 : 3) * outputs),
        ),
      };
    },
  };
}

export const fullyConnectedKernels: readonly Kernel[] = TYPES.map(fullyConnected);
