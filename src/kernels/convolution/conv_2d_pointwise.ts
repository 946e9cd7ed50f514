import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { BLOCK, overlappingBlocks, packChannels } from '../weights/channels.js';
import {
  type FilterRows,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { flattened, isPointwise, packTiles } from './conv_2d_tile.js';
import { convolutionOf, macsOf } from './convolution.js';
import { rowMajor } from './convolve.js';
import { bandOverlap } from './lines.js';
import {
  basePixels,
  hasRoomForBytes,
  pixelMemory,
  relaxedInstructions,
  relaxedPixels,
  tileFilter,
} from './pixel-tiles.js';

const ID = 'conv_2d_s8_pointwise';
/** Pixels of a tile, as far as instructions are counted. */
const TILE = 4;
/** Tiles of a band, which stay in the first-level cache beside the filter of a block. */
const BAND_BYTES = 16384;

function call(graph: Graph, node: Node): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const conv = flattened(convolutionOf(graph, node));
  const depth = conv.input.channels;
  const pixels = conv.output.height;
  const outputs = conv.output.channels;
  const rows: FilterRows = { channels: outputs, count: depth, step: 1, start: (c) => c * depth };
  const multipliers = multipliersOf(node, layer, outputs);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const order = overlappingBlocks(outputs);
  const channels = packChannels(layer, rows, bias, multipliers, conv.clamp, order);
  const packed = packTiles(layer, depth, depth, order);
  const blocks = order.length / BLOCK;
  const pairs = Math.ceil(depth / 2);
  const window = { runs: 1, pairs };
  const bandPixels = Math.min(pixels, basePixels(BAND_BYTES, window));
  const relaxedBandPixels = bandPixels < pixels ? Math.min(pixels, relaxedPixels(bandPixels)) : pixels;
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: pixelMemory(bandPixels, relaxedBandPixels, window),
    constants: [tileFilter(packed, blocks, window), { name: 'channels', data: channels.data }],
    scalars: {
      ...outputScalars(layer, conv.clamp),
      pixels,
      depth,
      output_channels: outputs,
      band_pixels: bandPixels,
      pairs,
    },
    shape: { partial: outputs < BLOCK ? 1 : 0, ...channels.shape },
    overlap: [Math.max(...[bandPixels, relaxedBandPixels].map((rows) => bandOverlap(conv, rows)))],
    relaxed: { needs: 'dot_u8', instructions: relaxedInstructions(pixels, blocks, window) },
    macs: macsOf(conv),
    instructions: pointwiseInstructions(pixels, blocks, pairs),
    counted: 'V8',
  };
}

/** Vector instructions of V8's x64 code. */
export function pointwiseInstructions(pixels: number, blocks: number, pairs: number): number {
  return Math.ceil(pixels / TILE) * (blocks * (27 * pairs + 200) + 6 * pairs);
}

/**
 * CONV_2D of int8 by 1x1 without stride, and FULLY_CONNECTED. Filters without zero points, so that a byte holds a weight; of two
 * channels the form with relaxed SIMD would not find room beside them.
 */
export const conv2dPointwiseKernel: Kernel = {
  id: ID,
  source: 'conv_2d_pointwise',
  codeBytes: 1500,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, target) {
    if (target.backend !== 'wasm') return false;
    const layer = linearLayer(graph, node);
    if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
    const conv = convolutionOf(graph, node);
    const window = { runs: 1, pairs: Math.ceil(conv.input.channels / 2) };
    return conv.groups === 1 && hasRoomForBytes(window) && isPointwise(conv);
  },
  lower: call,
};
