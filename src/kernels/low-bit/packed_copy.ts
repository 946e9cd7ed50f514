import { type Graph, outputOf, requireInput, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, isPacked, sameFormat, type Tensor } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { byteStrides, COPY_LOOPS, copyShape, type Loop, mergeLoops, type StridedCopy } from '../layout.js';
import { inputArgument, outputArgument } from '../operands.js';
import { fullWord, packedRows, tailOf, wordsOf } from './rows.js';

type Move = 'TRANSPOSE' | 'STRIDED_SLICE' | 'CONCATENATION' | 'PAD';

/** Whether the node moves rows (last dimensions) as they are. */
function keepsRows(node: Node): boolean {
  switch (node.kind) {
    case 'TRANSPOSE':
      return node.attributes.perm.at(-1) === node.attributes.perm.length - 1;
    case 'PAD':
      return node.attributes.before.at(-1) === 0 && node.attributes.after.at(-1) === 0;
    default:
      return false;
  }
}

/** The same for nodes where sizes decide it. */
function movesRows(graph: Graph, node: Node): boolean {
  const { shape } = requireInput(graph, node, 0);
  const last = shape.length - 1;
  if (node.kind === 'CONCATENATION') return node.attributes.axis !== last;
  if (node.kind !== 'STRIDED_SLICE') return keepsRows(node);
  const { begin, stride } = node.attributes;
  return begin[last] === 0 && stride[last] === 1 && outputOf(graph, node).shape[last] === shape[last];
}

/** Bits between neighbours of each dimension. */
function bitStrides(tensor: Tensor): number[] {
  const rows = packedRows(tensor);
  return [...byteStrides(tensor.shape.slice(0, -1), 32 * wordsOf(rows)), rows.bits];
}

/** The copy, in bits, of input `part`; PAD's is that of its inside. */
function copyFor(graph: Graph, node: Node, part: number): StridedCopy {
  const x = requireInput(graph, node, part);
  const y = outputOf(graph, node);
  const [from, to] = [bitStrides(x), bitStrides(y)];
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, d) => sum + v * b[d]!, 0);
  const copy = (
    sizes: readonly number[],
    steps: readonly number[],
    inputOffset = 0,
    outputOffset = 0,
  ): StridedCopy => {
    const loops = sizes.map((size, d): Loop => ({ size, input: steps[d]!, output: to[d]! }));
    const rows = packedRows(x);
    // Whole rows go with the rest of their last word, which is zero.
    const [run, outer] = movesRows(graph, node)
      ? [32 * wordsOf(rows), loops.slice(0, -1)]
      : [rows.bits, loops];
    return mergeLoops({ run, loops: outer, inputOffset, outputOffset });
  };
  switch (node.kind) {
    case 'TRANSPOSE':
      return copy(
        y.shape,
        node.attributes.perm.map((d) => from[d]!),
      );
    case 'STRIDED_SLICE': {
      const { begin, stride } = node.attributes;
      return copy(
        y.shape,
        from.map((step, d) => step * stride[d]!),
        dot(begin, from),
      );
    }
    case 'PAD':
      return copy(x.shape, from, 0, dot(node.attributes.before, to));
    case 'CONCATENATION': {
      const { axis } = node.attributes;
      const before = node.inputs.slice(0, part).map((id) => tensorAt(graph, id).shape[axis]!);
      return copy(x.shape, from, 0, before.reduce((sum, size) => sum + size, 0) * to[axis]!);
    }
    default:
      throw new Error(`${node.kind} does not move elements`);
  }
}

/** The most bits that can be moved at once: all runs, offsets and strides are multiples of it. */
function unitOf({ run, loops, inputOffset, outputOffset }: StridedCopy): number {
  const all = [run, inputOffset, outputOffset, ...loops.flatMap(({ input, output }) => [input, output])];
  return [32, 16, 8, 4, 2].find((unit) => all.every((bits) => bits % unit === 0)) ?? 1;
}

function copyCall(graph: Graph, node: Node, part: number): KernelCall {
  const copy = copyFor(graph, node, part);
  const unit = unitOf(copy);
  const units = (elementCount(copy.loops.map(({ size }) => size)) * copy.run) / unit;
  return {
    ...noArguments(node, 'packed_copy'),
    inputs: [inputArgument(node, 'input', part)],
    shape: { unit, ...copyShape(copy) },
    overlap: [null],
    instructions: 20 + 14 * units,
  };
}

/** What a call without constants and scratch begins with. */
function noArguments(node: Node, kernel: string): KernelCall {
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [],
    scratchBytes: 0,
    constants: [],
    scalars: {},
    shape: {},
    overlap: [],
    macs: 0,
    instructions: 0,
  };
}

/** Fills the output with PAD's value, or clears what copies of single elements leave of its words. */
function fillCall(graph: Graph, node: Node): KernelCall {
  const rows = packedRows(outputOf(graph, node));
  const code = node.kind === 'PAD' ? node.attributes.value : 0;
  const stored = rows.bits === 1 ? (code < 0 ? 1 : 0) : code;
  const words = wordsOf(rows);
  return {
    ...noArguments(node, 'fill_packed'),
    scalars: { word: fullWord(stored, rows.bits) },
    shape: { rows: rows.rows, words, tail: tailOf(rows) },
    instructions: 20 + 4 * rows.rows * words,
  };
}

function fills(graph: Graph, node: Node): boolean {
  return node.kind === 'PAD' || (!movesRows(graph, node) && tailOf(packedRows(outputOf(graph, node))) !== -1);
}

function isPackedMove(graph: Graph, node: Node): boolean {
  const y = outputOf(graph, node);
  return (
    isPacked(y.format.type) &&
    y.shape.length > 0 &&
    node.inputs.every((_, i) => sameFormat(requireInput(graph, node, i).format, y.format))
  );
}

const MOVES: readonly Move[] = ['TRANSPOSE', 'STRIDED_SLICE', 'CONCATENATION', 'PAD'];

const move: Kernel = {
  id: 'packed_copy',
  source: 'packed_copy',
  codeBytes: 140,
  ops: MOVES,
  accepts: (graph, node) =>
    isPackedMove(graph, node) &&
    node.inputs.every((_, i) => copyFor(graph, node, i).loops.length <= COPY_LOOPS),
  calls: (graph, node) => node.inputs.length + (fills(graph, node) ? 1 : 0),
  lower(graph, node, part = 0) {
    const first = fills(graph, node) ? 1 : 0;
    return part < first ? fillCall(graph, node) : copyCall(graph, node, part - first);
  },
};

/** A RESHAPE that is no alias, because its rows end elsewhere. */
const reshape: Kernel = {
  id: 'packed_reshape',
  source: 'packed_copy',
  codeBytes: 120,
  ops: ['RESHAPE'],
  accepts: isPackedMove,
  lower(graph, node) {
    const [from, to] = [packedRows(requireInput(graph, node, 0)), packedRows(outputOf(graph, node))];
    const elements = from.rows * from.depth;
    return {
      ...noArguments(node, 'packed_reshape'),
      inputs: [inputArgument(node)],
      shape: { elements, bits: from.bits, input_depth: from.depth, output_depth: to.depth },
      overlap: [null],
      instructions: 20 + 22 * elements,
    };
  },
};

/** Operators that move packed elements by a rule known at build time; words at once where all lies so. */
export const packedCopyKernels: readonly Kernel[] = [move, reshape];
