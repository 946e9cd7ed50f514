import { requireInput } from '../../graph/graph.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { padBlocks } from '../weights/blocks.js';
import { clampsCodes, roundsNegatives } from '../weights/code-range.js';
import { LANES, packVectors, suitsHelium, wholeVectors } from '../weights/lanes_mve.js';
import {
  accumulatorLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { packMultipliers } from '../weights/requantizer.js';

/** Outputs that the kernel computes at once. */
const BLOCK = 8;

/** FULLY_CONNECTED with one multiplier on Helium; others are convolutions of 1x1 (`conv_2d_mve.ts`). */
export const fullyConnectedMveKernel: Kernel = {
  id: 'fully_connected_s8_mve',
  source: 'fully_connected_mve',
  codeBytes: 280,
  ops: ['FULLY_CONNECTED'],
  accepts: (graph, node, target) => suitsHelium(graph, node, target)?.filter.format.scales.length === 1,
  lower(graph, node) {
    if (node.kind !== 'FULLY_CONNECTED') throw new Error(`${this.id} cannot compute ${node.kind}`);
    const layer = requireLayer(graph, node);
    const { clamp } = node.attributes;
    const [outputs = 1, inputs = 1] = layer.filter.shape;
    const rows = elementCount(requireInput(graph, node, 0).shape) / inputs;
    const multipliers = multipliersOf(node, layer, outputs);
    const filterRows = { channels: outputs, count: inputs, step: 1, start: (c: number) => c * inputs };
    const bias = provenBias(graph, node, layer, filterRows, multipliers, true) as Int32Array;
    const { multiplier, shift } = packMultipliers(multipliers.slice(0, 1));
    const weights = {
      data: layer.filter.data as Int8Array,
      groups: 1,
      rowsOfGroup: outputs,
      columns: inputs,
    };
    const away = roundsNegatives(layer.output, clamp);
    const tail = inputs % LANES === 0 ? 0 : 2;
    const perBlock = 28 + 4 * away + ((19 + tail) * wholeVectors(inputs)) / LANES;
    return {
      kernel: this.id,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [
        { name: 'filter', data: packVectors(weights, BLOCK) },
        { name: 'parameters', data: padBlocks(bias, 1, BLOCK), isNarrowable: true },
      ],
      scalars: { multiplier: multiplier[0]!, shift: shift[0]!, ...outputScalars(layer, clamp) },
      shape: {
        rows,
        inputs,
        outputs,
        away: roundsNegatives(layer.output, clamp),
        clamped: clampsCodes(clamp),
      },
      overlap: [
        windowOverlap(
          Array.from({ length: rows }, (_, row) => row * inputs),
          outputs,
          1,
          outputs > BLOCK ? Math.floor((outputs - 1) / BLOCK) * BLOCK : null,
        ),
      ],
      macs: rows * outputs * inputs,
      instructions: 20 + rows * (10 + Math.ceil(outputs / BLOCK) * perBlock),
    };
  },
};

/** FULLY_CONNECTED of int8 to its accumulators on Helium. */
export const fullyConnectedSumsMveKernel: Kernel = {
  id: 'fully_connected_s8_s32_mve',
  source: 'fully_connected_mve',
  codeBytes: 220,
  ops: ['FULLY_CONNECTED'],
  accepts(graph, node, target) {
    const layer = target.isa === 'armv8.1-m.main+mve' ? accumulatorLayer(graph, node) : null;
    return layer !== null && zeroPointOf(layer.filter) === 0;
  },
  lower(graph, node) {
    const layer = requireLayer(graph, node);
    const [outputs = 1, inputs = 1] = layer.filter.shape;
    const rows = elementCount(layer.input.shape) / inputs;
    const filterRows = { channels: outputs, count: inputs, step: 1, start: (c: number) => c * inputs };
    const bias = provenBias(graph, node, layer, filterRows, multipliersOf(node, layer, outputs), true);
    const weights = {
      data: layer.filter.data as Int8Array,
      groups: 1,
      rowsOfGroup: outputs,
      columns: inputs,
    };
    const perBlock = 20 + (19 * wholeVectors(inputs)) / LANES;
    return {
      kernel: this.id,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [
        { name: 'filter', data: packVectors(weights, BLOCK) },
        { name: 'parameters', data: padBlocks(bias, 1, BLOCK), isNarrowable: true },
      ],
      scalars: {},
      shape: { rows, inputs, outputs },
      overlap: [null],
      macs: rows * outputs * inputs,
      instructions: Math.round(20 + rows * (10 + Math.ceil(outputs / BLOCK) * perBlock)),
    };
  },
};
