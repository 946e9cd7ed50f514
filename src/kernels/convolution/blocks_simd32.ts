/** What convolutions by blocks of pixels share: `codegen/c/kernels/block_simd32.h`. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, zeroPointOf } from '../../graph/tensor.js';
import type { Target } from '../kernel.js';
import { type FilterRows, linearLayer, multipliersOf, provenBias, requireLayer } from '../weights/linear.js';
import { hasSimd32, type OutputForms, simd32Channels, simd32Constants } from '../weights/simd32.js';
import { type Convolution, convolutionOf, isDense, leavesImage } from './convolution.js';
import { rowMajor } from './convolve.js';

/** Scratch that is worth its memory even where the arena has no gap for it. */
const SMALL_SCRATCH = 768;

/** Whether the node is a convolution of int8 in one group, or may be done as one, and SMMLAR can requantize it. */
export function suitsSimd32(graph: Graph, node: Node, target: Target): boolean {
  if (!hasSimd32(target)) return false;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
  if (node.kind === 'FULLY_CONNECTED' && layer.filter.format.scales.length === 1) return false;
  if (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node)) return false;
  const conv = convolutionOf(graph, node);
  return conv.groups === 1 && simd32Channels(node, rowMajor(node, layer), rowsOf(conv)) !== null;
}

/** A node that suits, and its constants. */
export function simd32Layer(graph: Graph, node: Node) {
  const conv = convolutionOf(graph, node);
  const layer = rowMajor(node, requireLayer(graph, node));
  const rows = rowsOf(conv);
  const channels = simd32Channels(node, layer, rows);
  if (!channels) throw new Error(`no multiplication by SMMLAR requantizes ${node.kind}`);
  const multipliers = multipliersOf(node, layer, conv.output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  return { layer, constants: simd32Constants(layer.filter.data, rows, bias, channels) };
}

function rowsOf({ filter, output }: Convolution): FilterRows {
  const taps = filter.height * filter.width * filter.channels;
  return { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
}

/** Whether the filter has one tap, pixels are whole words, and none lies outside of the image. */
export function isPointwise(conv: Convolution): boolean {
  const { height, width, channels } = conv.filter;
  return height === 1 && width === 1 && channels % 4 === 0 && !leavesImage(conv);
}

/** Four pixels at a time take fewer instructions than two, and more scratch. */
export function blockPixelsOf(graph: Graph, node: Node, conv: Convolution): 2 | 4 {
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

/** Groups of four inputs of an output. */
export function stepsOf({ filter }: Convolution): number {
  return Math.ceil((filter.height * filter.width * filter.channels) / 4);
}

/** Pairs of halfwords of a block, and bytes of what is no whole word: a window, or a run of neighbouring taps. */
export function scratchBytes(conv: Convolution, blockPixels: number): number {
  const { width, channels } = conv.filter;
  const run = (conv.dilation.width === 1 ? width : 1) * channels;
  const window = stepsOf(conv) * 4;
  return blockPixels * window * 2 + (channels % 4 === 0 ? 0 : run % 4 === 0 ? run : window);
}

/** How many pixels are written after each block, in order: the last ones of each run of pixels are blocks of their own. */
export function blockEnds({ batches, output }: Convolution, blockPixels: number, run: number): number[] {
  const runs = (batches * output.height * output.width) / run;
  const blocks = Math.floor(run / blockPixels);
  return Array.from({ length: runs }, (_, i) => [
    ...Array.from({ length: blocks }, (_, block) => i * run + (block + 1) * blockPixels),
    ...Array.from({ length: run % blockPixels }, (_, pixel) => i * run + blocks * blockPixels + pixel + 1),
  ]).flat();
}

/**
 * Measured on Cortex-M4 (GCC 12, -O2): blocks of eight sums by step and start and end of the sums, and the last pixels of
 * each run one by one.
 */
export function instructionsOfBlocks(
  conv: Convolution,
  blockPixels: number,
  run: number,
  forms: OutputForms,
): number {
  const { batches, output } = conv;
  const steps = stepsOf(conv);
  const finish = forms.negative + 3 * forms.clamps;
  const loops = 3 * (Math.floor(steps / 4) + (steps % 4));
  const perSums = (blockPixels === 4 ? 26 : 30) * steps + loops + 95 + 8 * finish;
  const perBlock = Math.ceil((output.channels * blockPixels) / 8) * perSums + 45;
  const perSingle = Math.ceil(output.channels / 4) * (23 * steps + 60 + 4 * finish) + 35;
  const runs = (batches * output.height * output.width) / run;
  return runs * (Math.floor(run / blockPixels) * perBlock + (run % blockPixels) * perSingle);
}
