/** Operators as they are in models that are not quantized, where they differ from QDQ form: each computes at once, with float32. */
import type { Importer } from '../../site.js';
import * as elementwise from './elementwise.js';
import * as images from './images.js';
import * as weighted from './weighted.js';

export const FLOAT_OPERATORS: Readonly<Record<string, Importer>> = {
  Add: elementwise.arithmetic('ADD'),
  ArgMax: images.argMax,
  AveragePool: images.averagePool,
  BatchNormalization: elementwise.batchNormalization,
  Clip: elementwise.clip,
  Concat: images.concat,
  Conv: weighted.conv,
  ConvTranspose: weighted.convTranspose,
  Div: elementwise.div,
  Gelu: elementwise.gelu,
  Gemm: weighted.gemm,
  GlobalAveragePool: images.globalAveragePool,
  HardSigmoid: elementwise.hardSigmoid,
  HardSwish: elementwise.unary('HARD_SWISH', () => ({})),
  LeakyRelu: elementwise.leakyRelu,
  MatMul: weighted.matMul,
  Max: elementwise.arithmetic('MAXIMUM'),
  Min: elementwise.arithmetic('MINIMUM'),
  Mul: elementwise.arithmetic('MUL'),
  Neg: elementwise.neg,
  PRelu: elementwise.prelu,
  Pad: images.pad,
  Pow: elementwise.pow,
  ReduceMean: images.reduce('MEAN'),
  ReduceSum: images.reduce('SUM'),
  Relu: elementwise.unary('RELU', () => ({})),
  Sigmoid: elementwise.unary('LOGISTIC', () => ({})),
  Softmax: images.softmax,
  Sub: elementwise.arithmetic('SUB'),
  Tanh: elementwise.unary('TANH', () => ({})),
};
