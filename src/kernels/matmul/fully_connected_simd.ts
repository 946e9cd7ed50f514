import { requireInput } from '../../graph/graph.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { BLOCK, overlappingBlocks, packChannels } from '../weights/channels.js';
import { linearLayer, multipliersOf, outputScalars, provenBias, requireLayer } from '../weights/linear.js';

const ID = 'fully_connected_s8_simd';
/** Outputs that share each input. */
const WIDE = 32;
/** Vectors may be written this far behind the widened inputs. */
const SLACK_BYTES = 16;

/**
 * [outputs / 32][pairs][32][2], then [rest / 8, rounded up][pairs][8][2].
 * @param order channel by place
 */
function packPairsOfInputs(
  weights: ArrayLike<number | bigint>,
  inputs: number,
  wide: number,
  order: readonly (number | null)[],
): Int8Array {
  const pairs = Math.ceil(inputs / 2);
  const packed = new Int8Array(order.length * pairs * 2);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const width = place < wide ? WIDE : BLOCK;
    const first = place - (place % width);
    for (let k = 0; k < inputs; k++) {
      const to = first * pairs * 2 + ((k >> 1) * width + (place - first)) * 2 + (k & 1);
      packed[to] = Number(weights[channel * inputs + k]);
    }
  });
  return packed;
}

/** FULLY_CONNECTED of one row of int8, whose weights are used once: they stay int8. */
export const fullyConnectedSimdKernel: Kernel = {
  id: ID,
  source: 'fully_connected',
  codeBytes: 1200,
  ops: ['FULLY_CONNECTED'],
  accepts(graph, node, target) {
    const layer = linearLayer(graph, node);
    if (target.backend !== 'wasm' || layer?.type !== 's8' || zeroPointOf(layer.filter) !== 0) return false;
    return elementCount(layer.input.shape) === layer.filter.shape[1];
  },
  lower(graph, node) {
    if (node.kind !== 'FULLY_CONNECTED') throw new Error(`${ID} cannot compute ${node.kind}`);
    const layer = requireLayer(graph, node);
    const [outputs = 1, inputs = 1] = requireInput(graph, node, 1).shape;
    const rows = { channels: outputs, count: inputs, step: 1, start: (c: number) => c * inputs };
    const multipliers = multipliersOf(node, layer, outputs);
    const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
    const order = overlappingBlocks(outputs);
    const channels = packChannels(layer, rows, bias, multipliers, node.attributes.clamp, order);
    const wide = outputs - (outputs % WIDE);
    const pairs = Math.ceil(inputs / 2);
    return {
      kernel: ID,
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 4 * pairs + SLACK_BYTES,
      constants: [
        { name: 'filter', data: packPairsOfInputs(layer.filter.data, inputs, wide, order) },
        { name: 'channels', data: channels.data },
      ],
      scalars: { ...outputScalars(layer, node.attributes.clamp), inputs, outputs },
      shape: { wide: wide > 0 ? 1 : 0, partial: outputs < BLOCK ? 1 : 0, ...channels.shape },
      // All inputs are widened before the first output is written.
      overlap: [0],
      macs: outputs * inputs,
      instructions: Math.round(
        (wide / WIDE) * (28 * pairs + 150) + ((order.length - wide) / BLOCK) * (10 * pairs + 50),
      ),
    };
  },
};
