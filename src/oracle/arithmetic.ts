/** Operators on two broadcast operands. TFLM `reference/add.h`, `sub.h`, `mul.h`, `prelu.h`, `maximum_minimum.h`. */
import { INTEGER_RANGE, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import {
  addParameters,
  mulMultiplier,
  preluMultipliers,
  scaledSum,
  subParameters,
} from '../numerics/scales.js';
import type { Call, Operand, Operators } from './call.js';
import { broadcastOffsets } from './offsets.js';
import { byThresholds } from './requantizer.js';

type Binary = 'ADD' | 'SUB' | 'MUL' | 'MAXIMUM' | 'MINIMUM' | 'PRELU';

/** Fills the output with f(a, b), each operand broadcast to it. */
export function forEachPair(call: Call<Binary>, f: (a: number, b: number) => number): void {
  const a = call.input(0);
  const b = call.input(1);
  const y = call.output;
  const aAt = broadcastOffsets(a.shape, y.shape);
  const bAt = broadcastOffsets(b.shape, y.shape);
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(a.data[aAt[i]!]!, b.data[bAt[i]!]!);
}

function sum(call: Call<'ADD' | 'SUB'>, sign: 1 | -1): void {
  const [a, b, y] = [call.input(0).tensor, call.input(1).tensor, call.output.tensor];
  const type = y.format.type === 'int16' ? 'int16' : 'int8';
  const parametersOf = sign > 0 ? addParameters : subParameters;
  const parameters = parametersOf(scaleOf(a), scaleOf(b), scaleOf(y), type);
  const [za, zb, zy] = [zeroPointOf(a), zeroPointOf(b), zeroPointOf(y)];
  const { min, max } = call.attributes.clamp;
  forEachPair(call, (p, q) => clamp(scaledSum(p - za, q - zb, sign, parameters) + zy, min, max));
}

/** By weights of a channel or of all channels, and thresholds. */
function weightedPairs(call: Call<'ADD'>, thresholds: Operand): void {
  const [a, b, filter, y] = [call.input(0), call.input(1), call.input(2), call.output];
  const [za, zb] = [zeroPointOf(a.tensor), zeroPointOf(b.tensor)];
  const channels = filter.shape[0]!;
  const codeOf = byThresholds(y, thresholds, call.attributes.clamp);
  for (let i = 0; i < y.data.length; i++) {
    const c = i % channels;
    const sum = filter.data[2 * c]! * (a.data[i]! - za) + filter.data[2 * c + 1]! * (b.data[i]! - zb);
    y.data[i] = codeOf(sum, c);
  }
}

function mul(call: Call<'MUL'>): void {
  const [a, b, y] = [call.input(0).tensor, call.input(1).tensor, call.output.tensor];
  const multiplier = mulMultiplier(scaleOf(a), scaleOf(b), scaleOf(y));
  const [za, zb, zy] = [zeroPointOf(a), zeroPointOf(b), zeroPointOf(y)];
  const { min, max } = call.attributes.clamp;
  forEachPair(call, (p, q) =>
    clamp(multiplyByQuantizedMultiplier((p - za) * (q - zb), multiplier) + zy, min, max),
  );
}

function prelu(call: Call<'PRELU'>): void {
  const [x, alpha, y] = [call.input(0).tensor, call.input(1).tensor, call.output.tensor];
  const multipliers = preluMultipliers(scaleOf(x), scaleOf(alpha), scaleOf(y));
  const [zx, za, zy] = [zeroPointOf(x), zeroPointOf(alpha), zeroPointOf(y)];
  const { min, max } = INTEGER_RANGE[y.format.type === 'int16' ? 'int16' : 'int8'];
  forEachPair(call, (p, q) => {
    const value = p - zx;
    const scaled =
      value >= 0
        ? multiplyByQuantizedMultiplier(value, multipliers.identity)
        : multiplyByQuantizedMultiplier(value * (q - za), multipliers.alpha);
    return clamp(scaled + zy, min, max);
  });
}

export const arithmetic: Operators<Binary> = {
  ADD: (call) => {
    const thresholds = call.inputs[3];
    if (thresholds) weightedPairs(call, thresholds);
    else sum(call, 1);
  },
  SUB: (call) => sum(call, -1),
  MUL: mul,
  PRELU: prelu,
  MAXIMUM: (call) => forEachPair(call, Math.max),
  MINIMUM: (call) => forEachPair(call, Math.min),
};
