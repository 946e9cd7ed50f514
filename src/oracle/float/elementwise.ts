/** Operators of one real operand, and sums and products of two. TFLite `reference/hard_swish.h`, `gelu.h`, `prelu.h`. */
import { exp, gelu, tanh } from '../../numerics/activation.js';
import { clamp } from '../../numerics/fixed-point.js';
import { forEachPair } from '../arithmetic.js';
import type { Call, Operators } from '../call.js';

type Unary = 'LOGISTIC' | 'TANH' | 'HARD_SWISH' | 'GELU' | 'LEAKY_RELU' | 'RELU' | 'RELU6' | 'RELU_N1_TO_1';

type Pair = 'ADD' | 'SUB' | 'MUL';

function forEach(call: Call<Unary>, f: (x: number) => number): void {
  const x = call.input(0).data;
  const y = call.output.data;
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]!);
}

function clamped(call: Call<Pair>, f: (a: number, b: number) => number): void {
  const { min, max } = call.attributes.clamp;
  forEachPair(call, (a, b) => clamp(f(a, b), min, max));
}

const leaky = (x: number, slope: number) => (x >= 0 ? x : x * slope);

export const elementwise: Operators<Unary | Pair | 'PRELU'> = {
  LOGISTIC: (call) => forEach(call, (x) => 1 / (1 + exp(-x))),
  TANH: (call) => forEach(call, tanh),
  HARD_SWISH: (call) => forEach(call, (x) => (x * clamp(x + 3, 0, 6)) / 6),
  GELU: (call) => forEach(call, (x) => gelu(x, call.attributes.approximate)),
  LEAKY_RELU: (call) => forEach(call, (x) => leaky(x, call.attributes.alpha)),
  RELU: (call) => forEach(call, (x) => Math.max(x, 0)),
  RELU6: (call) => forEach(call, (x) => clamp(x, 0, 6)),
  RELU_N1_TO_1: (call) => forEach(call, (x) => clamp(x, -1, 1)),
  ADD: (call) => clamped(call, (a, b) => a + b),
  SUB: (call) => clamped(call, (a, b) => a - b),
  MUL: (call) => clamped(call, (a, b) => a * b),
  PRELU: (call) => forEachPair(call, leaky),
};
