import { type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { NodeOf } from '../../graph/ops.js';
import { type ElementType, scaleOf, zeroPointOf } from '../../graph/tensor.js';
import { svdfMultipliers } from '../../numerics/scales.js';
import type { Kernel, Parameters } from '../kernel.js';
import { inputArgument, outputArgument, perTensorScales } from '../operands.js';

function tensorsOf(graph: Graph, node: NodeOf<'SVDF'>) {
  return {
    x: requireInput(graph, node, 0),
    feature: requireInput(graph, node, 1),
    time: requireInput(graph, node, 2),
    bias: inputOf(graph, node, 3),
    state: requireInput(graph, node, 4),
    y: outputOf(graph, node),
  };
}

function shapeOf(graph: Graph, node: NodeOf<'SVDF'>) {
  const { x, time, y } = tensorsOf(graph, node);
  return {
    batches: x.shape[0]!,
    input_size: x.shape[1]!,
    units: y.shape[1]!,
    rank: node.attributes.rank,
    memory: time.shape[1]!,
  } satisfies Parameters;
}

function multipliersOf(graph: Graph, node: NodeOf<'SVDF'>) {
  const { x, feature, time, state, y } = tensorsOf(graph, node);
  return svdfMultipliers(scaleOf(x), scaleOf(feature), scaleOf(state), scaleOf(time), scaleOf(y));
}

/** Sum of each row of a constant. */
function rowSums(data: ArrayLike<number | bigint>, rowLength: number): number[] {
  const sums: number[] = new Array(data.length / rowLength).fill(0);
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / rowLength)]! += Number(data[i]);
  return sums;
}

/** int8 activations and feature weights; time weights and state of one type. Sums are modulo 2^32, as the reference's. */
function svdf(stateType: 'int8' | 'int16'): Kernel {
  const id = stateType === 'int8' ? 'svdf_s8' : 'svdf_s16';
  return {
    id,
    source: 'svdf',
    codeBytes: 260,
    ops: ['SVDF'],
    accepts(graph, node) {
      if (node.kind !== 'SVDF') return false;
      const { x, feature, time, bias, state, y } = tensorsOf(graph, node);
      const typed = (type: ElementType, ...tensors: { format: { type: ElementType } }[]) =>
        tensors.every((tensor) => tensor.format.type === type);
      if (!typed('int8', x, feature, y) || !typed(stateType, time, state)) return false;
      if (!perTensorScales(x, feature, time, state, y) || !feature.data || !time.data) return false;
      if (stateType === 'int16' && zeroPointOf(state) !== 0) return false;
      if (bias && (bias.format.type !== 'int32' || !bias.data)) return false;
      const { feature: ofFeature, time: ofTime } = multipliersOf(graph, node);
      return ofFeature.shift <= 30 && ofTime.shift <= 30;
    },
    lower(graph, node) {
      if (node.kind !== 'SVDF') throw new Error(`${id} cannot compute ${node.kind}`);
      const { x, feature, bias, state, y } = tensorsOf(graph, node);
      const shape = shapeOf(graph, node);
      const multipliers = multipliersOf(graph, node);
      const sums = rowSums(feature.data!, shape.input_size);
      const filters = shape.units * shape.rank;
      const macs = shape.batches * filters * (shape.input_size + shape.memory);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [
          inputArgument(node),
          inputArgument(node, 'weights_feature', 1),
          inputArgument(node, 'weights_time', 2),
          inputArgument(node, 'state', 4),
        ],
        scratchBytes: 0,
        constants: [
          { name: 'feature_bias', data: Int32Array.from(sums, (sum) => -zeroPointOf(x) * sum) },
          { name: 'bias', data: Int32Array.from(bias?.data ?? new Int32Array(shape.units), Number) },
        ],
        scalars: {
          zero_point_state: zeroPointOf(state),
          zero_point: zeroPointOf(y),
          multiplier_feature: multipliers.feature.multiplier,
          shift_feature: multipliers.feature.shift,
          multiplier_time: multipliers.time.multiplier,
          shift_time: multipliers.time.shift,
          act_min: node.attributes.clamp.min,
          act_max: node.attributes.clamp.max,
        },
        shape,
        overlap: [null, null, null, null],
        macs,
        instructions: 5 * macs + 45 * shape.batches * filters,
      };
    },
  };
}

export const svdfKernels: readonly Kernel[] = [svdf('int8'), svdf('int16')];
