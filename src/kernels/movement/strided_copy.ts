import { type Graph, outputOf, requireInput, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { ELEMENT_BYTES, type ElementType, elementCount, isPacked, sameFormat } from '../../graph/tensor.js';
import type { Kernel, KernelCall } from '../kernel.js';
import {
  byteStrides,
  COPY_LOOPS,
  copyShape,
  mergeLoops,
  runsFromLast,
  runsOverlap,
  type StridedCopy,
} from '../layout.js';
import { inputArgument, outputArgument } from '../operands.js';

/** Whether an input of the node and its output hold the same codes. */
function sameCodes(graph: Graph, node: Node, input: number): boolean {
  return sameFormat(requireInput(graph, node, input).format, outputOf(graph, node).format);
}

function elementBytes(graph: Graph, node: Node): number {
  return ELEMENT_BYTES[outputOf(graph, node).format.type];
}

/** A copy of every element of `sizes` between the given strides. */
function copyOf(
  sizes: readonly number[],
  run: number,
  input: readonly number[],
  output: readonly number[],
  inputOffset = 0,
  outputOffset = 0,
): StridedCopy {
  const loops = sizes.map((size, d) => ({ size, input: input[d]!, output: output[d]! }));
  return mergeLoops({ run, loops, inputOffset, outputOffset });
}

/** The copy that each call of a node is; PAD's is that of its inside. */
function copyFor(graph: Graph, node: Node, part: number): StridedCopy {
  const { shape } = requireInput(graph, node, part);
  const output = outputOf(graph, node).shape;
  const bytes = elementBytes(graph, node);
  const from = byteStrides(shape, bytes);
  const to = byteStrides(output, bytes);
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, d) => sum + x * b[d]!, 0);
  switch (node.kind) {
    case 'TRANSPOSE':
      return copyOf(
        output,
        bytes,
        node.attributes.perm.map((d) => from[d]!),
        to,
      );
    case 'STRIDED_SLICE': {
      const { begin, stride } = node.attributes;
      const steps = from.map((step, d) => step * stride[d]!);
      return copyOf(output, bytes, steps, to, dot(begin, from));
    }
    case 'PAD':
      return copyOf(shape, bytes, from, to, 0, dot(node.attributes.before, to));
    case 'CONCATENATION': {
      const { axis } = node.attributes;
      const before = node.inputs.slice(0, part).map((id) => tensorAt(graph, id).shape[axis]!);
      const start = before.reduce((sum, size) => sum + size, 0);
      return copyOf(shape, bytes, from, to, 0, start * to[axis]!);
    }
    default:
      return copyOf(output, bytes, to, to);
  }
}

/** Rough: an inlined load and store of a few bytes, or a call of `memcpy` that moves words. */
function instructionsOf(copy: StridedCopy): number {
  const runs = elementCount(copy.loops.map(({ size }) => size));
  return 20 + runs * (copy.run <= 4 ? 5 : 25 + copy.run / 2);
}

function copyCall(graph: Graph, node: Node, part: number): KernelCall {
  const copy = copyFor(graph, node, part);
  return {
    kernel: 'strided_copy',
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node, 'input', part)],
    scratchBytes: 0,
    constants: [],
    scalars: {},
    shape: copyShape(copy),
    overlap: [runsOverlap(runsFromLast(copy), copy.run)],
    macs: 0,
    instructions: instructionsOf(copy),
  };
}

/** An element as the integer of its bits. */
export function elementBits(type: ElementType, value: number): number {
  return type === 'float32' ? new Int32Array(Float32Array.of(value).buffer)[0]! : value;
}

function fillCall(graph: Graph, node: Node, value: number): KernelCall {
  const { shape, format } = outputOf(graph, node);
  const count = elementCount(shape);
  const size = ELEMENT_BYTES[format.type];
  return {
    kernel: 'fill',
    outputs: [outputArgument(node)],
    inputs: [],
    scratchBytes: 0,
    constants: [],
    scalars: { value: elementBits(format.type, value) },
    shape: { count, size },
    overlap: [],
    macs: 0,
    instructions: size === 1 ? 25 + count / 2 : 20 + 3 * count,
  };
}

/** Whether each call's copy keeps codes and needs no more loops than the kernel has. */
function isCopy(graph: Graph, node: Node): boolean {
  return node.inputs.every(
    (_, i) => sameCodes(graph, node, i) && copyFor(graph, node, i).loops.length <= COPY_LOOPS,
  );
}

/**
 * Every operator that moves whole elements by a rule known at build time. PAD fills its output before it copies;
 * CONCATENATION copies one input a call.
 */
export const stridedCopyKernels: readonly Kernel[] = [
  {
    id: 'strided_copy',
    source: 'strided_copy',
    codeBytes: 60,
    ops: ['TRANSPOSE', 'STRIDED_SLICE', 'RESHAPE', 'CONCATENATION', 'PAD'],
    accepts: (graph, node) =>
      !isPacked(outputOf(graph, node).format.type) &&
      isCopy(graph, node) &&
      (node.kind !== 'PAD' || elementBytes(graph, node) <= 4),
    calls: (_, node) => (node.kind === 'PAD' ? 2 : node.inputs.length),
    lower(graph, node, part = 0) {
      if (node.kind !== 'PAD') return copyCall(graph, node, part);
      return part === 0 ? fillCall(graph, node, node.attributes.value) : copyCall(graph, node, 0);
    },
  },
];
