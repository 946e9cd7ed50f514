import { requireInput } from '../../graph/graph.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packHalfwordPairs } from '../weights/blocks.js';
import {
  type FilterRows,
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { hasSimd32, outputForms, simd32Multipliers } from '../weights/simd32.js';

const ID = 'fully_connected_s8_simd32';

/** FULLY_CONNECTED of int8 with one multiplier for all outputs, on Cortex-M with DSP extension. */
const fullyConnected: Kernel = {
  id: ID,
  source: 'fully_connected_simd32',
  codeBytes: 560,
  ops: ['FULLY_CONNECTED'],
  accepts(graph, node, target) {
    if (!hasSimd32(target)) return false;
    const layer = linearLayer(graph, node);
    if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
    return layer.filter.format.scales.length === 1 && simd32Multipliers(node, layer, rowsOf(layer)) !== null;
  },
  lower(graph, node) {
    if (node.kind !== 'FULLY_CONNECTED') throw new Error(`${ID} cannot compute ${node.kind}`);
    const layer = requireLayer(graph, node);
    const { clamp } = node.attributes;
    const [outputs = 1, inputs = 1] = layer.filter.shape;
    const rows = elementCount(requireInput(graph, node, 0).shape) / inputs;
    const multipliers = multipliersOf(node, layer, outputs);
    const packed = simd32Multipliers(node, layer, rowsOf(layer));
    if (!packed) throw new Error(`${ID} cannot compute ${node.kind}`);
    const starts = Array.from({ length: rows }, (_, row) => row * inputs);
    const ahead = outputs > 4 ? Math.floor((outputs - 1) / 4) * 4 : null;
    return {
      kernel: ID,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [
        {
          name: 'filter',
          data: packHalfwordPairs(layer.filter.data as Int8Array, outputs, inputs),
        },
        { name: 'bias', data: provenBias(graph, node, layer, rowsOf(layer), multipliers, true) },
      ],
      scalars: {
        multiplier: packed.multiplier[0]!,
        shift: packed.shift[0]!,
        ...outputScalars(layer, clamp),
      },
      shape: { rows, inputs, outputs, ...outputForms(layer, clamp, packed) },
      overlap: [windowOverlap(starts, outputs, 1, ahead)],
      macs: rows * outputs * inputs,
      instructions: rows * Math.ceil(outputs / 4) * (35 + 21.75 * Math.ceil(inputs / 4)),
    };
  },
};

function rowsOf({ filter }: LinearLayer): FilterRows {
  const [outputs = 1, inputs = 1] = filter.shape;
  return { channels: outputs, count: inputs, step: 1, start: (c) => c * inputs };
}

export const fullyConnectedSimd32Kernels: readonly Kernel[] = [fullyConnected];
