/** Sums and means of real numbers: over dimensions, and over windows, where taps outside of the image do not count. */
import type { Call, Operators } from '../call.js';
import { forEachWindow } from '../pool.js';
import { reduction } from '../reduction.js';

function sumOver(call: Call<'MEAN' | 'SUM'>, divisorOf: (taps: number) => number): void {
  const x = call.input(0);
  const { firsts, taps } = reduction(x.shape, call.attributes.axes);
  const divisor = divisorOf(taps.length);
  firsts.forEach((first, i) => {
    let sum = 0;
    for (const tap of taps) sum += x.data[first + tap]!;
    call.output.data[i] = sum / divisor;
  });
}

export const means: Operators<'MEAN' | 'SUM' | 'AVERAGE_POOL_2D'> = {
  MEAN: (call) => sumOver(call, (taps) => taps),
  SUM: (call) => sumOver(call, () => 1),
  AVERAGE_POOL_2D: (call) =>
    forEachWindow(call, (x, taps) => taps.reduce((sum, tap) => sum + x[tap]!, 0) / taps.length),
};
