import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import { type Convolution, convolutionOf, leavesImage } from '../convolution/convolution.js';
import type { ConstantArgument, Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { packPairs, padBlocks } from '../weights/blocks.js';
import { BLOCK, overlappingBlocks, packChannels } from '../weights/channels.js';
import {
  accumulatorLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';

const ID = 'fully_connected_s8_simd';
/** Outputs that share each input. */
const WIDE = 32;
/** Inputs of a group, where the module has relaxed SIMD: filters have room for whole ones. */
const GROUP = 4;
/** Vectors may be written this far behind the widened inputs. */
const SLACK_BYTES = 16;

/**
 * [outputs / 32][pairs][32][2], then [rest / 8, rounded up][pairs][8][2], of an even number of pairs; the module may regroup them
 * where they lie.
 * @param order channel by place
 */
function packPairsOfInputs(
  weights: ArrayLike<number | bigint>,
  inputs: number,
  wide: number,
  order: readonly (number | null)[],
): ConstantArgument {
  const groups = Math.ceil(inputs / GROUP);
  const packed = new Int8Array(order.length * groups * GROUP);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const width = place < wide ? WIDE : BLOCK;
    const first = place - (place % width);
    for (let k = 0; k < inputs; k++) {
      const to = first * groups * GROUP + ((k >> 1) * width + (place - first)) * 2 + (k & 1);
      packed[to] = Number(weights[channel * inputs + k]);
    }
  });
  const parameters = [wide / WIDE, (order.length - wide) / BLOCK, groups];
  const compact = { data: packed, expand: 'group_weights', source: 'fully_connected_filter', parameters };
  return { name: 'filter', data: packed, compact };
}

/** Whether the only window of a convolution is the input, element by element. */
export function isWholeInput(conv: Convolution): boolean {
  const { batches, input, output, filter, groups } = conv;
  const taps = filter.height * filter.width * filter.channels;
  const inputs = input.height * input.width * input.channels;
  const pixels = batches * output.height * output.width;
  return pixels === 1 && groups === 1 && taps === inputs && !leavesImage(conv);
}

/** Vector instructions of V8's x64 code. */
function simdInstructions(outputs: number, inputs: number): number {
  const pairs = Math.ceil(inputs / 2);
  const blocks = Math.ceil((outputs % WIDE) / BLOCK);
  return Math.floor(outputs / WIDE) * (28 * pairs + 150) + blocks * (10 * pairs + 50);
}

/** The same where the module multiplies bytes. */
function relaxedSimdInstructions(outputs: number, inputs: number): number {
  const groups = Math.ceil(inputs / GROUP);
  const blocks = Math.ceil((outputs % WIDE) / BLOCK);
  return Math.floor(outputs / WIDE) * (20 * groups + 150) + blocks * (8 * groups + 50);
}

/**
 * FULLY_CONNECTED of one row of int8 and CONV_2D of one pixel, whose weights are used once: they stay int8, as codes, since less
 * their zero point they need not fit.
 */
export const fullyConnectedSimdKernel: Kernel = {
  id: ID,
  source: 'fully_connected',
  codeBytes: 1200,
  ops: ['FULLY_CONNECTED', 'CONV_2D'],
  accepts(graph, node, target) {
    if (target.backend !== 'wasm' || linearLayer(graph, node)?.type !== 's8') return false;
    return isWholeInput(convolutionOf(graph, node));
  },
  lower(graph, node) {
    const layer = requireLayer(graph, node);
    const { clamp } = convolutionOf(graph, node);
    const outputs = layer.filter.shape[0]!;
    const inputs = elementCount(layer.input.shape);
    const filterOffset = -zeroPointOf(layer.filter);
    const rows = { channels: outputs, count: inputs, step: 1, start: (c: number) => c * inputs };
    const multipliers = multipliersOf(node, layer, outputs);
    const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
    const order = overlappingBlocks(outputs);
    const channels = packChannels(layer, rows, bias, multipliers, clamp, order);
    const wide = outputs - (outputs % WIDE);
    return {
      kernel: ID,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 2 * GROUP * Math.ceil(inputs / GROUP) + SLACK_BYTES,
      constants: [
        packPairsOfInputs(layer.filter.data, inputs, wide, order),
        { name: 'channels', data: channels.data },
      ],
      scalars: { filter_offset: filterOffset, ...outputScalars(layer, clamp), inputs, outputs },
      shape: {
        wide: wide > 0 ? 1 : 0,
        partial: outputs < BLOCK ? 1 : 0,
        filter_offsets: filterOffset === 0 ? 0 : 1,
        ...channels.shape,
      },
      // All inputs are widened before the first output is written.
      overlap: [0],
      relaxed: { needs: 'dot_u8', instructions: relaxedSimdInstructions(outputs, inputs) },
      macs: outputs * inputs,
      instructions: simdInstructions(outputs, inputs),
      counted: 'V8',
    };
  },
};

const SUMS_ID = 'fully_connected_s8_s32_simd';
/** Outputs that share each input, where sums are the outputs. */
const SUMS_BLOCK = 16;

/** FULLY_CONNECTED of int8 to its accumulators, row by row. */
export const fullyConnectedSumsSimdKernel: Kernel = {
  id: SUMS_ID,
  source: 'fully_connected',
  codeBytes: 600,
  ops: ['FULLY_CONNECTED'],
  accepts: (graph, node, target) => target.backend === 'wasm' && accumulatorLayer(graph, node) !== null,
  lower(graph, node) {
    const layer = requireLayer(graph, node);
    const [outputs = 1, inputs = 1] = layer.filter.shape;
    const rows = elementCount(layer.input.shape) / inputs;
    const filterOffset = -zeroPointOf(layer.filter);
    const channels = { channels: outputs, count: inputs, step: 1, start: (c: number) => c * inputs };
    const bias = provenBias(graph, node, layer, channels, multipliersOf(node, layer, outputs), true);
    const weights = {
      data: layer.filter.data as Int8Array,
      groups: 1,
      rowsOfGroup: outputs,
      columns: inputs,
    };
    const pairs = Math.ceil(inputs / 2);
    return {
      kernel: SUMS_ID,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: Math.max(4 * pairs + SLACK_BYTES, 4 * SUMS_BLOCK),
      constants: [
        { name: 'filter', data: packPairs(weights, inputs, SUMS_BLOCK) },
        { name: 'bias', data: padBlocks(bias, 1, SUMS_BLOCK) },
      ],
      scalars: { filter_offset: filterOffset, rows, inputs, outputs },
      shape: { partial: outputs % SUMS_BLOCK === 0 ? 0 : 1, filter_offsets: filterOffset === 0 ? 0 : 1 },
      overlap: [null],
      macs: rows * outputs * inputs,
      instructions: Math.round(rows * (20 + 2 * pairs + Math.ceil(outputs / SUMS_BLOCK) * (15 * pairs + 40))),
      counted: 'V8',
    };
  },
};
