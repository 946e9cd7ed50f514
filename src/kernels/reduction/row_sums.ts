/**
 * AVERAGE_POOL_2D, MEAN and SUM over the whole height of an image by rows as they come (`KernelCall.accumulates`): where the image is
 * never whole in memory, or never ends.
 */
import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Tensor } from '../../graph/tensor.js';
import type { Kernel, KernelCall, Parameters } from '../kernel.js';
import { codeRange } from '../operands.js';
import { hasSimd32 } from '../weights/simd32.js';
import { pool, TAPS_OF_HALFWORDS } from './pool.js';
import { reduceSum } from './reduce.js';

/** Members of the kernels' shape; null where the node does not make one row of all rows of an image. */
export function rowSumsShape(graph: Graph, node: Node) {
  const x = requireInput(graph, node, 0);
  const [batches, height = 1, width = 1, channels = 1] = x.shape;
  if (!hasCodes(x) || x.shape.length !== 4 || batches !== 1 || height === 1) return null;
  const image = { channels, input_height: height, input_width: width, input_ring_rows: height };
  if (node.kind === 'AVERAGE_POOL_2D') {
    const { filter, stride, padding, clamp } = node.attributes;
    const [, outputHeight, outputWidth] = outputOf(graph, node).shape;
    if (outputHeight !== 1 || filter.height - padding.top < height) return null;
    if (graph.window && stride.height > 1) return null;
    const columns = { filter_width: filter.width, stride_width: stride.width, pad_left: padding.left };
    return { ...image, output_width: outputWidth!, ...columns, act_min: clamp.min, act_max: clamp.max };
  }
  if (node.kind !== 'MEAN' && node.kind !== 'SUM') return null;
  const { axes } = node.attributes;
  if (!axes.includes(1) || axes.includes(3)) return null;
  const { min, max } = codeRange(outputOf(graph, node));
  const [outputWidth, columns] = axes.includes(2) ? [1, width] : [width, 1];
  const windows = { filter_width: columns, stride_width: 1, pad_left: 0 };
  return { ...image, output_width: outputWidth, ...windows, act_min: min, act_max: max } satisfies Parameters;
}

function hasCodes({ format: { type } }: Tensor): boolean {
  return type === 'int8' || type === 'int16';
}

type Shape = NonNullable<ReturnType<typeof rowSumsShape>>;

/** What a form of the kernels takes: bytes of a sum and, where they are kept, of that of a row; instructions of a pixel of a row, of a channel of it, and of each of its taps. */
interface Form {
  readonly accumulates: 'all' | 'window';
  readonly suffix: string;
  readonly source: string;
  readonly sumBytes: number;
  readonly rowSumBytes: number;
  readonly prices: readonly [number, number, number];
}

const PORTABLE: Form = {
  accumulates: 'all',
  suffix: '',
  source: 'row_sums',
  sumBytes: 4,
  rowSumBytes: 0,
  prices: [14, 6, 3],
};
const SIMD32: Form = {
  ...PORTABLE,
  suffix: '_simd32',
  source: 'row_sums_simd32',
  sumBytes: 2,
  prices: [12, 3, 0.75],
};
const WINDOW: Form = {
  ...PORTABLE,
  accumulates: 'window',
  source: 'window_sums',
  rowSumBytes: 2,
  prices: [14, 10, 3],
};
const WINDOW_S16: Form = { ...WINDOW, rowSumBytes: 4 };

/** The call of all rows by sums, given that of the kernel that reads whole windows. */
function byRows(call: KernelCall, id: string, s: Shape, form: Form, perOutput: number): KernelCall {
  const outputs = s.output_width * s.channels;
  const [perPixel, perChannel, perTap] = form.prices;
  const perRow = s.output_width * (perPixel + s.channels * (perChannel + perTap * s.filter_width));
  const { row_begin: _, row_end: __, ...scalars } = call.scalars;
  return {
    ...call,
    kernel: id,
    scratchBytes: (form.sumBytes + s.input_height * form.rowSumBytes) * outputs,
    scalars: { row_begin: 0, row_end: s.input_height, ...scalars },
    shape: s,
    overlap: [0],
    accumulates: form.accumulates,
    instructions: 20 + Math.round(s.input_height * perRow + outputs * perOutput),
  };
}

/** @param whole the kernel that reads whole windows */
function rowSums(whole: Kernel, name: string, form: Form, perOutput: number): Kernel {
  const id = `${name}${form.suffix}`;
  return {
    ...whole,
    id,
    source: form.source,
    codeBytes: whole.codeBytes + 80,
    accepts(graph, node, target) {
      const s = whole.accepts(graph, node, target) ? rowSumsShape(graph, node) : null;
      if (s === null) return false;
      if (form === WINDOW) return s.filter_width <= TAPS_OF_HALFWORDS;
      if (form !== SIMD32) return true;
      return (
        hasSimd32(target) && s.channels % 4 === 0 && s.input_height * s.filter_width <= TAPS_OF_HALFWORDS
      );
    },
    lower: (graph, node) => byRows(whole.lower(graph, node), id, rowSumsShape(graph, node)!, form, perOutput),
  };
}

const [AVERAGE, SCALE] = [20, 30];

export const rowSumsKernels: readonly Kernel[] = [
  rowSums(pool('AVERAGE_POOL_2D', 'int8'), 'average_pool_rows_s8', SIMD32, AVERAGE),
  rowSums(pool('AVERAGE_POOL_2D', 'int8'), 'average_pool_rows_s8', PORTABLE, AVERAGE),
  rowSums(pool('AVERAGE_POOL_2D', 'int16'), 'average_pool_rows_s16', PORTABLE, AVERAGE),
  rowSums(reduceSum('int8'), 'reduce_rows_s8', SIMD32, SCALE),
  rowSums(reduceSum('int8'), 'reduce_rows_s8', PORTABLE, SCALE),
  rowSums(reduceSum('int16'), 'reduce_rows_s16', PORTABLE, SCALE),
  rowSums(pool('AVERAGE_POOL_2D', 'int8'), 'average_pool_window_s8', WINDOW, AVERAGE),
  rowSums(pool('AVERAGE_POOL_2D', 'int16'), 'average_pool_window_s16', WINDOW_S16, AVERAGE),
  rowSums(reduceSum('int8'), 'reduce_window_s8', WINDOW, SCALE),
  rowSums(reduceSum('int16'), 'reduce_window_s16', WINDOW_S16, SCALE),
];
