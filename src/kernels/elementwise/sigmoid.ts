import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, scaleOf } from '../../graph/tensor.js';
import { logisticInt16Parameters, tanhInt16Parameters } from '../../numerics/scales.js';
import { SIGMOID_TABLE, type SigmoidInput } from '../../numerics/sigmoid-table.js';
import type { Kernel } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument, perTensorScales } from '../operands.js';

function inputOf(graph: Graph, node: Node): SigmoidInput {
  const scale = scaleOf(requireInput(graph, node, 0));
  return node.kind === 'TANH' ? tanhInt16Parameters(scale) : logisticInt16Parameters(scale);
}

function sigmoid(kind: 'LOGISTIC' | 'TANH'): Kernel {
  const id = `${kind.toLowerCase()}_s16`;
  return {
    id,
    source: 'sigmoid',
    codeBytes: 110,
    ops: [kind],
    accepts: (graph, node) =>
      hasTypes(graph, node, 'int16', 'int16') &&
      perTensorScales(requireInput(graph, node, 0)) &&
      inputOf(graph, node).multiplier <= 32767,
    lower(graph, node) {
      const { multiplier, shift } = inputOf(graph, node);
      const size = elementCount(outputOf(graph, node).shape);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [{ name: 'table', data: Int16Array.from(SIGMOID_TABLE, (code) => code - 32768) }],
        scalars: { multiplier, shift },
        shape: { size },
        overlap: [0],
        macs: 0,
        instructions: 20 + 28 * size,
      };
    },
  };
}

export const sigmoidKernels: readonly Kernel[] = [sigmoid('LOGISTIC'), sigmoid('TANH')];
