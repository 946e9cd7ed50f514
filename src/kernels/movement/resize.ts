import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, Resize } from '../../graph/ops.js';
import { ELEMENT_BYTES, sameFormat } from '../../graph/tensor.js';
import { bilinearAxis, nearestIndices } from '../../numerics/resize.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { type Run, runsOverlap } from '../layout.js';
import { hasTypes, inputArgument, outputArgument } from '../operands.js';

/** Indices are int16 in the kernels' tables. */
const MAX_SIZE = 32767;

function sizesOf(graph: Graph, node: Node) {
  const [batches = 1, inputHeight = 1, inputWidth = 1, channels = 1] = requireInput(graph, node, 0).shape;
  const [, outputHeight = 1, outputWidth = 1] = outputOf(graph, node).shape;
  return { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels };
}

function accepts(graph: Graph, node: Node): boolean {
  const x = requireInput(graph, node, 0);
  return (
    x.shape.length === 4 &&
    x.shape[1]! <= MAX_SIZE &&
    x.shape[2]! <= MAX_SIZE &&
    sameFormat(x.format, outputOf(graph, node).format)
  );
}

/** What both kernels share, given for each output row and column the lowest input row and column that it reads. */
function call(
  graph: Graph,
  node: Node,
  kernel: string,
  tables: { readonly rows: Int16Array; readonly columns: Int16Array },
  first: { readonly rows: ArrayLike<number>; readonly columns: ArrayLike<number> },
  pixelName: 'pixel' | 'channels',
): KernelCall {
  const s = sizesOf(graph, node);
  const pixel = s.channels * ELEMENT_BYTES[outputOf(graph, node).format.type];
  function* runs(): Generator<Run> {
    for (let b = s.batches - 1; b >= 0; b--) {
      for (let y = s.outputHeight - 1; y >= 0; y--) {
        for (let x = s.outputWidth - 1; x >= 0; x--) {
          const input = (b * s.inputHeight + first.rows[y]!) * s.inputWidth + first.columns[x]!;
          const output = (b * s.outputHeight + y) * s.outputWidth + x;
          yield { input: input * pixel, output: output * pixel };
        }
      }
    }
  }
  const pixels = s.batches * s.outputHeight * s.outputWidth;
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [
      { name: 'rows', data: tables.rows },
      { name: 'columns', data: tables.columns },
    ],
    scalars: { row_begin: 0, row_end: s.outputHeight },
    shape: {
      batches: s.batches,
      input_height: s.inputHeight,
      input_width: s.inputWidth,
      input_ring_rows: s.inputHeight,
      output_height: s.outputHeight,
      output_width: s.outputWidth,
      output_ring_rows: s.outputHeight,
      [pixelName]: pixelName === 'pixel' ? pixel : s.channels,
    },
    overlap: [runsOverlap(runs(), pixel)],
    macs: pixelName === 'pixel' ? 0 : 4 * pixels * s.channels,
    instructions: 40 + pixels * (pixelName === 'pixel' ? 30 + pixel / 2 : 14 + 20 * s.channels),
  };
}

function bilinearAxes(s: ReturnType<typeof sizesOf>, attributes: Resize) {
  const { part } = attributes;
  return {
    vertical: bilinearAxis(s.inputHeight, s.outputHeight, attributes, part?.rows),
    horizontal: bilinearAxis(s.inputWidth, s.outputWidth, attributes, part?.columns),
  };
}

/** Scales of 10 bits can lead beyond images that grow to more than 2048 rows; TFLM then reads what is there. */
function staysInside(graph: Graph, node: Node): boolean {
  if (node.kind !== 'RESIZE_BILINEAR') return false;
  const s = sizesOf(graph, node);
  const { vertical, horizontal } = bilinearAxes(s, node.attributes);
  return vertical.lower.at(-1)! < s.inputHeight && horizontal.lower.at(-1)! < s.inputWidth;
}

/** Pairs of index and weight; where both neighbours are the same the weight is 0, which leaves the second unread. */
function bilinearTable({ lower, upper, weight }: ReturnType<typeof bilinearAxis>): Int16Array {
  return Int16Array.from([...lower].flatMap((index, i) => [index, upper[i] === index ? 0 : weight[i]!]));
}

/** RESIZE_NEAREST_NEIGHBOR of any element type, and RESIZE_BILINEAR of int8 as in TFLM, which has no other integer form. */
export const resizeKernels: readonly Kernel[] = [
  {
    id: 'resize_nearest_neighbor',
    source: 'resize',
    codeBytes: 80,
    ops: ['RESIZE_NEAREST_NEIGHBOR'],
    accepts,
    lower(graph, node) {
      if (node.kind !== 'RESIZE_NEAREST_NEIGHBOR')
        throw new Error(`not a nearest neighbour resize: ${node.kind}`);
      const s = sizesOf(graph, node);
      const { attributes } = node;
      const { part } = attributes;
      const rows = Int16Array.from(nearestIndices(s.inputHeight, s.outputHeight, attributes, part?.rows));
      const columns = Int16Array.from(nearestIndices(s.inputWidth, s.outputWidth, attributes, part?.columns));
      return call(graph, node, 'resize_nearest_neighbor', { rows, columns }, { rows, columns }, 'pixel');
    },
  },
  {
    id: 'resize_bilinear_s8',
    source: 'resize',
    codeBytes: 252,
    ops: ['RESIZE_BILINEAR'],
    accepts: (graph, node) =>
      hasTypes(graph, node, 'int8', 'int8') && accepts(graph, node) && staysInside(graph, node),
    lower(graph, node) {
      if (node.kind !== 'RESIZE_BILINEAR') throw new Error(`not a bilinear resize: ${node.kind}`);
      const { vertical, horizontal } = bilinearAxes(sizesOf(graph, node), node.attributes);
      const tables = { rows: bilinearTable(vertical), columns: bilinearTable(horizontal) };
      const first = { rows: vertical.lower, columns: horizontal.lower };
      return call(graph, node, 'resize_bilinear_s8', tables, first, 'channels');
    },
  },
];
