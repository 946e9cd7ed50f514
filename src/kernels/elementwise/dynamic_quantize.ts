import { type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { floatBits } from './quantize.js';

const INPUTS = ['input', 'scale', 'zero_point'] as const;

/** What kernels of this file share; `instructions` count floats that are emulated. */
const COMMON = { source: 'dynamic_quantize', scratchBytes: 0, constants: [], scalars: {}, macs: 0 } as const;

/** A number of the whole tensor: DYNAMIC_SCALE or DYNAMIC_ZERO_POINT. */
function ofAll(kind: 'DYNAMIC_SCALE' | 'DYNAMIC_ZERO_POINT', perElement: number): Kernel {
  const id = `${kind.toLowerCase()}_f32`;
  return {
    id,
    source: COMMON.source,
    codeBytes: 80,
    ops: [kind],
    accepts: () => true,
    lower(graph, node) {
      const size = elementCount(requireInput(graph, node, 0).shape);
      return {
        ...COMMON,
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: node.inputs.map((_, i) => inputArgument(node, INPUTS[i], i)),
        shape: { size },
        overlap: node.inputs.map(() => null),
        instructions: 20 + perElement * size,
      };
    },
  };
}

/** Rows of the input and what is written around them, in elements. */
function rowsOf(graph: Graph, node: Node) {
  if (node.kind !== 'DYNAMIC_QUANTIZE') throw new Error(`a quantizer cannot compute ${node.kind}`);
  const { shape } = requireInput(graph, node, 0);
  const { top, bottom, left, right } = node.attributes.padding;
  if (top + bottom + left + right === 0)
    return { rows: 1, width: elementCount(shape), height: 1, above: 0, left: 0, right: 0, below: 0 };
  const [batches = 0, height = 0, width = 0, channels = 0] = shape;
  const pitch = (left + width + right) * channels;
  return {
    rows: batches * height,
    width: width * channels,
    height,
    above: top * pitch,
    left: left * channels,
    right: right * channels,
    below: bottom * pitch,
  };
}

function quantizer(type: 'int8' | 'uint8'): Kernel {
  const id = `dynamic_quantize_f32_${type === 'int8' ? 's8' : 'u8'}`;
  return {
    id,
    source: COMMON.source,
    codeBytes: 160,
    ops: ['DYNAMIC_QUANTIZE'],
    accepts: (graph, node) => outputOf(graph, node).format.type === type,
    lower(graph, node) {
      const y = outputOf(graph, node);
      const shape = rowsOf(graph, node);
      const size = shape.rows * shape.width;
      // Codes are smaller than the numbers that they come from, unless there are more; scale and zero point outlive all.
      const inPlace = elementCount(y.shape) === size ? 0 : null;
      return {
        ...COMMON,
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: node.inputs.map((_, i) => inputArgument(node, INPUTS[i], i)),
        shape,
        overlap: [inPlace, null, null],
        instructions: 40 + 150 * size + 2 * (elementCount(y.shape) - size),
      };
    },
  };
}

const dequantizer: Kernel = {
  id: 'dynamic_dequantize_s32',
  source: COMMON.source,
  codeBytes: 140,
  ops: ['DYNAMIC_DEQUANTIZE'],
  accepts: () => true,
  lower(graph, node) {
    if (node.kind !== 'DYNAMIC_DEQUANTIZE') throw new Error(`${this.id} cannot compute ${node.kind}`);
    const { low, high } = node.attributes;
    const size = elementCount(outputOf(graph, node).shape);
    const [sums, scales] = [3, 4].map((i) => requireInput(graph, node, i).data!);
    const bias = inputOf(graph, node, 5)?.data ?? [];
    return {
      ...COMMON,
      kernel: this.id,
      outputs: [outputArgument(node)],
      inputs: INPUTS.map((name, i) => inputArgument(node, name, i)),
      constants: [
        { name: 'sums', data: sums! },
        { name: 'scales', data: Float32Array.of(...(scales as Float32Array), ...(bias as Float32Array)) },
      ],
      scalars: { low: floatBits(low), high: floatBits(high) },
      shape: {
        rows: size / sums!.length,
        channels: sums!.length,
        per_channel: scales!.length > 1 ? 1 : 0,
        biased: bias.length > 0 ? 1 : 0,
      },
      overlap: [0, null, null],
      instructions: 20 + size * (bias.length > 0 ? 300 : 220),
    };
  },
};

export const dynamicQuantizeKernels: readonly Kernel[] = [
  ofAll('DYNAMIC_SCALE', 40),
  ofAll('DYNAMIC_ZERO_POINT', 30),
  quantizer('int8'),
  quantizer('uint8'),
  dequantizer,
];
