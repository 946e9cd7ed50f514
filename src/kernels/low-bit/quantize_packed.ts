import { type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, elementCount, isPacked, scaleOf, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import { rescaleMultiplier } from '../../numerics/scales.js';
import { type Codes, rescale } from '../../numerics/unary.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { codeRange, inputArgument, outputArgument, perTensorScales } from '../operands.js';
import { bitsOf } from '../weights/ending.js';
import { packedRows, rowOverlap } from './rows.js';

function tensorsOf(graph: Graph, node: Node): readonly [Tensor, Tensor] {
  return [requireInput(graph, node, 0), outputOf(graph, node)];
}

function codesOf(tensor: Tensor): Codes {
  return { scale: scaleOf(tensor), zeroPoint: zeroPointOf(tensor), ...codeRange(tensor) };
}

/** What all kernels of this file share; `perElement` in instructions. */
function byRows(graph: Graph, node: Node, kernel: string, packed: Tensor, perElement: number): KernelCall {
  const [x, y] = tensorsOf(graph, node);
  const { rows, depth, bits } = packedRows(packed);
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [],
    scalars: {},
    shape: { rows, depth, bits },
    overlap: [rowOverlap(rows, byteLength(x) / rows, byteLength(y) / rows)],
    macs: 0,
    instructions: 20 + perElement * rows * depth,
  };
}

/** TABLE, and QUANTIZE of bytes, to a packed type. */
const lookUp: Kernel = {
  id: 'look_up_packed',
  source: 'quantize_packed',
  codeBytes: 80,
  ops: ['TABLE', 'QUANTIZE'],
  accepts(graph, node) {
    const [x, y] = tensorsOf(graph, node);
    const { type } = x.format;
    return isPacked(y.format.type) && (type === 'int8' || type === 'uint8') && perTensorScales(x, y);
  },
  lower(graph, node) {
    const [x, y] = tensorsOf(graph, node);
    const of =
      node.kind === 'TABLE'
        ? (c: number) => node.attributes.table[c + 128]!
        : rescale(codesOf(x), codesOf(y));
    const signed = x.format.type === 'int8';
    const stored = (code: number) => (y.format.type === 'binary' ? (code < 0 ? 1 : 0) : code);
    const table = Uint8Array.from({ length: 256 }, (_, byte) =>
      stored(of(signed ? (byte << 24) >> 24 : byte)),
    );
    return {
      ...byRows(graph, node, 'look_up_packed', y, 12),
      constants: [{ name: 'table', data: table }],
    };
  },
};

/** QUANTIZE of packed codes, of which there are few. */
const requantizeFew: Kernel = {
  id: 'requantize_few',
  source: 'quantize_packed',
  codeBytes: 110,
  ops: ['QUANTIZE'],
  accepts(graph, node) {
    const [x, y] = tensorsOf(graph, node);
    return isPacked(x.format.type) && y.format.type !== 'float32' && perTensorScales(x, y);
  },
  lower(graph, node) {
    const [x, y] = tensorsOf(graph, node);
    const f = rescale(codesOf(x), codesOf(y));
    const { bits } = packedRows(x);
    const call = byRows(graph, node, 'requantize_few', x, 20);
    return {
      ...call,
      constants: [
        {
          name: 'table',
          data: Int32Array.from({ length: 2 ** bits }, (_, stored) =>
            f(bits === 1 ? 1 - 2 * stored : stored),
          ),
        },
      ],
      shape: { ...call.shape, output_bits: bitsOf(y) },
    };
  },
};

/** QUANTIZE of wider integers. */
function requantize(from: 'int16' | 'int32'): Kernel {
  const id = `requantize_packed_${from === 'int16' ? 's16' : 's32'}`;
  return {
    id,
    source: 'quantize_packed',
    codeBytes: 120,
    ops: ['QUANTIZE'],
    accepts(graph, node) {
      const [x, y] = tensorsOf(graph, node);
      if (x.format.type !== from || !isPacked(y.format.type) || !perTensorScales(x, y)) return false;
      return rescaleMultiplier(scaleOf(x), scaleOf(y)).shift <= 30;
    },
    lower(graph, node) {
      const [x, y] = tensorsOf(graph, node);
      const { multiplier, shift } = rescaleMultiplier(scaleOf(x), scaleOf(y));
      const call = byRows(graph, node, id, y, 26);
      const { min, max } = codeRange(y);
      return {
        ...call,
        scalars: { zero_point_in: zeroPointOf(x), zero_point: zeroPointOf(y), multiplier },
        shape: { ...call.shape, shift, act_min: min, act_max: max },
      };
    },
  };
}

/** The bits of a float32: scalars are integers. */
function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

const quantize: Kernel = {
  id: 'quantize_packed_f32',
  source: 'quantize_packed',
  codeBytes: 170,
  ops: ['QUANTIZE'],
  accepts(graph, node) {
    const [x, y] = tensorsOf(graph, node);
    const byScale = inputOf(graph, node, 1) === null && perTensorScales(y);
    return x.format.type === 'float32' && isPacked(y.format.type) && byScale;
  },
  lower(graph, node) {
    const [, y] = tensorsOf(graph, node);
    const call = byRows(graph, node, 'quantize_packed_f32', y, 28);
    const { min, max } = codeRange(y);
    return {
      ...call,
      scalars: { scale: floatBits(scaleOf(y)), zero_point: zeroPointOf(y) },
      shape: { ...call.shape, act_min: min, act_max: max },
    };
  },
};

/** QUANTIZE of float32 by thresholds, to int8 too. */
const byThresholds: Kernel = {
  id: 'quantize_thresholds',
  source: 'quantize_packed',
  codeBytes: 120,
  ops: ['QUANTIZE'],
  accepts: (graph, node) => inputOf(graph, node, 1)?.format.type === 'float32',
  lower(graph, node) {
    const [x, y] = tensorsOf(graph, node);
    const depth = y.shape.at(-1) ?? 1;
    const rows = elementCount(y.shape) / depth;
    const count = elementCount(requireInput(graph, node, 1).shape);
    return {
      kernel: 'quantize_thresholds',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node), inputArgument(node, 'thresholds', 1)],
      scratchBytes: 0,
      constants: [],
      scalars: {},
      shape: { rows, depth, bits: bitsOf(y), count, act_min: codeRange(y).min },
      overlap: [rowOverlap(rows, byteLength(x) / rows, byteLength(y) / rows), null],
      macs: 0,
      instructions: 20 + rows * depth * (14 + 25 * count),
    };
  },
};

const dequantize: Kernel = {
  id: 'dequantize_packed',
  source: 'quantize_packed',
  codeBytes: 90,
  ops: ['DEQUANTIZE'],
  accepts(graph, node) {
    const [x] = tensorsOf(graph, node);
    return isPacked(x.format.type) && perTensorScales(x);
  },
  lower(graph, node) {
    const [x] = tensorsOf(graph, node);
    const scalars = { scale: floatBits(scaleOf(x)), zero_point: zeroPointOf(x) };
    return { ...byRows(graph, node, 'dequantize_packed', x, 65), scalars };
  },
};

export const quantizePackedKernels: readonly Kernel[] = [
  lookUp,
  requantizeFew,
  requantize('int16'),
  requantize('int32'),
  quantize,
  byThresholds,
  dequantize,
];
