import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Clamp, Node } from '../../graph/ops.js';
import { type ElementType, elementCount, scaleOf, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import { clamp } from '../../numerics/fixed-point.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { quantizeBound, reluMultiplier, rescaleMultiplier } from '../../numerics/scales.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { codeRange, hasTypes, inputArgument, outputArgument, perTensorScales } from '../operands.js';
import { sequentialOverlap } from '../overlap.js';

const SHORT = { int8: 's8', uint8: 'u8', int16: 's16', int32: 's32' } as const;

type IntegerType = keyof typeof SHORT;

function tensorsOf(graph: Graph, node: Node): readonly [Tensor, Tensor] {
  return [requireInput(graph, node, 0), outputOf(graph, node)];
}

/** What all kernels of this file share. */
function elementwise(
  graph: Graph,
  node: Node,
  kernel: string,
  scalars: Record<string, number>,
  perElement: number,
): KernelCall {
  const [x, y] = tensorsOf(graph, node);
  const size = elementCount(y.shape);
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 0,
    constants: [],
    scalars,
    shape: { size },
    overlap: [sequentialOverlap(x, y)],
    macs: 0,
    instructions: 20 + perElement * size,
  };
}

/** A change of scale with bounds on the output's code; null for nodes that are not. */
function rescaling(graph: Graph, node: Node): { multiplier: Multiplier; bounds: Clamp } | null {
  const [x, y] = tensorsOf(graph, node);
  if (!perTensorScales(x, y)) return null;
  const range = codeRange(y);
  const bound = (real: number) =>
    clamp(quantizeBound(real, scaleOf(y), zeroPointOf(y)), range.min, range.max);
  switch (node.kind) {
    case 'QUANTIZE':
      return { multiplier: rescaleMultiplier(scaleOf(x), scaleOf(y)), bounds: range };
    case 'RELU':
      return {
        multiplier: reluMultiplier(scaleOf(x), scaleOf(y)),
        bounds: { min: bound(0), max: range.max },
      };
    case 'RELU_N1_TO_1':
      return {
        multiplier: reluMultiplier(scaleOf(x), scaleOf(y)),
        bounds: { min: bound(-1), max: bound(1) },
      };
    default:
      return null;
  }
}

/** Between integers. Pairs of 8-bit types are tables. */
function requantize(from: IntegerType, to: IntegerType): Kernel {
  const id = `requantize_${SHORT[from]}_${SHORT[to]}`;
  return {
    id,
    source: 'quantize',
    codeBytes: 90,
    ops: from === 'int16' && to === 'int16' ? ['QUANTIZE', 'RELU', 'RELU_N1_TO_1'] : ['QUANTIZE'],
    accepts(graph, node) {
      if (!hasTypes(graph, node, from, to)) return false;
      const shift = rescaling(graph, node)?.multiplier.shift;
      return shift !== undefined && shift <= 30;
    },
    lower(graph, node) {
      const [x, y] = tensorsOf(graph, node);
      const { multiplier, bounds } = rescaling(graph, node)!;
      const scalars = {
        zero_point_in: zeroPointOf(x),
        zero_point: zeroPointOf(y),
        multiplier: multiplier.multiplier,
      };
      const call = elementwise(graph, node, id, scalars, 18);
      return {
        ...call,
        shape: { ...call.shape, shift: multiplier.shift, act_min: bounds.min, act_max: bounds.max },
      };
    },
  };
}

/** RELU6 of the reference clamps the input's code. */
const clampS16: Kernel = {
  id: 'clamp_s16',
  source: 'quantize',
  codeBytes: 40,
  ops: ['RELU6'],
  accepts: (graph, node) =>
    hasTypes(graph, node, 'int16', 'int16') && perTensorScales(requireInput(graph, node, 0)),
  lower(graph, node) {
    const x = requireInput(graph, node, 0);
    const { min, max } = codeRange(x);
    const six = clamp(quantizeBound(6, scaleOf(x), zeroPointOf(x)), min, max);
    return elementwise(graph, node, 'clamp_s16', { act_min: zeroPointOf(x), act_max: six }, 8);
  },
};

/** The bits of a float32: scalars are integers. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

function quantizeF32(to: 'int8' | 'uint8' | 'int16'): Kernel {
  const id = `quantize_f32_${SHORT[to]}`;
  return {
    id,
    source: 'quantize',
    codeBytes: 140,
    ops: ['QUANTIZE'],
    accepts: (graph, node) => hasTypes(graph, node, 'float32', to) && perTensorScales(outputOf(graph, node)),
    lower(graph, node) {
      const y = outputOf(graph, node);
      const { min, max } = codeRange(y);
      const scalars = {
        scale: floatBits(scaleOf(y)),
        zero_point: zeroPointOf(y),
        act_min: min,
        act_max: max,
      };
      return elementwise(graph, node, id, scalars, 20);
    },
  };
}

function dequantize(from: IntegerType): Kernel {
  const id = `dequantize_${SHORT[from]}`;
  return {
    id,
    source: 'quantize',
    codeBytes: 60,
    ops: ['DEQUANTIZE'],
    accepts: (graph, node) =>
      hasTypes(graph, node, from, 'float32') && perTensorScales(requireInput(graph, node, 0)),
    lower(graph, node) {
      const x = requireInput(graph, node, 0);
      const scalars = { scale: floatBits(scaleOf(x)), zero_point: zeroPointOf(x) };
      return elementwise(graph, node, id, scalars, 60);
    },
  };
}

/** Accumulators with a scale a channel. */
const dequantizeChannels: Kernel = {
  id: 'dequantize_channels_s32',
  source: 'quantize',
  codeBytes: 70,
  ops: ['DEQUANTIZE'],
  accepts: (graph, node) => hasTypes(graph, node, 'int32', 'float32', 'float32'),
  lower(graph, node) {
    const channels = elementCount(requireInput(graph, node, 1).shape);
    const call = elementwise(
      graph,
      node,
      this.id,
      { zero_point: zeroPointOf(requireInput(graph, node, 0)) },
      100,
    );
    return {
      ...call,
      inputs: [...call.inputs, inputArgument(node, 'scales', 1)],
      shape: { rows: elementCount(outputOf(graph, node).shape) / channels, channels },
      overlap: [...call.overlap, null],
    };
  },
};

const TYPES: readonly IntegerType[] = ['int8', 'uint8', 'int16', 'int32'];
const isByte = (type: ElementType) => type === 'int8' || type === 'uint8';

export const quantizeKernels: readonly Kernel[] = [
  ...TYPES.flatMap((from) =>
    TYPES.filter((to) => !(isByte(from) && isByte(to))).map((to) => requantize(from, to)),
  ),
  clampS16,
  quantizeF32('int8'),
  quantizeF32('uint8'),
  quantizeF32('int16'),
  dequantize('int8'),
  dequantize('uint8'),
  dequantize('int16'),
  dequantize('int32'),
  dequantizeChannels,
];
