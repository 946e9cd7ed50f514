import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { BLOCK, overlappingBlocks, packChannels } from '../weights/channels.js';
import {
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { type Convolution, convolutionOf, isDense, macsOf } from './convolution.js';
import { type Band, bandOfPairs, bandOverlap } from './lines.js';

const ID = 'depthwise_conv_2d_s8_tile';

function tileCall(graph: Graph, node: Node): KernelCall {
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { batches, input, output, filter, stride, dilation, padding } = conv;
  const depth = output.channels;
  const rows = { channels: depth, count: filter.height * filter.width, step: depth, start: (c: number) => c };
  const multipliers = multipliersOf(node, layer, depth);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const order = overlappingBlocks(depth);
  const channels = packChannels(layer, rows, bias, multipliers, conv.clamp, order);
  const band = bandOfPairs(conv);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: band.bytes,
    constants: [
      { name: 'filter', data: packRowPairs(layer, conv, order) },
      { name: 'channels', data: channels.data },
    ],
    scalars: {
      zero_point: zeroPointOf(layer.input),
      ...outputScalars(layer, conv.clamp),
      batches,
      input_height: input.height,
      input_width: input.width,
      output_height: output.height,
      output_width: output.width,
      depth,
      stride_height: stride.height,
      dilation_height: dilation.height,
      pad_top: padding.top,
      pad_left: padding.left,
      line_width: band.width,
      line_step: band.step,
      band_rows: band.rows,
      band_extent: band.extent,
      window_rows: Math.ceil(filter.height / 2),
      window_columns: filter.width,
      tap_row_bytes: ((2 * dilation.height) / band.step) * band.lineBytes,
      tap_column_bytes: 4 * dilation.width * depth,
      row_bytes: (stride.height / band.step) * band.lineBytes,
      column_bytes: 4 * stride.width * depth,
    },
    shape: { partial: depth < BLOCK ? 1 : 0, ...channels.shape },
    overlap: [bandOverlap(conv, band.rows)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, band),
    counted: 'V8',
  };
}

/** [blocks][pairs of rows][columns][8][2] of the weights less their zero point; below the last row a zero. */
function packRowPairs(
  layer: LinearLayer,
  { filter, output }: Convolution,
  order: readonly (number | null)[],
): Int16Array {
  const zero = zeroPointOf(layer.filter);
  const pairs = Math.ceil(filter.height / 2);
  const packed = new Int16Array(order.length * pairs * filter.width * 2);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const block = Math.floor(place / BLOCK) * pairs * filter.width;
    for (let y = 0; y < filter.height; y++) {
      for (let x = 0; x < filter.width; x++) {
        const to = ((block + (y >> 1) * filter.width + x) * BLOCK + (place % BLOCK)) * 2 + (y & 1);
        packed[to] = Number(layer.filter.data[(y * filter.width + x) * output.channels + channel]) - zero;
      }
    }
  });
  return packed;
}

/** Vector instructions of V8's x64 code. */
function instructionsOf({ batches, output, filter }: Convolution, band: Band): number {
  const tiles = Math.ceil((output.height * output.width) / 4) * Math.ceil(output.channels / BLOCK);
  const taps = Math.ceil(filter.height / 2) * filter.width;
  const widened = (Math.ceil(output.height / band.rows) * band.bytes) / 32;
  return Math.round(batches * (tiles * (35 * taps + 180) + widened * 10));
}

/** DEPTHWISE_CONV_2D of int8 with one output for each input channel. */
export const depthwiseConv2dTileKernel: Kernel = {
  id: ID,
  source: 'depthwise_conv_2d_tile',
  codeBytes: 1500,
  ops: ['DEPTHWISE_CONV_2D'],
  accepts: (graph, node, target) =>
    target.backend === 'wasm' &&
    node.kind === 'DEPTHWISE_CONV_2D' &&
    node.attributes.depthMultiplier === 1 &&
    linearLayer(graph, node)?.type === 's8' &&
    !isDense(graph, node),
  lower: tileCall,
};
