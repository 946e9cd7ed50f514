import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import type { ConstantArgument, Kernel, KernelCall } from '../kernel.js';
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
  macsOf,
  pixelStarts,
} from './convolution.js';
import { blocksAhead, rowMajor } from './convolve.js';

/** Output channels that one walk over the window takes. */
const BLOCK = 4;

/** Rows of the filter as they are, or pairs of them in words: fewer instructions, but twice the constants. */
type Form = 'rows' | 'pairs';

/** From so many pixels on, the instructions that pairs save are worth their bytes. */
const PAIRS_FROM_PIXELS = 32;

const tapsOf = ({ filter }: Convolution): number => filter.height * filter.width * filter.channels;

/** Whether a window is a single pixel, contiguous in the input: nothing to gather. */
const isPoint = ({ filter, padding }: Convolution): boolean =>
  filter.height === 1 && filter.width === 1 && padding.top === 0 && padding.left === 0;

/** @throws BitloomError BL202 */
function armv6mCall(graph: Graph, node: Node, kernel: string, form: Form): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const conv = convolutionOf(graph, node);
  const { input, output, filter } = conv;
  const taps = tapsOf(conv);
  const rows = { channels: output.channels, count: taps, step: 1, start: (c: number) => c * taps };
  const multipliers = multipliersOf(node, layer, output.channels);
  const { bias, bounds } = provenAccumulators(graph, node, layer, rows, multipliers, true);
  const perChannel = layer.filter.format.scales.length > 1;
  const { data: scale, narrow } = digitScales(perChannel ? multipliers : multipliers.slice(0, 1), bounds);
  const { output_offset = 0, act_min = 0, act_max = 0 } = outputScalars(layer, conv.clamp);
  const data = layer.filter.data as Int8Array;
  const scratchBytes = isPoint(conv) ? 0 : Math.ceil(taps / 2) * 2;
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes,
    constants: [
      ...(form === 'rows'
        ? [
            { name: 'filter', data },
            { name: 'bias', data: bias, isNarrowable: true },
          ]
        : pairConstants(data, bias as Int32Array, taps)),
      { name: 'scale', data: scale },
    ],
    scalars: { row_begin: 0, row_end: output.height },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      filter_height: filter.height,
      filter_width: filter.width,
      stride_height: conv.stride.height,
      stride_width: conv.stride.width,
      pad_top: conv.padding.top,
      pad_left: conv.padding.left,
      zero_point: zeroPointOf(layer.input),
      per_channel: perChannel ? 1 : 0,
      narrow: narrow ? 1 : 0,
      output_offset,
      act_min,
      act_max,
    },
    overlap: [
      windowOverlap(
        pixelStarts(conv),
        output.channels,
        1,
        scratchBytes > 0 ? null : blocksAhead(output.channels, input.channels, 1, BLOCK),
      ),
    ],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, form, narrow),
  };
}

/** Measured on Cortex-M0+ (GCC 12, -O2): by pixel, row and tap of a gathered window, block of channels, and tap of one. */
function instructionsOf(conv: Convolution, form: Form, narrow: boolean): number {
  const { batches, output, filter } = conv;
  const taps = tapsOf(conv);
  const gather = isPoint(conv) ? 0 : 35 * filter.height + (filter.channels % 4 === 0 ? 4.1 : 5) * taps;
  const perBlock = (form === 'rows' ? 14.15 : 9.75) * taps + (narrow ? 144 : 348);
  const blocks = Math.ceil(output.channels / BLOCK);
  return Math.round(batches * output.height * output.width * (20 + gather + blocks * perBlock));
}

/** As `codegen/c/kernels/dot_pairs.h` reads them. */
function pairConstants(filter: Int8Array, bias: Int32Array, taps: number): ConstantArgument[] {
  const channels = bias.length;
  const even = Math.ceil(taps / 2) * 2;
  const blocks = Math.ceil(channels / BLOCK);
  const words = new Int32Array(blocks * even * 2);
  const starts = new Int32Array(blocks * BLOCK);
  const weight = (c: number, tap: number) => (c < channels && tap < taps ? filter[c * taps + tap]! : 0);
  for (let c = 0; c < channels; c += 2) {
    const at = (c >> 2) * even * 2 + ((c >> 1) & 1);
    for (let tap = 0; tap < even; tap++) words[at + 2 * tap] = weight(c, tap) + 65536 * weight(c + 1, tap);
    const high = bias[c + 1] ?? 0;
    starts[c] = bias[c]! + 65536 * high - (even / 2) * 0x8000;
    starts[c + 1] = high;
  }
  return [
    { name: 'filter', data: words },
    { name: 'bias', data: starts, isNarrowable: true },
  ];
}

/** Whether the products of two taps fit in 16 bits: unless both weights are -128, which quantizers hardly use. */
function pairsFit(filter: TypedArray, taps: number): boolean {
  for (let start = 0; start < filter.length; start += taps) {
    for (let tap = 0; tap + 1 < taps; tap += 2) {
      if (filter[start + tap] === -128 && filter[start + tap + 1] === -128) return false;
    }
  }
  return true;
}

/** Whether the form suits the node. */
function suits(form: Form, graph: Graph, node: Node): boolean {
  if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return false;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
  const conv = convolutionOf(graph, node);
  const { groups, dilation, batches, output } = conv;
  if (groups !== 1 || dilation.width !== 1 || dilation.height !== 1) return false;
  if (form === 'rows') return true;
  const taps = tapsOf(conv);
  if (batches * output.height * output.width < PAIRS_FROM_PIXELS) return false;
  return (taps % 2 === 0 || !isPoint(conv)) && pairsFit(rowMajor(node, layer).filter.data, taps);
}

function armv6m(form: Form, point: boolean): Kernel {
  const id = `conv_2d_${form}_${point ? 'point_' : ''}s8`;
  return {
    id,
    source: 'conv_2d_armv6m',
    codeBytes: point ? 300 : 380,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) =>
      target.backend === 'c' &&
      target.isa === 'armv6-m' &&
      suits(form, graph, node) &&
      isPoint(convolutionOf(graph, node)) === point,
    lower: (graph, node) => armv6mCall(graph, node, id, form),
  };
}

/** int8 CONV_2D, FULLY_CONNECTED and DEPTHWISE_CONV_2D of a single input channel on ARMv6-M. */
export const conv2dArmv6mKernels: readonly Kernel[] = [
  armv6m('pairs', true),
  armv6m('pairs', false),
  armv6m('rows', true),
  armv6m('rows', false),
];
