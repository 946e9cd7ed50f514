/**
 * The proof that no accumulator overflows. For each output channel the extreme sums follow exactly from the constant
 * weights: every input may take either end of its range. Taps outside the image contribute nothing, which lies
 * between the ends, so a full window bounds the windows at the border too.
 */
import { BitloomError } from '../../graph/diagnostics.js';
import { describeNode, type Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { INTEGER_RANGE, type TypedArray } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';

/** What an input can be, its zero point subtracted: low <= 0 <= high. */
export interface InputRange {
  readonly low: number;
  readonly high: number;
}

/** Range of the codes of `type`, seen from `zeroPoint`. */
export function inputRange(type: keyof typeof INTEGER_RANGE, zeroPoint: number): InputRange {
  const { min, max } = INTEGER_RANGE[type];
  return { low: min - zeroPoint, high: max - zeroPoint };
}

/** What an accumulator can be. */
export interface AccumulatorRange {
  readonly low: number;
  readonly high: number;
}

/** Largest magnitude of the accumulators of `accumulatorRange`. */
export function accumulatorBound(...args: Parameters<typeof accumulatorRange>): number {
  const { low, high } = accumulatorRange(...args);
  return Math.max(-low, high);
}

/**
 * Ends of bias + sum(input * (weight - zeroPoint)) over the weights `start`, `start + step`, ...
 * @param bias exact as a number: biases beyond 2^53 are refused by `proveAccumulators` all the same
 */
export function accumulatorRange(
  weights: TypedArray,
  start: number,
  count: number,
  step: number,
  zeroPoint: number,
  input: InputRange,
  bias: number,
): AccumulatorRange {
  let low = bias;
  let high = bias;
  for (let i = 0, at = start; i < count; i++, at += step) {
    const w = Number(weights[at]) - zeroPoint;
    low += w * (w > 0 ? input.low : input.high);
    high += w * (w > 0 ? input.high : input.low);
  }
  return { low, high };
}

/** Keeps int32 results away from the end by more than an output zero point. */
const MARGIN = 256;

/**
 * Refuses a node whose accumulator (and its left shift, if the multiplier has one) may not fit.
 * @param bounds largest magnitude of the accumulator by channel
 * @param bits 32, or 64 for accumulators that are requantized from 48 bits
 * @throws BitloomError BL202
 */
export function proveAccumulators(
  graph: Graph,
  node: Node,
  bounds: readonly number[],
  multipliers: readonly Multiplier[],
  bits: 32 | 64,
): void {
  bounds.forEach((bound, channel) => {
    const shift = multipliers[channel]!.shift;
    const fits =
      bits === 64 ? bound < 2 ** 47 && shift < 8 : bound * 2 ** Math.max(shift, 0) < 2 ** 31 - MARGIN;
    if (fits) return;
    const shifted = shift > 0 ? ` and its multiplier shifts left by ${shift}` : '';
    throw new BitloomError(
      'BL202',
      `${describeNode(graph, node)}: the accumulator of output channel ${channel} can reach ${bound}${shifted}, ` +
        `which needs more than ${bits === 64 ? 48 : 32} bits`,
      'Quantize the model again with representative data: its weights, biases and scales do not belong together',
    );
  });
}
