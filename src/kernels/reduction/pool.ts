import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, OpKind, Pool } from '../../graph/ops.js';
import { ELEMENT_BYTES, elementCount, INTEGER_RANGE } from '../../graph/tensor.js';
import type { Kernel, Parameters } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { hasSimd32 } from '../weights/simd32.js';

type PoolKind = OpKind & ('AVERAGE_POOL_2D' | 'MAX_POOL_2D');

export function poolOf(node: Node): Pool {
  if (node.kind !== 'AVERAGE_POOL_2D' && node.kind !== 'MAX_POOL_2D') {
    throw new Error(`a pool kernel cannot compute ${node.kind}`);
  }
  return node.attributes;
}

/** Geometry of a pool: the members of its kernels' shapes but for the bounds. */
export function poolShape(graph: Graph, node: Node) {
  const [batches, inputHeight, inputWidth, channels] = requireInput(graph, node, 0).shape;
  const [, outputHeight, outputWidth] = outputOf(graph, node).shape;
  const { filter, stride, padding } = poolOf(node);
  return {
    batches: batches!,
    channels: channels!,
    input_height: inputHeight!,
    input_width: inputWidth!,
    input_ring_rows: inputHeight!,
    output_height: outputHeight!,
    output_width: outputWidth!,
    output_ring_rows: outputHeight!,
    filter_height: filter.height,
    filter_width: filter.width,
    stride_height: stride.height,
    stride_width: stride.width,
    pad_top: padding.top,
    pad_left: padding.left,
  } satisfies Parameters;
}

/** Whether each window holds at least one tap inside of the image. */
export function windowsMeetImage(s: ReturnType<typeof poolShape>): boolean {
  const meets = (outputs: number, stride: number, pad: number, filter: number, size: number) =>
    pad < filter && (outputs - 1) * stride - pad < size;
  return (
    meets(s.output_height, s.stride_height, s.pad_top, s.filter_height, s.input_height) &&
    meets(s.output_width, s.stride_width, s.pad_left, s.filter_width, s.input_width)
  );
}

/** First input element of each window, in the order of the outputs. */
export function windowStarts(s: ReturnType<typeof poolShape>): number[] {
  const starts: number[] = [];
  for (let batch = 0; batch < s.batches; batch++) {
    for (let y = 0; y < s.output_height; y++) {
      const row = batch * s.input_height + Math.max(0, y * s.stride_height - s.pad_top);
      for (let x = 0; x < s.output_width; x++) {
        const column = Math.max(0, x * s.stride_width - s.pad_left);
        starts.push((row * s.input_width + column) * s.channels);
      }
    }
  }
  return starts;
}

export function pool(kind: PoolKind, type: 'int8' | 'int16'): Kernel {
  const average = kind === 'AVERAGE_POOL_2D';
  const id = `${average ? 'average_pool' : 'max_pool'}_${type === 'int8' ? 's8' : 's16'}`;
  return {
    id,
    source: 'pool',
    codeBytes: average ? 220 : 160,
    ops: [kind],
    accepts(graph, node) {
      if (!hasTypes(graph, node, type, type) || requireInput(graph, node, 0).shape.length !== 4) return false;
      const { filter } = poolOf(node);
      const sumFits = filter.height * filter.width * -INTEGER_RANGE[type].min < 2 ** 30;
      return sumFits && windowsMeetImage(poolShape(graph, node));
    },
    lower(graph, node) {
      const shape = poolShape(graph, node);
      const { clamp } = poolOf(node);
      const outputs = elementCount(outputOf(graph, node).shape);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node)],
        scratchBytes: 0,
        constants: [],
        scalars: { row_begin: 0, row_end: shape.output_height },
        shape: { ...shape, act_min: clamp.min, act_max: clamp.max },
        overlap: [windowOverlap(windowStarts(shape), shape.channels, ELEMENT_BYTES[type])],
        macs: 0,
        instructions: outputs * ((average ? 24 : 16) + shape.filter_height * (6 + 5 * shape.filter_width)),
      };
    },
  };
}

/** Windows of more taps could overflow sums of 16 bits. */
export const TAPS_OF_HALFWORDS = 255;

function sumsInHalfwords(node: Node): boolean {
  const { filter } = poolOf(node);
  return filter.height * filter.width <= TAPS_OF_HALFWORDS;
}

/** AVERAGE_POOL_2D by the DSP extension. */
function averagePoolSimd32(): Kernel {
  const portable = pool('AVERAGE_POOL_2D', 'int8');
  const id = 'average_pool_s8_simd32';
  return {
    ...portable,
    id,
    source: 'pool_simd32',
    codeBytes: 260,
    accepts: (graph, node, target) =>
      hasSimd32(target) &&
      portable.accepts(graph, node, target) &&
      poolShape(graph, node).channels % 4 === 0 &&
      sumsInHalfwords(node),
    lower(graph, node) {
      const call = portable.lower(graph, node);
      const {
        channels,
        filter_height: rows,
        filter_width: columns,
        input_width: width,
      } = poolShape(graph, node);
      const pixels = elementCount(outputOf(graph, node).shape) / channels;
      const perBlock = 50 + (columns === width ? 0 : 10 * rows) + Math.round(4.5 * rows * columns);
      return { ...call, kernel: id, instructions: pixels * (30 + (channels / 4) * perBlock) };
    },
  };
}

/** AVERAGE_POOL_2D on Helium. */
function averagePoolMve(): Kernel {
  const portable = pool('AVERAGE_POOL_2D', 'int8');
  const id = 'average_pool_s8_mve';
  return {
    ...portable,
    id,
    source: 'pool_mve',
    codeBytes: 280,
    accepts(graph, node, target) {
      if (target.isa !== 'armv8.1-m.main+mve' || !portable.accepts(graph, node, target)) return false;
      return sumsInHalfwords(node);
    },
    lower(graph, node) {
      const call = portable.lower(graph, node);
      const { channels, filter_height: rows, filter_width: columns } = poolShape(graph, node);
      const pixels = elementCount(outputOf(graph, node).shape) / channels;
      const perBlock = 20 + Math.round(rows * (4 + 3.4 * columns));
      return {
        ...call,
        kernel: id,
        instructions: pixels * (12 * channels + Math.ceil(channels / 8) * perBlock),
      };
    },
  };
}

export const poolKernels: readonly Kernel[] = [
  averagePoolMve(),
  averagePoolSimd32(),
  pool('AVERAGE_POOL_2D', 'int8'),
  pool('AVERAGE_POOL_2D', 'int16'),
  pool('MAX_POOL_2D', 'int8'),
  pool('MAX_POOL_2D', 'int16'),
];
