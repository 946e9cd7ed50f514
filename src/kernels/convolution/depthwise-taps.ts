/** What kernels of DEPTHWISE_CONV_2D by vectors of channels share (`codegen/c/kernels/depthwise_taps.h`). */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { type Tensor, type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import type { ConstantArgument, Parameters } from '../kernel.js';
import { clampsCodes, roundsNegatives } from '../weights/code-range.js';
import { multipliersOf, provenBias, requireLayer } from '../weights/linear.js';
import { type Convolution, convolutionOf, isDense, leavesImage, windowMembers } from './convolution.js';

/** Taps for which the kernels have room in their list of pointers. */
const TAPS = 25;

/** Whether the node has an output channel for each of at least so many input channels, and no more taps than the kernels list. */
export function suitsTaps(graph: Graph, node: Node, leastChannels: number): boolean {
  if (node.kind !== 'DEPTHWISE_CONV_2D' || node.attributes.depthMultiplier !== 1) return false;
  const { filter, output } = convolutionOf(graph, node);
  return !isDense(graph, node) && output.channels >= leastChannels && filter.height * filter.width <= TAPS;
}

/** The parts of a call by such a kernel that do not depend on how it packs the filter [taps][channels]. */
export function tapsLayer(graph: Graph, node: Node) {
  const layer = requireLayer(graph, node);
  const conv = convolutionOf(graph, node);
  const { channels } = conv.output;
  const taps = conv.filter.height * conv.filter.width;
  const rows = { channels, count: taps, step: channels, start: (c: number) => c };
  const multipliers = multipliersOf(node, layer, channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const group = provenGroup(layer.filter.data, taps, channels);
  const padding: ConstantArgument = {
    name: 'padding',
    data: new Int8Array(leavesImage(conv) ? channels : 1).fill(zeroPointOf(layer.input)),
  };
  return { layer, conv, channels, taps, multipliers, bias, group, padding };
}

/** The kernels' shape: `group` taps are summed in 16 bits. */
export function tapsShape(conv: Convolution, outputTensor: Tensor, group: number): Parameters {
  const { input, output } = conv;
  return {
    batches: conv.batches,
    input_height: input.height,
    input_width: input.width,
    channels: output.channels,
    input_ring_rows: input.height,
    output_height: output.height,
    output_width: output.width,
    output_ring_rows: output.height,
    ...windowMembers(conv),
    padded: leavesImage(conv) ? 1 : 0,
    group,
    away: roundsNegatives(outputTensor, conv.clamp),
    clamped: clampsCodes(conv.clamp),
  };
}

/**
 * The most consecutive taps whose products with any codes sum up in 16 bits: in every channel, the magnitudes of each
 * group of weights times 128 stay below 2^15.
 */
function provenGroup(data: TypedArray, taps: number, channels: number): number {
  const fits = (group: number) => {
    for (let c = 0; c < channels; c++) {
      for (let first = 0; first < taps; first += group) {
        let magnitude = 0;
        for (let tap = first; tap < Math.min(first + group, taps); tap++) {
          magnitude += Math.abs(Number(data[tap * channels + c]));
        }
        if (magnitude * 128 >= 2 ** 15) return false;
      }
    }
    return true;
  };
  let group = taps;
  while (group > 1 && !fits(group)) group--;
  return group;
}
