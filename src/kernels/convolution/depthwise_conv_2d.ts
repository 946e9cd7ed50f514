import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { ELEMENT_BYTES, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import {
  LINEAR_TYPES,
  type LinearType,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { laneShifts, packMultipliers, packReducedMultipliers } from '../weights/requantizer.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelStarts,
  tapsInside,
  windowMembers,
} from './convolution.js';

function depthwiseCall(graph: Graph, node: Node, kernel: string, backend: 'c' | 'wasm'): KernelCall {
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { input, output, filter } = conv;
  const taps = filter.height * filter.width;
  const rows = { channels: output.channels, count: taps, step: output.channels, start: (c: number) => c };
  const multipliers = multipliersOf(node, layer, output.channels);
  const padded = leavesImage(conv);
  const bias = provenBias(graph, node, layer, rows, multipliers, !padded);
  const packed = layer.type === 's16' ? packReducedMultipliers(multipliers) : packMultipliers(multipliers);
  const filterOffset = -zeroPointOf(layer.filter);
  const offsets =
    layer.type === 's8' ? { input_offset: -zeroPointOf(layer.input), filter_offset: filterOffset } : {};
  const depthMultiplier = output.channels / input.channels;
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [
      { name: 'filter', data: layer.filter.data },
      { name: 'bias', data: bias, isNarrowable: true },
      { name: 'multiplier', data: packed.multiplier },
      { name: 'shift', data: backend === 'c' ? packed.shift : laneShifts(packed) },
    ],
    scalars: { row_begin: 0, row_end: output.height, ...offsets, ...outputScalars(layer, conv.clamp) },
    shape: {
      ...imageMembers(conv),
      output_ring_rows: output.height,
      depth_multiplier: depthMultiplier,
      ...windowMembers(conv),
      padded: padded ? 1 : 0,
      filter_offsets: filterOffset === 0 ? 0 : 1,
      right_shift: packed.rightShift,
    },
    overlap: [
      windowOverlap(
        pixelStarts(conv),
        output.channels,
        ELEMENT_BYTES[layer.input.format.type],
        channelsAhead(output.channels, depthMultiplier),
      ),
    ],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, padded),
  };
}

/** Channel c is written after the last read of input channel c / depthMultiplier, so channels run ahead of inputs. */
function channelsAhead(channels: number, depthMultiplier: number): number | null {
  return channels > 1 ? channels - 1 - Math.floor((channels - 1) / depthMultiplier) : null;
}

/** Measured on Cortex-M4 (GCC 12, -O2): windows inside the image run without loops, others tap by tap. */
function instructionsOf(conv: Convolution, padded: boolean): number {
  const { batches, output, filter } = conv;
  const { rows, columns } = tapsInside(conv);
  let perChannel = 0;
  for (const height of rows) {
    for (const width of columns) {
      const whole = height === filter.height && width === filter.width;
      perChannel += whole ? 30 + height * width * (padded ? 4 : 3) : 34 + height * (8 + width * 6.5);
    }
  }
  return Math.round(batches * output.channels * perChannel);
}

function depthwiseConv2d(type: LinearType, backend: 'c' | 'wasm'): Kernel {
  const id = backend === 'c' ? `depthwise_conv_2d_${type}` : `depthwise_conv_2d_${type}_simd`;
  return {
    id,
    source: 'depthwise_conv_2d',
    codeBytes: 540,
    ops: ['DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) =>
      target.backend === backend &&
      node.kind === 'DEPTHWISE_CONV_2D' &&
      linearLayer(graph, node)?.type === type &&
      !isDense(graph, node),
    lower: (graph, node) => depthwiseCall(graph, node, id, backend),
  };
}

export const depthwiseConv2dKernels: readonly Kernel[] = LINEAR_TYPES.flatMap((type) => [
  depthwiseConv2d(type, 'c'),
  depthwiseConv2d(type, 'wasm'),
]);
