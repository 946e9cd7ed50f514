/** Packed codes to bytes and back, for kernels that read and write bytes. */
import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { packedRows, tailOf } from './rows.js';

/** What a packed code's zero point differs by from that of the byte which stands for it. */
export const PACKED_OFFSET = 128;

function isNarrow({ format: { type } }: Tensor): boolean {
  return type === 'uint4' || type === 'uint2';
}

/** Whether codes of both are steps of one size, of which those of `y` are higher by `offset`. */
function isShifted(x: Tensor, y: Tensor, offset: number): boolean {
  const [steps, others] = [x.format.scales, y.format.scales];
  return (
    steps.length === 1 &&
    others.length === 1 &&
    steps[0] === others[0] &&
    zeroPointOf(y) - zeroPointOf(x) === offset
  );
}

function call(graph: Graph, node: Node, kernel: string, packed: Tensor, perElement: number): KernelCall {
  const { rows, depth, bits } = packedRows(packed);
  // Rows of whole words are one long row.
  const joined = tailOf({ rows, depth, bits }) === -1;
  const [from, to] = [requireInput(graph, node, 0), outputOf(graph, node)].map(
    (tensor) => byteLength(tensor) / rows,
  ) as [number, number];
  const starts = Array.from({ length: rows }, (_, row) => row * from);
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [],
    scalars: {},
    shape: { rows: joined ? 1 : rows, depth: joined ? rows * depth : depth, bits },
    // A word of packed codes is read or written with all of its bytes, or what a row has left of them.
    overlap: [windowOverlap(starts, to, 1, joined ? Math.max(0, to - from) : to)],
    macs: 0,
    instructions: Math.round(20 + perElement * rows * depth),
  };
}

/** QUANTIZE of packed codes to the int8 codes of the same numbers. */
const unpack: Kernel = {
  id: 'unpack_codes',
  source: 'byte_codes',
  codeBytes: 110,
  ops: ['QUANTIZE'],
  accepts(graph, node) {
    const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
    return isNarrow(x) && y.format.type === 'int8' && isShifted(x, y, 0);
  },
  lower(graph, node) {
    return call(graph, node, this.id, requireInput(graph, node, 0), 2);
  },
};

/** QUANTIZE of int8 to packed codes, of which the first is -128. */
const pack: Kernel = {
  id: 'pack_codes',
  source: 'byte_codes',
  codeBytes: 130,
  ops: ['QUANTIZE'],
  accepts(graph, node) {
    const [x, y] = [requireInput(graph, node, 0), outputOf(graph, node)];
    return x.format.type === 'int8' && isNarrow(y) && isShifted(x, y, PACKED_OFFSET);
  },
  lower(graph, node) {
    return call(graph, node, this.id, outputOf(graph, node), 3);
  },
};

export const byteCodesKernels: readonly Kernel[] = [unpack, pack];
