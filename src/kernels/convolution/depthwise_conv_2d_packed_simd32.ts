/**
 * DEPTHWISE_CONV_2D of codes of 4 and 2 bits to int8 by the DSP extension of Cortex-M4, M7 and M33:
 * `depthwise_conv_2d_packed_simd32.h`.
 */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { fullWord } from '../low-bit/rows.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packedInputLayer } from '../weights/linear.js';
import { hasSimd32 } from '../weights/simd32.js';
import { leavesImage, macsOf, pixelStarts, pixelsOf } from './convolution.js';
import { type Depthwise, depthwiseOf, finishOf, packBlocks, shapeOf } from './depthwise_conv_2d_simd32.js';

const BITS = { uint4: 4, uint2: 2 } as const;

function packedOf(graph: Graph, node: Node, bits: 4 | 2): Depthwise | null {
  const depthwise = depthwiseOf(graph, node, packedInputLayer);
  if (!depthwise || depthwise.conv.output.channels % 4 !== 0) return null;
  return BITS[depthwise.layer.input.format.type as keyof typeof BITS] === bits ? depthwise : null;
}

function lower(graph: Graph, node: Node, kernel: string, bits: 4 | 2): KernelCall {
  const depthwise = packedOf(graph, node, bits);
  if (!depthwise) throw new Error(`${kernel} does not take ${node.kind}`);
  const { layer, conv } = depthwise;
  const { channels, height } = conv.output;
  const words = Math.ceil((channels * bits) / 32);
  const border = new Int32Array(leavesImage(conv) ? words : 1).fill(fullWord(zeroPointOf(layer.input), bits));
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [
      { name: 'blocks', data: packBlocks(graph, node, depthwise) },
      { name: 'border', data: new Int8Array(border.buffer) },
    ],
    scalars: { row_begin: 0, row_end: height, act_min: conv.clamp.min, act_max: conv.clamp.max },
    shape: shapeOf(depthwise),
    // Blocks are written after their last read, of fewer bytes.
    overlap: [
      windowOverlap(
        pixelStarts(conv).map((start) => (start / channels) * 4 * words),
        channels,
        1,
        Math.max(0, channels - 4 * words),
      ),
    ],
    macs: macsOf(conv),
    instructions: instructionsOf(depthwise),
  };
}

/** Measured on Cortex-M4 (GCC 12, -O2). */
function instructionsOf(depthwise: Depthwise): number {
  const { conv, taps } = depthwise;
  const blocks = conv.output.channels / 4;
  return Math.round(pixelsOf(conv) * (40 + 4 * taps + blocks * (38 + 8 * taps + finishOf(depthwise))));
}

export const depthwiseConv2dPackedSimd32Kernels: readonly Kernel[] = ([4, 2] as const).map((bits) => {
  const id = `depthwise_conv_2d_u${bits}_simd32`;
  return {
    id,
    source: 'depthwise_conv_2d_packed_simd32',
    codeBytes: 500,
    ops: ['DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) => hasSimd32(target) && packedOf(graph, node, bits) !== null,
    lower: (graph, node) => lower(graph, node, id, bits),
  };
});
