/**
 * FULLY_CONNECTED over all of an image by rows as they come (`KernelCall.accumulates`): each row meets its own part of the weights, so
 * that the image is never whole in memory.
 */
import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, zeroPointOf } from '../../graph/tensor.js';
import type { Kernel, Target } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { packBlocks, packHalfwordPairs, packPairs, padBlocks, type Rows } from '../weights/blocks.js';
import { LANES, packVectors, wholeVectors } from '../weights/lanes_mve.js';
import {
  type LinearLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { packMultipliers } from '../weights/requantizer.js';
import { hasSimd32 } from '../weights/simd32.js';
import { simd32Instructions } from './fully_connected_simd32.js';

/** The image's rows; null where the node does not make int8 codes with one multiplier of all elements of one image of several rows. */
export function rowsOfProducts(graph: Graph, node: Node): number | null {
  if (node.kind !== 'FULLY_CONNECTED') return null;
  const { shape } = requireInput(graph, node, 0);
  const [batches, height = 1] = shape;
  if (shape.length !== 4 || batches !== 1 || height === 1) return null;
  const layer = linearLayer(graph, node);
  const isWhole = layer?.filter.shape[1] === elementCount(shape);
  return layer?.type === 's8' && isWhole && layer.filter.format.scales.length === 1 ? height : null;
}

/** A form of the kernel. */
interface Form {
  readonly suffix: string;
  readonly codeBytes: number;
  /** Outputs that are computed together: sums, biases and weights are filled up to whole blocks of them. */
  readonly block: number;
  accepts(layer: LinearLayer, target: Target): boolean;
  /** The weights of a row. */
  pack(weights: Rows): Int8Array;
  /** Bytes for a row of so many inputs, beside the sums. */
  lineBytes(inputs: number): number;
  /** Of a row; and of each output, at the end. */
  instructions(inputs: number, outputs: number): number;
  readonly perOutput: number;
}

const PORTABLE: Form = {
  suffix: '',
  codeBytes: 400,
  block: 4,
  accepts: (_, { backend }) => backend === 'c',
  pack: (weights) => packBlocks(weights, 4),
  lineBytes: () => 0,
  instructions: (inputs, outputs) => 30 + Math.ceil(outputs / 4) * (40 + 10.25 * inputs),
  perOutput: 18,
};

const SIMD32: Form = {
  suffix: '_simd32',
  codeBytes: 480,
  block: 4,
  accepts: ({ filter }, target) => hasSimd32(target) && zeroPointOf(filter) === 0,
  pack: ({ data, rowsOfGroup, columns }) => packHalfwordPairs(data, rowsOfGroup, columns),
  lineBytes: () => 0,
  instructions: (inputs, outputs) => 30 + simd32Instructions(1, inputs, outputs),
  perOutput: 18,
};

const MVE: Form = {
  suffix: '_mve',
  codeBytes: 300,
  block: 8,
  accepts: ({ filter }, { isa }) => isa === 'armv8.1-m.main+mve' && zeroPointOf(filter) === 0,
  pack: (weights) => packVectors(weights, 8),
  lineBytes: () => 0,
  instructions: (inputs, outputs) => 30 + Math.ceil(outputs / 8) * (20 + (19 * wholeVectors(inputs)) / LANES),
  perOutput: 18,
};

/** Of WASM. Vectors may be written 16 bytes behind the widened inputs. */
const SIMD: Form = {
  suffix: '_simd',
  codeBytes: 700,
  block: 16,
  accepts: (_, { backend }) => backend === 'wasm',
  pack: (weights) => packPairs(weights, weights.columns, 16),
  lineBytes: (inputs) => 4 * Math.ceil(inputs / 2) + 16,
  instructions: (inputs, outputs) => {
    const pairs = Math.ceil(inputs / 2);
    return 30 + 2 * pairs + Math.ceil(outputs / 16) * (15 * pairs + 40);
  },
  perOutput: 6,
};

function fullyConnectedRows(form: Form): Kernel {
  const id = `fully_connected_rows_s8${form.suffix}`;
  return {
    id,
    source: form === SIMD ? 'fully_connected_rows' : `fully_connected_rows${form.suffix}`,
    codeBytes: form.codeBytes,
    ops: ['FULLY_CONNECTED'],
    accepts: (graph, node, target) =>
      rowsOfProducts(graph, node) !== null && form.accepts(linearLayer(graph, node)!, target),
    lower(graph, node) {
      if (node.kind !== 'FULLY_CONNECTED') throw new Error(`${id} cannot compute ${node.kind}`);
      const layer = requireLayer(graph, node);
      const height = rowsOfProducts(graph, node)!;
      const [outputs = 1, all = 1] = layer.filter.shape;
      const inputs = all / height;
      const multipliers = multipliersOf(node, layer, outputs);
      const channels = { channels: outputs, count: all, step: 1, start: (c: number) => c * all };
      const bias = provenBias(graph, node, layer, channels, multipliers, true) as Int32Array;
      const { multiplier, shift, rightShift } = packMultipliers(multipliers.slice(0, 1));
      const filterOffset = -zeroPointOf(layer.filter);
      const hasOffset = form === PORTABLE || form === SIMD;
      const offset = hasOffset ? { filter_offset: filterOffset } : {};
      const sums = form.block * Math.ceil(outputs / form.block);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 4 * sums + form.lineBytes(inputs),
        accumulates: 'all',
        constants: [
          {
            name: 'filter',
            data: packRows(layer.filter.data as Int8Array, { outputs, inputs, height }, form),
          },
          { name: 'bias', data: padBlocks(bias, 1, form.block) },
        ],
        scalars: {
          row_begin: 0,
          row_end: height,
          ...offset,
          multiplier: multiplier[0]!,
          shift: shift[0]!,
          ...outputScalars(layer, node.attributes.clamp),
        },
        shape: {
          inputs,
          outputs,
          input_height: height,
          input_ring_rows: height,
          ...(hasOffset ? { filter_offsets: filterOffset === 0 ? 0 : 1 } : {}),
          right_shift: rightShift,
        },
        // The output is written when all rows have been read.
        overlap: [0],
        macs: outputs * all,
        instructions: Math.round(30 + height * form.instructions(inputs, outputs) + form.perOutput * outputs),
      };
    },
  };
}

interface Sizes {
  readonly outputs: number;
  /** Of a row. */
  readonly inputs: number;
  readonly height: number;
}

/** [rows of the image][what the form makes of the weights of a row]. */
function packRows(data: Int8Array, { outputs, inputs, height }: Sizes, { pack }: Form): Int8Array {
  const rows = Array.from({ length: height }, (_, y) => {
    const own = new Int8Array(outputs * inputs);
    for (let o = 0; o < outputs; o++) {
      const from = (o * height + y) * inputs;
      own.set(data.subarray(from, from + inputs), o * inputs);
    }
    return pack({ data: own, groups: 1, rowsOfGroup: outputs, columns: inputs });
  });
  const packed = new Int8Array(height * rows[0]!.length);
  for (const [y, row] of rows.entries()) packed.set(row, y * row.length);
  return packed;
}

export const fullyConnectedRowsKernels: readonly Kernel[] = [MVE, SIMD32, PORTABLE, SIMD].map(
  fullyConnectedRows,
);
