import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, OpKind } from '../../graph/ops.js';
import { elementCount, scaleOf, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import {
  type CodeFunction,
  type Codes,
  gelu,
  hardSwish,
  leakyRelu,
  logistic,
  relu6,
  rescale,
  rescaledRelu,
  tanh,
} from '../../numerics/unary.js';
import type { Kernel } from '../kernel.js';
import { codeRange, hasTypes, inputArgument, outputArgument, perTensorScales } from '../operands.js';

type ByteType = 'int8' | 'uint8';

function codesOf(tensor: Tensor): Codes {
  return { scale: scaleOf(tensor), zeroPoint: zeroPointOf(tensor), ...codeRange(tensor) };
}

/** What a node makes of an input code, for those that are a function of one 8-bit code; else null. */
function codeFunction(graph: Graph, node: Node): CodeFunction | null {
  if (node.kind === 'TABLE') return (code) => node.attributes.table[code + 128]!;
  const [from, to] = [requireInput(graph, node, 0), outputOf(graph, node)];
  if (!perTensorScales(from, to)) return null;
  const [x, y] = [codesOf(from), codesOf(to)];
  switch (node.kind) {
    case 'LOGISTIC':
      return logistic(x);
    case 'TANH':
      return tanh(x);
    case 'HARD_SWISH':
      return hardSwish(x, y);
    case 'GELU':
      return gelu(x, y, node.attributes.approximate);
    case 'LEAKY_RELU':
      return leakyRelu(x, y, node.attributes.alpha);
    case 'RELU':
      return rescaledRelu(x, y, 0, null);
    case 'RELU6':
      return relu6(x);
    case 'RELU_N1_TO_1':
      return rescaledRelu(x, y, -1, 1);
    case 'QUANTIZE':
      return rescale(x, y);
    default:
      return null;
  }
}

const SIGNED_OPS: readonly OpKind[] = [
  'TABLE',
  'LOGISTIC',
  'TANH',
  'HARD_SWISH',
  'GELU',
  'LEAKY_RELU',
  'RELU',
  'RELU6',
  'RELU_N1_TO_1',
  'QUANTIZE',
];

/** What a node makes of each input byte, by that byte: the code -128 follows 127. */
function codesByByte(graph: Graph, node: Node, f: CodeFunction): number[] {
  const { max } = codeRange(requireInput(graph, node, 0));
  return Array.from({ length: 256 }, (_, byte) => f(byte > max ? byte - 256 : byte));
}

function table(from: ByteType, to: ByteType): Kernel {
  const short = { int8: 's8', uint8: 'u8' };
  const id = `look_up_${short[from]}_${short[to]}`;
  return {
    id,
    source: 'table',
    codeBytes: 60,
    ops: from === 'int8' && to === 'int8' ? SIGNED_OPS : ['QUANTIZE'],
    accepts: (graph, node) => hasTypes(graph, node, from, to) && codeFunction(graph, node) !== null,
    lower(graph, node) {
      const f = codeFunction(graph, node);
      if (!f) throw new Error(`${id} cannot compute ${node.kind}`);
      const codes = codesByByte(graph, node, f);
      const size = elementCount(outputOf(graph, node).shape);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [{ name: 'table', data: to === 'int8' ? Int8Array.from(codes) : Uint8Array.from(codes) }],
        scalars: {},
        shape: { size },
        overlap: [0],
        macs: 0,
        instructions: 15 + 5 * size,
      };
    },
  };
}

/** The bits in which each output byte differs from its input byte, or null where they are not always the same. */
function flippedBits(graph: Graph, node: Node): number | null {
  const f = codeFunction(graph, node);
  if (!f) return null;
  const [mask = 0, ...others] = codesByByte(graph, node, f).map((code, byte) => (code & 255) ^ byte);
  return others.every((bits) => bits === mask) ? mask : null;
}

/** QUANTIZE between uint8 and int8 of one scale, which is how models with ports of uint8 begin and end. */
const flipBits: Kernel = {
  id: 'flip_bits',
  source: 'flip',
  codeBytes: 60,
  ops: ['QUANTIZE'],
  accepts(graph, node, target) {
    if (target.backend !== 'wasm') return false;
    const isBytes = hasTypes(graph, node, 'uint8', 'int8') || hasTypes(graph, node, 'int8', 'uint8');
    return isBytes && flippedBits(graph, node) !== null;
  },
  lower(graph, node) {
    const size = elementCount(outputOf(graph, node).shape);
    return {
      kernel: 'flip_bits',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [],
      scalars: { mask: flippedBits(graph, node)! },
      shape: { size },
      overlap: [0],
      macs: 0,
      instructions: 15 + Math.ceil((5 * size) / 16),
    };
  },
};

export const tableKernels: readonly Kernel[] = [
  flipBits,
  table('int8', 'int8'),
  table('int8', 'uint8'),
  table('uint8', 'int8'),
  table('uint8', 'uint8'),
];
