import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { digitScales } from '../weights/digits.js';
import {
  linearLayer,
  multipliersOf,
  outputScalars,
  provenAccumulators,
  requireLayer,
} from '../weights/linear.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelStarts,
  tapsInside,
} from './convolution.js';

const ID = 'depthwise_conv_2d_armv6m_s8';

/** @throws BitloomError BL202 */
function depthwiseCall(graph: Graph, node: Node): KernelCall {
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { output, filter } = conv;
  const taps = filter.height * filter.width;
  const rows = { channels: output.channels, count: taps, step: output.channels, start: (c: number) => c };
  const multipliers = multipliersOf(node, layer, output.channels);
  const padded = leavesImage(conv);
  const { bias, bounds } = provenAccumulators(graph, node, layer, rows, multipliers, false);
  const { data: scale, narrow } = digitScales(multipliers, bounds);
  const { output_offset = 0, act_min = 0, act_max = 0 } = outputScalars(layer, conv.clamp);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 4 * output.channels,
    constants: [
      { name: 'filter', data: layer.filter.data },
      { name: 'bias', data: bias, isNarrowable: true },
      { name: 'scale', data: scale },
    ],
    scalars: { row_begin: 0, row_end: output.height },
    shape: {
      ...imageMembers(conv),
      output_ring_rows: output.height,
      filter_height: filter.height,
      filter_width: filter.width,
      stride_height: conv.stride.height,
      stride_width: conv.stride.width,
      pad_top: conv.padding.top,
      pad_left: conv.padding.left,
      padded: padded ? 1 : 0,
      narrow: narrow ? 1 : 0,
      input_offset: -zeroPointOf(layer.input),
      output_offset,
      act_min,
      act_max,
    },
    overlap: [windowOverlap(pixelStarts(conv), output.channels, 1, null)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, narrow),
  };
}

/** Measured on Cortex-M0+ (GCC 12, -O2): by pixel, call for up to three taps of a row, channel, and tap. */
function instructionsOf(conv: Convolution, narrow: boolean): number {
  const { batches, output } = conv;
  const { rows, columns } = tapsInside(conv);
  let perChannel = 0;
  let perPixel = 0;
  for (const height of rows) {
    for (const width of columns) {
      const parts = height * Math.ceil(width / 3);
      perPixel += 60 + 25 * parts;
      perChannel += (narrow ? 27 : 61) + 6 * height * width + 4 * parts;
    }
  }
  return Math.round(batches * (perPixel + output.channels * perChannel));
}

function walksRows(graph: Graph, node: Node): boolean {
  if (node.kind !== 'DEPTHWISE_CONV_2D' || isDense(graph, node)) return false;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
  const conv = convolutionOf(graph, node);
  const { dilation, input, output } = conv;
  const { rows, columns } = tapsInside(conv);
  const meets = rows.every((n) => n > 0) && columns.every((n) => n > 0);
  return meets && output.channels === input.channels && dilation.width === 1 && dilation.height === 1;
}

/** int8 DEPTHWISE_CONV_2D on ARMv6-M, every window of which meets the image. */
export const depthwiseConv2dArmv6mKernels: readonly Kernel[] = [
  {
    id: ID,
    source: 'depthwise_conv_2d_armv6m',
    codeBytes: 320,
    ops: ['DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) =>
      target.backend === 'c' && target.isa === 'armv6-m' && walksRows(graph, node),
    lower: depthwiseCall,
  },
];
