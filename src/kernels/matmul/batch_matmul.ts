import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { ELEMENT_BYTES, elementCount, scaleOf, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import { batchMatmulMultiplier } from '../../numerics/scales.js';
import type { Kernel, Parameters } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument, perTensorScales, reachOf } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { proveAccumulators } from '../weights/accumulator-bound.js';
import { packMultipliers, packReducedMultipliers } from '../weights/requantizer.js';

type Matmul = NodeOf<'BATCH_MATMUL'>;

function requireMatmul(node: Node): Matmul {
  if (node.kind !== 'BATCH_MATMUL') throw new Error(`batch_matmul cannot compute ${node.kind}`);
  return node;
}

function tensorsOf(graph: Graph, node: Node): readonly [Tensor, Tensor, Tensor] {
  return [requireInput(graph, node, 0), requireInput(graph, node, 1), outputOf(graph, node)];
}

/** Leading dimensions that may broadcast. */
const BATCH_DIMENSIONS = 3;

/** Sizes of the leading dimensions and, per operand, elements from one matrix to the next: 0 where it broadcasts. */
function batchShape(a: Tensor, b: Tensor, y: Tensor): Parameters {
  const leading = ({ shape }: Tensor) => {
    const sizes = shape.slice(0, -2);
    return [...new Array<number>(BATCH_DIMENSIONS - sizes.length).fill(1), ...sizes];
  };
  const strides = (tensor: Tensor) => {
    const sizes = leading(tensor);
    const matrix = elementCount(tensor.shape.slice(-2));
    return sizes.map((size, i) => (size === 1 ? 0 : matrix * elementCount(sizes.slice(i + 1))));
  };
  const numbered = (name: string, values: readonly number[]) =>
    values.map((value, i): [string, number] => [`${name}_${i}`, value]);
  return Object.fromEntries([
    ...numbered('batches', leading(y)),
    ...numbered('a_batch', strides(a)),
    ...numbered('b_batch', strides(b)),
  ]);
}

function matrixShape(graph: Graph, node: Matmul) {
  const [a, , y] = tensorsOf(graph, node);
  const { adjX, adjY } = node.attributes;
  const [rows = 1, columns = 1] = y.shape.slice(-2);
  const depth = a.shape.at(adjX ? -2 : -1)!;
  return {
    rows,
    columns,
    depth,
    a_row: adjX ? 1 : depth,
    a_depth: adjX ? rows : 1,
    b_column: adjY ? depth : 1,
    b_depth: adjY ? 1 : columns,
  } satisfies Parameters;
}

/** b is read anew for each row; a row by row, if it lies so and each of its matrices is used once. */
function overlapOf(graph: Graph, node: Matmul): (number | null)[] {
  const [a, b, y] = tensorsOf(graph, node);
  const { rows, columns, depth } = matrixShape(graph, node);
  const matrices = elementCount(y.shape.slice(0, -2));
  if (node.attributes.adjX || a === b || elementCount(a.shape.slice(0, -2)) !== matrices) return [null, null];
  const starts = Array.from({ length: matrices * rows }, (_, row) => row * depth);
  // In WASM single columns are written while others of the row are to come; C writes four at a time.
  const ahead = columns > 1 ? columns - 1 : null;
  return [windowOverlap(starts, columns, ELEMENT_BYTES[a.format.type], ahead), null];
}

function batchMatmul(type: 's8' | 's16'): Kernel {
  const id = `batch_matmul_${type}`;
  const element = type === 's8' ? 'int8' : 'int16';
  return {
    id,
    source: 'batch_matmul',
    codeBytes: 480,
    ops: ['BATCH_MATMUL'],
    accepts(graph, node) {
      const tensors = tensorsOf(graph, node);
      return (
        hasTypes(graph, node, element, element, element) &&
        perTensorScales(...tensors) &&
        (type === 's8' || tensors.every((tensor) => zeroPointOf(tensor) === 0)) &&
        tensors.every(({ shape }) => shape.length >= 2 && shape.length <= BATCH_DIMENSIONS + 2)
      );
    },
    lower(graph, node) {
      const matmul = requireMatmul(node);
      const [a, b, y] = tensorsOf(graph, node);
      const multiplier = batchMatmulMultiplier(scaleOf(a), scaleOf(b), scaleOf(y));
      const shape = matrixShape(graph, matmul);
      proveAccumulators(
        graph,
        node,
        [shape.depth * reachOf(a) * reachOf(b)],
        [multiplier],
        type === 's8' ? 32 : 64,
      );
      const packed = (type === 's8' ? packMultipliers : packReducedMultipliers)([multiplier]);
      const scale = { multiplier: packed.multiplier[0]!, shift: packed.shift[0]! };
      const macs = elementCount(y.shape) * shape.depth;
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node, 'a', 0), inputArgument(node, 'b', 1)],
        scratchBytes: 0,
        constants: [],
        scalars:
          type === 's8'
            ? {
                a_offset: -zeroPointOf(a),
                b_offset: -zeroPointOf(b),
                ...scale,
                output_offset: zeroPointOf(y),
              }
            : scale,
        shape: { ...batchShape(a, b, y), ...shape, right_shift: packed.rightShift },
        overlap: overlapOf(graph, matmul),
        macs,
        instructions: Math.round(3.6 * macs + 30 * elementCount(y.shape)),
      };
    },
  };
}

export const batchMatmulKernels: readonly Kernel[] = [batchMatmul('s8'), batchMatmul('s16')];
