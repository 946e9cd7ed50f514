import type { Tensor } from '../../graph/tensor.js';
import type { Parameters } from '../kernel.js';

/** Loops over the output, outermost first; a and b advance by their stride in elements, 0 where they repeat. */
interface Loop {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Loops that the broadcasting kernels take: as many as TFLM's five dimensions can need. */
export const BROADCAST_LOOPS = 5;

/** Strides in elements of a tensor that NumPy's rule repeats to `output`; 0 where it repeats. */
function broadcastStrides(shape: readonly number[], output: readonly number[]): number[] {
  const strides: number[] = new Array(output.length).fill(0);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d]!;
    if (size !== 1) strides[d + output.length - shape.length] = stride;
    stride *= size;
  }
  return strides;
}

/** The fewest loops: dimensions through which both operands advance alike are walked as one. */
export function broadcastLoops(
  a: readonly number[],
  b: readonly number[],
  output: readonly number[],
): Loop[] {
  const aStrides = broadcastStrides(a, output);
  const bStrides = broadcastStrides(b, output);
  const loops: Loop[] = [];
  output.forEach((size, d) => {
    if (size === 1) return;
    const next = { size, a: aStrides[d]!, b: bStrides[d]! };
    const last = loops.at(-1);
    if (last && last.a === next.a * size && last.b === next.b * size) {
      loops[loops.length - 1] = { ...next, size: last.size * size };
    } else {
      loops.push(next);
    }
  });
  return loops;
}

/** Whether the operands broadcast to the output within the kernels' five loops. */
export function broadcasts(a: Tensor, b: Tensor, output: Tensor): boolean {
  return broadcastLoops(a.shape, b.shape, output.shape).length <= BROADCAST_LOOPS;
}

/** The shape members of a broadcasting kernel: `size_i`, `a_stride_i`, `b_stride_i`, the innermost loop last. */
export function broadcastShape(a: Tensor, b: Tensor, output: Tensor): Parameters {
  const loops = broadcastLoops(a.shape, b.shape, output.shape);
  while (loops.length < BROADCAST_LOOPS) loops.unshift({ size: 1, a: 0, b: 0 });
  return Object.fromEntries([
    ...loops.map((loop, i) => [`size_${i}`, loop.size]),
    ...loops.map((loop, i) => [`a_stride_${i}`, loop.a]),
    ...loops.map((loop, i) => [`b_stride_${i}`, loop.b]),
  ]);
}

/** An operand read element by element in the output's order may share its memory; a repeated one may not. */
export function broadcastOverlap(operands: readonly Tensor[], output: Tensor): (number | null)[] {
  const count = (shape: readonly number[]) => shape.reduce((n, size) => n * size, 1);
  return operands.map((operand) =>
    operand.format.type === output.format.type && count(operand.shape) === count(output.shape) ? 0 : null,
  );
}
