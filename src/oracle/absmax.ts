/** Activations whose scale follows each row (`docs/formats.md`): what surrounds the FULLY_CONNECTED of BitNet layers. */
import { scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier64 } from '../numerics/fixed-point.js';
import { absmaxSteps, rescaledMultipliers } from '../numerics/scales.js';
import type { Call, Operand, Operators } from './call.js';

/** As ABSMAX has it: int16 holds no 32768. */
const MOST = 32767;

/** Calls `visit` with each row of an activation: its first element, and the distances of its codes from the zero point. */
function forEachRow({ shape, data, tensor }: Operand, visit: (first: number, row: number[]) => void): void {
  const depth = shape.at(-1)!;
  const zero = zeroPointOf(tensor);
  for (let first = 0; first < data.length; first += depth) {
    visit(
      first,
      Array.from({ length: depth }, (_, k) => data[first + k]! - zero),
    );
  }
}

function absmaxOf(row: readonly number[]): number {
  return Math.min(
    MOST,
    row.reduce((most, d) => Math.max(most, Math.abs(d)), 0),
  );
}

function rowMaxima(call: Call<'ABSMAX'>): void {
  const x = call.input(0);
  const depth = x.shape.at(-1)!;
  forEachRow(x, (first, row) => {
    call.output.data[first / depth] = absmaxOf(row);
  });
}

/** 127 or 128 * d / absmax, rounded half away from zero, 127 at most; 0 in a row of zeros. */
function normalization(call: Call<'ABSMAX_NORMALIZATION'>): void {
  const steps = absmaxSteps(scaleOf(call.output.tensor));
  forEachRow(call.input(0), (first, row) => {
    const most = absmaxOf(row);
    row.forEach((d, k) => {
      const share = most === 0 ? 0 : Math.floor((2 * steps * Math.abs(d) + most) / (2 * most));
      call.output.data[first + k] = d < 0 ? -share : Math.min(share, 127);
    });
  });
}

function rescale(call: Call<'RESCALE'>): void {
  const [x, factors, scales, y] = [call.input(0), call.input(1), call.input(2), call.output];
  const bias = call.bias(3);
  const zero = zeroPointOf(y.tensor);
  const { min, max } = call.attributes.clamp;
  const multipliers = rescaledMultipliers(
    scaleOf(x.tensor),
    scaleOf(factors.tensor),
    scales.data,
    scaleOf(y.tensor),
  );
  const channels = x.shape.at(-1)!;
  for (let i = 0; i < y.data.length; i++) {
    const c = i % channels;
    const sum = x.data[i]! * factors.data[(i - c) / channels]! + (bias?.[c] ?? 0);
    const multiplier = multipliers[multipliers.length === 1 ? 0 : c]!;
    y.data[i] = clamp(multiplyByQuantizedMultiplier64(sum, multiplier) + zero, min, max);
  }
}

export const absmax: Operators<'ABSMAX' | 'ABSMAX_NORMALIZATION' | 'RESCALE'> = {
  ABSMAX: rowMaxima,
  ABSMAX_NORMALIZATION: normalization,
  RESCALE: rescale,
};
