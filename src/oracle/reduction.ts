/** TFLM `reference/reduce.h`, QuantizedMeanOrSum, and `reference/arg_min_max.h`. */
import { INTEGER_RANGE, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import { meanMultiplier, rescaleMultiplier } from '../numerics/scales.js';
import type { Call, Operators } from './call.js';
import { offsets, stridesOf } from './offsets.js';

/** Which input offsets one output reads, relative to where its first one is; and those firsts, in output order. */
export function reduction(
  shape: readonly number[],
  axes: readonly number[],
): { firsts: Int32Array; taps: Int32Array } {
  const strides = stridesOf(shape);
  const along = (reduced: boolean) => {
    const kept = shape.map((_, d) => d).filter((d) => axes.includes(d) === reduced);
    return offsets(
      kept.map((d) => shape[d]!),
      kept.map((d) => strides[d]!),
    );
  };
  return { firsts: along(false), taps: along(true) };
}

function meanOrSum(call: Call<'MEAN' | 'SUM'>, isMean: boolean): void {
  const x = call.input(0);
  const y = call.output;
  const { firsts, taps } = reduction(x.shape, call.attributes.axes);
  const [sx, sy] = [scaleOf(x.tensor), scaleOf(y.tensor)];
  const multiplier = isMean ? meanMultiplier(sx, sy, taps.length) : rescaleMultiplier(sx, sy);
  const [zx, zy] = [zeroPointOf(x.tensor), zeroPointOf(y.tensor)];
  const { min, max } = INTEGER_RANGE[y.tensor.format.type === 'int16' ? 'int16' : 'int8'];
  firsts.forEach((first, i) => {
    let sum = 0;
    for (const tap of taps) sum += x.data[first + tap]! - zx;
    y.data[i] = clamp(multiplyByQuantizedMultiplier(sum | 0, multiplier) + zy, min, max);
  });
}

function argMax(call: Call<'ARG_MAX'>): void {
  const x = call.input(0);
  const { firsts, taps } = reduction(x.shape, [call.attributes.axis]);
  firsts.forEach((first, i) => {
    let best = 0;
    taps.forEach((tap, index) => {
      if (x.data[first + tap]! > x.data[first + taps[best]!]!) best = index;
    });
    call.output.data[i] = best;
  });
}

export const reductions: Operators<'MEAN' | 'SUM' | 'ARG_MAX'> = {
  MEAN: (call) => meanOrSum(call, true),
  SUM: (call) => meanOrSum(call, false),
  ARG_MAX: argMax,
};
