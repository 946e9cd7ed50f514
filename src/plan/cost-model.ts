import type { Board } from '../../boards/board.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { elementCount } from '../graph/tensor.js';
import type { KernelCall, Parameters } from '../kernels/kernel.js';
import { COSTS } from './costs.js';

/**
 * Coefficients of `workOf`, fitted to measured layers by `npm run bench:fit`: setup; by pixel, by output, by row of a
 * window and by product; and a share of the formula that the kernel's row states.
 */
export interface KernelCost {
  readonly instructions: readonly number[];
  readonly cycles: readonly number[];
}

/** Kernels that were not measured: their formula, and cycles in proportion to it. */
export const ANY_KERNEL = '*';

/** By the core's name of a board, then by kernel. */
const TABLE: Readonly<Record<string, Readonly<Record<string, KernelCost>>>> = COSTS;

/** What costs depend on. Taps of a window that lie outside of the image are not run. */
export function workOf(graph: Graph, call: KernelCall): readonly number[] {
  const { shape } = tensorAt(graph, call.outputs[0]!.tensor);
  const outputs = elementCount(shape);
  const { rows, columns, taps } = windowOf(call.shape);
  const products = call.macs > 0 ? (call.macs * rows * columns) / taps : outputs * rows * columns;
  return [1, outputs / Math.max(1, shape.at(-1) ?? 1), outputs, outputs * rows, products, call.instructions];
}

/** The mean rows and columns of a window that lie in the image, and its taps in all. Other operators have one of each. */
function windowOf(shape: Parameters) {
  const { filter_height: height = 1, filter_width: width = 1 } = shape;
  const mean = (
    taps: number,
    stride: number,
    dilation: number,
    pad: number,
    inputs: number,
    outputs: number,
  ) => {
    let inside = 0;
    for (let at = 0; at < outputs; at++) {
      for (let tap = 0; tap < taps; tap++) {
        const element = at * stride - pad + tap * dilation;
        if (element >= 0 && element < inputs) inside++;
      }
    }
    return outputs > 0 ? inside / outputs : taps;
  };
  const { input_height = 1, input_width = 1, output_height = 0, output_width = 0 } = shape;
  const { stride_height = 1, stride_width = 1, dilation_height = 1, dilation_width = 1 } = shape;
  const { pad_top = 0, pad_left = 0 } = shape;
  return {
    rows: mean(height, stride_height, dilation_height, pad_top, input_height, output_height),
    columns: mean(width, stride_width, dilation_width, pad_left, input_width, output_width),
    taps: height * width,
  };
}

/** Whether the kernel was measured on the board's core: predictions of two such kernels can be compared. */
export function isMeasured(call: KernelCall, { core }: Board): boolean {
  return TABLE[core ?? '']?.[call.kernel] !== undefined;
}

/** Predicted instructions and estimated cycles of a run of the call. Cores without a table have no cycles. */
export function predict(
  graph: Graph,
  call: KernelCall,
  { core }: Board,
): { readonly instructions: number; readonly cycles: number | null } {
  const kernels = TABLE[core ?? ''];
  const cost = kernels?.[call.kernel] ?? kernels?.[ANY_KERNEL];
  if (!cost) return { instructions: call.instructions, cycles: null };
  const work = workOf(graph, call);
  const total = (coefficients: readonly number[]) =>
    Math.round(coefficients.reduce((sum, coefficient, i) => sum + coefficient * work[i]!, 0));
  return { instructions: total(cost.instructions), cycles: total(cost.cycles) };
}
