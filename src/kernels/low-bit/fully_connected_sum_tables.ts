import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import { convolutionOf, macsOf } from '../convolution/convolution.js';
import type { ConstantArgument, Kernel, KernelCall } from '../kernel.js';
import { isWholeInput } from '../matmul/fully_connected_simd.js';
import { inputArgument, outputArgument } from '../operands.js';
import { LANES, packLaneEnding } from '../weights/lane-ending.js';
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
/** Bytes of the sums of four blocks, and of their parts. */
const SUM_BYTES = WIDE * 4 * LANES + WIDE * 4 * LANES;
const TABLE_BYTES = 2 * LANES;
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
  const { lanes, unit, first, step, middle, patterns, multiplied } = sums;
  const groups = groupsOf(layer, sums);
  const { channels, count } = layer.rows;
  const codeAt = (c: number, input: number) => (input < count ? sums.codeOf(weightAt(layer, c, input)) : 0);
  const nibbleAt = (c: number, group: number) => {
    let nibble = 0;
    for (let i = 0; i < lanes; i++) nibble |= codeAt(c, group * lanes + i) << ((i * 4) / lanes);
    return nibble;
  };
  const zero = zeroPointOf(layer.input);
  const ending = packLaneEnding(graph, node, layer, unit, (c) => -zero * weightSum(layer, c));
  const inputs = elementCount(layer.input.shape);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: SUM_BYTES + groups * (TABLE_BYTES + lanes) + SLACK_BYTES,
    constants: [
      { name: 'patterns', data: patterns },
      filterOf(packNibblePairs(channels, groups, WIDE, nibbleAt), sums),
      { name: 'ends', data: ending.words },
    ],
    scalars: { inputs, output_channels: channels, first, step, middle, ...ending.scalars },
    shape: { lanes, flush: sums.flush, multiplied: multiplied ? 1 : 0, ...ending.shape },
    // All of the input is read before the first output is written.
    overlap: [0],
    relaxed: {
      needs: multiplied ? 'dot_u7' : 'swizzle',
      instructions: relaxedInstructionsOf(channels, groups, sums),
    },
    macs: macsOf(conv),
    instructions: instructionsOf(channels, groups, sums),
    counted: 'V8',
  };
}

/** Where the module with relaxed SIMD multiplies codes it wants them by input, not by channel. */
function filterOf(data: Int8Array, { multiplied }: NibbleSums): ConstantArgument {
  if (!multiplied) return { name: 'filter', data };
  const compact = {
    data,
    expand: 'transpose_codes',
    source: 'code_fields_filter',
    parameters: [data.length / LANES],
  };
  return { name: 'filter', data, compact };
}

/** Vector instructions of V8's x64 code. */
function instructionsOf(channels: number, groups: number, { lanes }: NibbleSums): number {
  return Math.ceil(channels / LANES) * (10 * groups + 100) + groups * (16 + 5 * lanes);
}

/** The same with relaxed SIMD: tables save an instruction a vector of them, products need no tables. */
function relaxedInstructionsOf(channels: number, groups: number, { lanes, multiplied }: NibbleSums): number {
  const blocks = Math.ceil(channels / LANES);
  return multiplied ? blocks * (6 * groups + 100) : blocks * (8 * groups + 100) + groups * (16 + 5 * lanes);
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
    return groupsOf(layer, sums) <= sums.most;
  },
  lower: call,
};
