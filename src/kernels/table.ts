import { type Graph, outputOf, requireInput } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { elementCount, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import { rescaleMultiplier } from '../numerics/scales.js';
import type { Kernel } from './kernel.js';
import { codeRange, hasTypes, inputArgument, outputArgument, perTensorScales } from './operands.js';

type ByteType = 'int8' | 'uint8';

/** What a node makes of an input code, for those that are a function of one 8-bit code; else null. */
function codeFunction(graph: Graph, node: Node): ((code: number) => number) | null {
  const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
  if (node.kind === 'TABLE') return (code) => node.attributes.table[code + 128]!;
  if (node.kind !== 'QUANTIZE' || !perTensorScales(x, y)) return null;
  const multiplier = rescaleMultiplier(scaleOf(x), scaleOf(y));
  const { min, max } = codeRange(y);
  return (code) =>
    clamp(multiplyByQuantizedMultiplier(code - zeroPointOf(x), multiplier) + zeroPointOf(y), min, max);
}

/** The kernel's table is in the order of the code's byte: -128 follows 127. */
function table(from: ByteType, to: ByteType): Kernel {
  const short = { int8: 's8', uint8: 'u8' };
  const id = `table_${short[from]}_${short[to]}`;
  return {
    id,
    source: 'table',
    codeBytes: 60,
    ops: ['TABLE', 'QUANTIZE'],
    accepts: (graph, node) => hasTypes(graph, node, from, to) && codeFunction(graph, node) !== null,
    lower(graph, node) {
      const f = codeFunction(graph, node);
      if (!f) throw new Error(`${id} cannot compute ${node.kind}`);
      const { max } = codeRange(requireInput(graph, node, 0));
      const codes = Array.from({ length: 256 }, (_, byte) => f(byte > max ? byte - 256 : byte));
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

export const tableKernels: readonly Kernel[] = [
  table('int8', 'int8'),
  table('int8', 'uint8'),
  table('uint8', 'int8'),
  table('uint8', 'uint8'),
];
