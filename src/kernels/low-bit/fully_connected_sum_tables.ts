import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import { convolutionOf, macsOf } from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { isWholeInput, simdInstructions } from '../matmul/fully_connected_simd.js';
import { inputArgument, outputArgument } from '../operands.js';
import { LANES, packLaneEnding } from '../weights/lane-ending.js';
import { linearLayer } from '../weights/linear.js';
import { type NibbleSums, nibbleSums } from '../weights/nibble-sums.js';
import { packNibblePairs } from '../weights/pack-codes.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
  weightSum,
} from '../weights/weighted-layer.js';

const ID = 'fully_connected_s8_sum_tables';

/** Blocks of channels that share what they load. */
const WIDE = 4;
/** Bytes of a block's sums, and of their parts of four blocks. */
const SUM_BYTES = 4 * LANES + WIDE * 4 * LANES;
const TABLE_BYTES = 2 * LANES;
/** What a low part lacks. */
const MIDDLE = 16;
/** Inputs may be filled up by so many zeros. */
const SLACK_BYTES = 8;

/** An even number of groups. */
function groupsOf(layer: WeightedLayer, { lanes }: NibbleSums): number {
  return 2 * Math.ceil(layer.rows.count / (2 * lanes));
}

function call(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const sums = nibbleSums(layer)!;
  const { lanes, unit, patterns } = sums;
  const groups = groupsOf(layer, sums);
  const { channels, count } = layer.rows;
  const codeAt = (c: number, input: number) => (input < count ? sums.codeOf(weightAt(layer, c, input)) : 0);
  const nibbleAt = (c: number, group: number) => {
    let nibble = 0;
    for (let i = 0; i < lanes; i++) nibble |= codeAt(c, group * lanes + i) << ((i * 4) / lanes);
    return nibble;
  };
  const lacking = (c: number) => {
    let sum = MIDDLE * groups;
    for (let group = 0; group < groups; group++) sum -= patterns[nibbleAt(c, group)]!;
    return unit * sum;
  };
  const zero = zeroPointOf(layer.input);
  const ending = packLaneEnding(graph, node, layer, unit, (c) => lacking(c) - zero * weightSum(layer, c));
  const inputs = elementCount(layer.input.shape);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: SUM_BYTES + groups * (TABLE_BYTES + lanes) + SLACK_BYTES,
    constants: [
      { name: 'patterns', data: patterns },
      { name: 'filter', data: packNibblePairs(channels, groups, WIDE, nibbleAt) },
      { name: 'ends', data: ending.words },
    ],
    scalars: { inputs, output_channels: channels, ...ending.scalars },
    shape: { lanes, flush: sums.flush, ...ending.shape },
    // All of the input is read before the first output is written.
    overlap: [0],
    relaxed: 'swizzle',
    macs: macsOf(conv),
    instructions: instructionsOf(channels, groups, lanes),
  };
}

/** Vector instructions of V8's x64 code. */
function instructionsOf(channels: number, groups: number, lanes: number): number {
  return Math.ceil(channels / LANES) * (10 * groups + 100) + groups * (16 + 5 * lanes);
}

/** Whether the layer's outputs are too few for tables of its inputs: products of int8 take less. */
function isFasterAsInt8(graph: Graph, node: Node, { rows }: WeightedLayer, instructions: number): boolean {
  return linearLayer(graph, node) !== null && simdInstructions(rows.channels, rows.count) <= instructions;
}

/** Weights of two values, or four, that are used once. */
export const fullyConnectedSumTablesKernel: Kernel = {
  id: ID,
  source: 'fully_connected_sum_tables',
  codeBytes: 2500,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, { backend }) {
    if (backend !== 'wasm' || node.kind === 'DEPTHWISE_CONV_2D') return false;
    const layer = weightedLayer(graph, node);
    if (layer?.input.format.type !== 'int8' || !isWholeInput(convolutionOf(graph, node))) return false;
    const sums = nibbleSums(layer);
    if (sums === null) return false;
    const groups = groupsOf(layer, sums);
    if (groups > sums.most) return false;
    return !isFasterAsInt8(graph, node, layer, instructionsOf(layer.rows.channels, groups, sums.lanes));
  },
  lower: call,
};
