import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
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
import {
  hasSimd32,
  type OutputForms,
  outputForms,
  type Simd32Multipliers,
  simd32Multipliers,
} from '../weights/simd32.js';
import { type Convolution, convolutionOf, isDense, leavesImage, pixelStarts } from './convolution.js';
import { rowMajor } from './convolve.js';

const ID = 'conv_2d_s8_simd32';

/** Scratch that is worth its memory even where the arena has no gap for it. */
const SMALL_SCRATCH = 512;

/** CONV_2D of int8 in one group, and FULLY_CONNECTED with multipliers by channel, on Cortex-M with DSP extension. */
const conv2d: Kernel = {
  id: ID,
  source: 'conv_2d_simd32',
  codeBytes: 1300,
  ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
  accepts(graph, node, target) {
    if (!hasSimd32(target)) return false;
    const layer = linearLayer(graph, node);
    if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
    if (node.kind === 'FULLY_CONNECTED' && layer.filter.format.scales.length === 1) return false;
    if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return false;
    const conv = convolutionOf(graph, node);
    return conv.groups === 1 && simd32Multipliers(node, rowMajor(node, layer), rowsOf(conv)) !== null;
  },
  lower(graph, node) {
    const layer = rowMajor(node, requireLayer(graph, node));
    const multipliers = simd32Multipliers(node, layer, rowsOf(convolutionOf(graph, node)));
    if (!multipliers) throw new Error(`${ID} cannot compute ${node.kind}`);
    return conv2dCall(graph, node, layer, multipliers);
  },
};

function rowsOf({ filter, output }: Convolution): FilterRows {
  const taps = filter.height * filter.width * filter.channels;
  return { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
}

function conv2dCall(graph: Graph, node: Node, layer: LinearLayer, packed: Simd32Multipliers): KernelCall {
  const conv = convolutionOf(graph, node);
  const { input, output, filter } = conv;
  const rows = rowsOf(conv);
  const taps = rows.count;
  const multipliers = multipliersOf(node, layer, output.channels);
  const blockPixels = blockPixelsOf(graph, node, conv);
  const ends = blockEnds(conv, blockPixels);
  const forms = outputForms(layer, conv.clamp, packed);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(conv, blockPixels),
    constants: [
      {
        name: 'filter',
        data: packHalfwordPairs(layer.filter.data as Int8Array, output.channels, taps),
      },
      { name: 'bias', data: provenBias(graph, node, layer, rows, multipliers, true) },
      { name: 'multiplier', data: packed.multiplier },
      { name: 'shift', data: packed.shift },
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      input_offset: -zeroPointOf(layer.input),
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      batches: conv.batches,
      input_height: input.height,
      input_width: input.width,
      input_channels: input.channels,
      input_ring_rows: input.height,
      output_height: output.height,
      output_width: output.width,
      output_channels: output.channels,
      output_ring_rows: output.height,
      filter_height: filter.height,
      filter_width: filter.width,
      stride_height: conv.stride.height,
      stride_width: conv.stride.width,
      dilation_height: conv.dilation.height,
      dilation_width: conv.dilation.width,
      pad_top: conv.padding.top,
      pad_left: conv.padding.left,
      padded: leavesImage(conv) ? 1 : 0,
      block_pixels: blockPixels,
      ...forms,
    },
    overlap: [blockOverlap(pixelStarts(conv), ends, output.channels, 1)],
    macs: conv.batches * output.height * output.width * output.channels * taps,
    instructions: instructionsOf(conv, blockPixels, forms),
  };
}

/** Four pixels at a time take fewer instructions than two, and more scratch. */
function blockPixelsOf(graph: Graph, node: Node, conv: Convolution): 2 | 4 {
  if (conv.output.height * conv.output.width < 4) return 2;
  const scratch = scratchBytes(conv, 4);
  if (scratch <= SMALL_SCRATCH) return 4;
  const [input, output] = [node.inputs[0]!, node.outputs[0]!].map((id) => byteLength(tensorAt(graph, id)));
  return input! + output! + scratch <= leastArena(graph) ? 4 : 2;
}

/** Bytes that no arena of the graph can do without: all inputs of a node, or its outputs. */
function leastArena(graph: Graph): number {
  const sizes = (ids: readonly (number | null)[]) =>
    [...new Set(ids)]
      .filter((id) => id !== null)
      .map((id) => tensorAt(graph, id))
      .filter(({ data }) => data === null)
      .reduce((sum, tensor) => sum + byteLength(tensor), 0);
  return Math.max(...graph.nodes.map(({ inputs, outputs }) => Math.max(sizes(inputs), sizes(outputs))));
}

function stepsOf({ filter }: Convolution): number {
  return Math.ceil((filter.height * filter.width * filter.channels) / 4);
}

/** Pairs of halfwords of a block, and one window of bytes where channels are no whole words. */
function scratchBytes(conv: Convolution, blockPixels: number): number {
  const window = stepsOf(conv) * 4;
  return blockPixels * window * 2 + (conv.filter.channels % 4 === 0 ? 0 : window);
}

/** How many pixels are written after each block: the last ones of an image are blocks of their own. */
function blockEnds({ batches, output }: Convolution, blockPixels: number): number[] {
  const pixels = output.height * output.width;
  const blocks = Math.floor(pixels / blockPixels);
  return Array.from({ length: batches }, (_, batch) => [
    ...Array.from({ length: blocks }, (_, i) => batch * pixels + (i + 1) * blockPixels),
    ...Array.from({ length: pixels % blockPixels }, (_, i) => batch * pixels + blocks * blockPixels + i + 1),
  ]).flat();
}

/**
 * Measured on Cortex-M4 (GCC 12, -O2): blocks of eight sums by step, round of a loop and start and end of the sums; the
 * last pixels one by one; and the gathering of each pixel by its rows and words.
 */
function instructionsOf(conv: Convolution, blockPixels: number, forms: OutputForms): number {
  const { batches, output, filter } = conv;
  const steps = stepsOf(conv);
  const pixels = output.height * output.width;
  const rounds = steps < 8 ? 0 : Math.floor(steps / 4);
  const perOutput = forms.negative + forms.long_shifts + 3 * forms.clamps;
  const perBlock =
    (blockPixels === 4 ? 26 : 30) * steps + 3 * rounds + (rounds > 0 ? 90 : 75) + 8 * perOutput;
  const blocks =
    Math.floor(pixels / blockPixels) * (Math.ceil((output.channels * blockPixels) / 8) * perBlock + 40);
  const singles = pixels % blockPixels;
  const perSingle = Math.ceil(output.channels / 4) * (21 * steps + 50 + 4 * perOutput);
  const perRow = filter.channels % 4 !== 0 ? 40 : leavesImage(conv) ? 25 : 0;
  return batches * (blocks + singles * perSingle + pixels * (15 + 8 * steps + filter.height * perRow));
}

export const conv2dSimd32Kernels: readonly Kernel[] = [conv2d];
