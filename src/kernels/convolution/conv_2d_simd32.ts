import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
import { outputScalars } from '../weights/linear.js';
import { outputForms } from '../weights/simd32.js';
import {
  blockEnds,
  blockPixelsOf,
  instructionsOfBlocks,
  isPointwise,
  scratchBytes,
  simd32Layer,
  stepsOf,
  suitsSimd32,
} from './blocks_simd32.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  leavesImage,
  macsOf,
  pixelStarts,
  pixelsOf,
  windowMembers,
} from './convolution.js';

const WINDOWS = 'conv_2d_s8_simd32';
const POINTS = 'conv_2d_point_s8_simd32';

/** CONV_2D of int8 in one group, and FULLY_CONNECTED with multipliers by channel, on Cortex-M with DSP extension. */
export const conv2dSimd32Kernels: readonly Kernel[] = [
  {
    id: POINTS,
    source: 'conv_2d_point_simd32',
    // With the blocks' functions, which other kernels share.
    codeBytes: 1900,
    ops: ['CONV_2D', 'FULLY_CONNECTED'],
    accepts: (graph, node, target) =>
      suitsSimd32(graph, node, target) && isPointwise(convolutionOf(graph, node)),
    lower: pointCall,
  },
  {
    id: WINDOWS,
    source: 'conv_2d_simd32',
    codeBytes: 600,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) =>
      suitsSimd32(graph, node, target) && !isPointwise(convolutionOf(graph, node)),
    lower: windowCall,
  },
];

function pointCall(graph: Graph, node: Node): KernelCall {
  const conv = convolutionOf(graph, node);
  const { input, output, stride } = conv;
  const { layer, constants } = simd32Layer(graph, node);
  const blockPixels = blockPixelsOf(graph, node, conv);
  const forms = outputForms(layer, conv.clamp);
  const run = stride.height === 1 && stride.width === 1 ? output.height * output.width : output.width;
  return {
    kernel: POINTS,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(conv, blockPixels),
    constants,
    scalars: {
      row_begin: 0,
      row_end: output.height,
      batches: conv.batches,
      input_width: input.width,
      input_channels: input.channels,
      input_ring_rows: input.height,
      output_width: output.width,
      output_channels: output.channels,
      output_ring_rows: output.height,
      stride_height: stride.height,
      stride_width: stride.width,
      ...outputScalars(layer, conv.clamp),
    },
    shape: { block_pixels: blockPixels, ...forms },
    overlap: [blockOverlap(pixelStarts(conv), blockEnds(conv, blockPixels, run), output.channels, 1)],
    macs: macsOf(conv),
    instructions:
      instructionsOfBlocks(conv, blockPixels, run, forms) + pixelsOf(conv) * (16 + 8 * stepsOf(conv)),
  };
}

function windowCall(graph: Graph, node: Node): KernelCall {
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const { layer, constants } = simd32Layer(graph, node);
  const blockPixels = blockPixelsOf(graph, node, conv);
  const run = output.height * output.width;
  const forms = outputForms(layer, conv.clamp);
  return {
    kernel: WINDOWS,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(conv, blockPixels),
    constants,
    scalars: {
      row_begin: 0,
      row_end: output.height,
      input_offset: -zeroPointOf(layer.input),
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      block_pixels: blockPixels,
      ...forms,
    },
    overlap: [blockOverlap(pixelStarts(conv), blockEnds(conv, blockPixels, run), output.channels, 1)],
    macs: macsOf(conv),
    instructions: instructionsOfBlocks(conv, blockPixels, run, forms) + gatherInstructions(conv),
  };
}

/** Measured on Cortex-M4 (GCC 12, -O2): a window's words, and its rows. */
function gatherInstructions(conv: Convolution): number {
  const { width, height, channels } = conv.filter;
  const perRow = (width * channels) % 4 !== 0 ? 28 : leavesImage(conv) ? 25 : 0;
  return pixelsOf(conv) * (15 + 8 * stepsOf(conv) + height * perRow);
}
