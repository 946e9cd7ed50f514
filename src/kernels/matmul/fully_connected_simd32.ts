import { requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packHalfwordPairs, padBlocks } from '../weights/blocks.js';
import {
  accumulatorLayer,
  type FilterRows,
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { doubled, hasSimd32, outputForms, simd32Channels } from '../weights/simd32.js';

/** Outputs that share each input that is loaded. */
const BLOCK = 4;

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
    return layer.filter.format.scales.length === 1 && multiplierOf(node, layer) !== null;
  },
  lower(graph, node) {
    if (node.kind !== 'FULLY_CONNECTED') throw new Error(`${ID} cannot compute ${node.kind}`);
    const layer = requireLayer(graph, node);
    const { clamp } = node.attributes;
    const [outputs = 1, inputs = 1] = layer.filter.shape;
    const rows = elementCount(requireInput(graph, node, 0).shape) / inputs;
    const multipliers = multipliersOf(node, layer, outputs);
    const multiplier = multiplierOf(node, layer);
    if (!multiplier) throw new Error(`${ID} cannot compute ${node.kind}`);
    const bias = provenBias(graph, node, layer, rowsOf(layer), multipliers, true);
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
        { name: 'bias', data: padBlocks(bias, 1, BLOCK), isNarrowable: true },
      ],
      scalars: {
        rows,
        inputs,
        outputs,
        multiplier: doubled(multiplier),
        shift: -multiplier.shift,
        ...outputScalars(layer, clamp),
      },
      shape: outputForms(layer, clamp),
      overlap: [windowOverlap(starts, outputs, 1, ahead)],
      macs: rows * outputs * inputs,
      instructions: simd32Instructions(rows, inputs, outputs),
    };
  },
};

const SUMS_ID = 'fully_connected_s8_s32_simd32';

/** FULLY_CONNECTED of int8 to its accumulators, likewise. */
const fullyConnectedSums: Kernel = {
  id: SUMS_ID,
  source: 'fully_connected_simd32',
  codeBytes: 400,
  ops: ['FULLY_CONNECTED'],
  accepts(graph, node, target) {
    const layer = hasSimd32(target) ? accumulatorLayer(graph, node) : null;
    return layer !== null && zeroPointOf(layer.filter) === 0;
  },
  lower(graph, node) {
    const layer = requireLayer(graph, node);
    const [outputs = 1, inputs = 1] = layer.filter.shape;
    const rows = elementCount(layer.input.shape) / inputs;
    const multipliers = multipliersOf(node, layer, outputs);
    const bias = provenBias(graph, node, layer, rowsOf(layer), multipliers, true);
    return {
      kernel: SUMS_ID,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [
        { name: 'filter', data: packHalfwordPairs(layer.filter.data as Int8Array, outputs, inputs) },
        { name: 'bias', data: padBlocks(bias, 1, BLOCK), isNarrowable: true },
      ],
      scalars: { rows, inputs, outputs },
      shape: { rest: outputs % BLOCK },
      overlap: [null],
      macs: rows * outputs * inputs,
      instructions: simd32Instructions(rows, inputs, outputs),
    };
  },
};

/** Measured on Cortex-M4 (GCC 12, -O2): a loop of four steps and one of single ones by block, and its start and end. */
export function simd32Instructions(rows: number, inputs: number, outputs: number): number {
  const steps = Math.floor(inputs / 4);
  const last = inputs % 4 === 0 ? 0 : 18 + 6 * (inputs % 4);
  return (
    rows * Math.ceil(outputs / BLOCK) * (58 + 20 * steps + 3 * (Math.floor(steps / 4) + (steps % 4)) + last)
  );
}

/** The one of all channels; null where SMMLAR does not take it. */
function multiplierOf(node: Node, layer: LinearLayer): Multiplier | null {
  const channels = simd32Channels(node, layer, rowsOf(layer));
  return channels?.every(({ constant }) => constant === null) ? channels[0]! : null;
}

function rowsOf({ filter }: LinearLayer): FilterRows {
  const [outputs = 1, inputs = 1] = filter.shape;
  return { channels: outputs, count: inputs, step: 1, start: (c) => c * inputs };
}

export const fullyConnectedSimd32Kernels: readonly Kernel[] = [fullyConnected, fullyConnectedSums];
