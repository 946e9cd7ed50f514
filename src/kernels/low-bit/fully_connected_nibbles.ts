import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import { type GridFormat, weightFormat } from '../../graph/weight-format.js';
import { convolutionOf, macsOf } from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { isWholeInput } from '../matmul/fully_connected_simd.js';
import { inputArgument, outputArgument } from '../operands.js';
import { LANES, packLaneEnding } from '../weights/lane-ending.js';
import { unitOf } from '../weights/product-tables.js';
import {
  requireWeightedLayer,
  type WeightedLayer,
  weightAt,
  weightedLayer,
  weightSum,
} from '../weights/weighted-layer.js';

const ID = 'fully_connected_s8_nibbles';

/** Inputs of a step. */
const STEP = 8;
/** Bytes of a block's sums, and of an input in scratch memory. */
const SUM_BYTES = 4 * LANES;
const INPUT_BYTES = 2;

const stepsOf = ({ rows }: WeightedLayer): number => Math.ceil(rows.count / STEP);

/** Weights of at most sixteen evenly spaced values, or null. */
function gridOf({ filter }: WeightedLayer): GridFormat | null {
  const format = weightFormat(filter.data);
  return format.kind === 'grid' && format.bits <= 4 ? format : null;
}

/** [blocks][steps][16][4] bytes: the low nibbles of the first four inputs, the high ones of the others. */
function packFilter(layer: WeightedLayer, codeAt: (channel: number, input: number) => number): Int8Array {
  const { channels, count } = layer.rows;
  const steps = stepsOf(layer);
  const data = new Int8Array(Math.ceil(channels / LANES) * steps * LANES * 4);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < count; i++) {
      const block = Math.floor(c / LANES) * steps + Math.floor(i / STEP);
      data[(block * LANES + (c % LANES)) * 4 + (i % 4)]! |= codeAt(c, i) << (i % STEP < 4 ? 0 : 4);
    }
  }
  return data;
}

function call(graph: Graph, node: Node): KernelCall {
  const layer = requireWeightedLayer(graph, node);
  const grid = gridOf(layer)!;
  const { channels, count } = layer.rows;
  const first = grid.first - zeroPointOf(layer.filter);
  const unit = unitOf([first, grid.step]);
  const zero = zeroPointOf(layer.input);
  const ending = packLaneEnding(graph, node, layer, unit, (c) => -zero * weightSum(layer, c));
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: SUM_BYTES + INPUT_BYTES * STEP * stepsOf(layer),
    constants: [
      { name: 'filter', data: packFilter(layer, (c, i) => (weightAt(layer, c, i) - first) / grid.step) },
      { name: 'ends', data: ending.words },
    ],
    scalars: {
      inputs: count,
      output_channels: channels,
      first: first / unit,
      step: grid.step / unit,
      ...ending.scalars,
    },
    shape: ending.shape,
    // All of the input is read before the first output is written.
    overlap: [0],
    relaxed: { needs: 'dot_u7', instructions: instructionsOf(layer, 29) },
    macs: macsOf(convolutionOf(graph, node)),
    instructions: instructionsOf(layer, 56),
    counted: 'V8',
  };
}

/** @param ofStep vector instructions of V8's x64 code */
function instructionsOf(layer: WeightedLayer, ofStep: number): number {
  return Math.ceil(layer.rows.channels / LANES) * (ofStep * stepsOf(layer) + 100);
}

/** Weights of four bits that are used once, in half the bytes of those that are decoded. */
export const fullyConnectedNibblesKernel: Kernel = {
  id: ID,
  source: 'fully_connected_nibbles',
  codeBytes: 1500,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, { backend }) {
    if (backend !== 'wasm') return false;
    const layer = weightedLayer(graph, node);
    if (layer?.input.format.type !== 'int8' || !isWholeInput(convolutionOf(graph, node))) return false;
    return gridOf(layer) !== null;
  },
  lower: call,
};
