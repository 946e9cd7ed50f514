/** Element-wise operators of one operand; `numerics/unary.ts` says what each makes of a code. */
import { INTEGER_RANGE, scaleOf, type Tensor, zeroPointOf } from '../graph/tensor.js';
import {
  type CodeFunction,
  type Codes,
  gelu,
  hardSwish,
  leakyRelu,
  logistic,
  relu6,
  rescaledRelu,
  tanh,
} from '../numerics/unary.js';
import type { Call, Operators } from './call.js';

type Unary =
  | 'LOGISTIC'
  | 'TANH'
  | 'HARD_SWISH'
  | 'GELU'
  | 'LEAKY_RELU'
  | 'RELU'
  | 'RELU6'
  | 'RELU_N1_TO_1'
  | 'TABLE';

function forEach(call: Call<Unary>, f: CodeFunction): void {
  const x = call.input(0).data;
  const y = call.output.data;
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]!);
}

function codesOf(tensor: Tensor): Codes {
  const range = INTEGER_RANGE[tensor.format.type === 'int16' ? 'int16' : 'int8'];
  return { scale: scaleOf(tensor), zeroPoint: zeroPointOf(tensor), ...range };
}

const x = (call: Call<Unary>) => codesOf(call.input(0).tensor);
const y = (call: Call<Unary>) => codesOf(call.output.tensor);

export const unary: Operators<Unary> = {
  LOGISTIC: (call) => forEach(call, logistic(x(call))),
  TANH: (call) => forEach(call, tanh(x(call))),
  HARD_SWISH: (call) => forEach(call, hardSwish(x(call), y(call))),
  GELU: (call) => forEach(call, gelu(x(call), y(call), call.attributes.approximate)),
  LEAKY_RELU: (call) => forEach(call, leakyRelu(x(call), y(call), call.attributes.alpha)),
  RELU: (call) => forEach(call, rescaledRelu(x(call), y(call), 0, null)),
  RELU6: (call) => forEach(call, relu6(x(call))),
  RELU_N1_TO_1: (call) => forEach(call, rescaledRelu(x(call), y(call), -1, 1)),
  TABLE: (call) => forEach(call, (code) => call.attributes.table[code + 128]!),
};
