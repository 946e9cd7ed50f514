import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { elementCount, scaleOf, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import { roundingDivideByPOT } from '../../numerics/fixed-point.js';
import { softmaxInt8, softmaxInt16 } from '../../numerics/softmax.js';
import type { Kernel } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument, perTensorScales, requantizes } from '../operands.js';
import { sequentialOverlap } from '../overlap.js';

function isSoftmax(node: Node): node is NodeOf<'SOFTMAX'> {
  return node.kind === 'SOFTMAX';
}

function rowsOf(tensor: Tensor): { rows: number; depth: number } {
  const depth = tensor.shape.at(-1) ?? 1;
  return { rows: elementCount(tensor.shape) / depth, depth };
}

/**
 * The exponentials up to the last that counts: smaller ones round to 0 in the sum (12 bits less) and in every output
 * (at least 15 bits less), and so need no entry.
 */
function exponentials(graph: Graph, node: NodeOf<'SOFTMAX'>): Int32Array {
  const { exp } = softmaxInt8(node.attributes.beta, scaleOf(requireInput(graph, node, 0)));
  return exp.slice(0, exp.findLastIndex((e) => roundingDivideByPOT(e, 12) > 0) + 1);
}

/** int8 rows; the sum's 12 integer bits hold at most 4095 ones. */
function softmaxS8(outputType: 'int8' | 'int16'): Kernel {
  const id = outputType === 'int8' ? 'softmax_s8' : 'softmax_s8_s16';
  return {
    id,
    source: 'softmax',
    codeBytes: 380,
    ops: ['SOFTMAX'],
    accepts(graph, node) {
      if (!isSoftmax(node) || !hasTypes(graph, node, 'int8', outputType)) return false;
      const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
      const zeroPoint = outputType === 'int8' ? -128 : -32768;
      if (!perTensorScales(x, y) || zeroPointOf(y) !== zeroPoint || rowsOf(x).depth > 4095) return false;
      return node.attributes.beta * scaleOf(x) * 2 ** 26 > 1;
    },
    lower(graph, node) {
      if (!isSoftmax(node)) throw new Error(`${id} cannot compute ${node.kind}`);
      const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
      const { rows, depth } = rowsOf(x);
      const table = exponentials(graph, node);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [{ name: 'exp_table', data: table }],
        scalars: {},
        shape: { rows, depth, table_size: table.length },
        overlap: [sequentialOverlap(x, y)],
        macs: 0,
        instructions: rows * (100 + 28 * depth),
      };
    },
  };
}

const softmaxS16: Kernel = {
  id: 'softmax_s16',
  source: 'softmax',
  codeBytes: 380,
  ops: ['SOFTMAX'],
  accepts(graph, node) {
    if (!isSoftmax(node) || !hasTypes(graph, node, 'int16', 'int16')) return false;
    const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
    if (!perTensorScales(x, y) || zeroPointOf(x) !== 0 || zeroPointOf(y) !== 0) return false;
    return (
      requantizes(65535, softmaxInt16(node.attributes.beta, scaleOf(x)).input) && rowsOf(x).depth <= 65536
    );
  },
  lower(graph, node) {
    if (!isSoftmax(node)) throw new Error(`softmax_s16 cannot compute ${node.kind}`);
    const x = requireInput(graph, node, 0);
    const { input, exp, oneOverOnePlus } = softmaxInt16(node.attributes.beta, scaleOf(x));
    const { rows, depth } = rowsOf(x);
    return {
      kernel: 'softmax_s16',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [
        { name: 'exp_table', data: exp },
        { name: 'reciprocal_table', data: oneOverOnePlus },
      ],
      scalars: { multiplier: input.multiplier },
      shape: { rows, depth, shift: input.shift },
      overlap: [0],
      macs: 0,
      instructions: rows * (60 + 55 * depth),
    };
  },
};

export const softmaxKernels: readonly Kernel[] = [softmaxS8('int8'), softmaxS8('int16'), softmaxS16];
