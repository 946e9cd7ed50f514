import type { Site } from '../site.js';
import * as convolution from './convolution.js';
import * as elementwise from './elementwise.js';
import * as larq from './larq.js';
import * as movement from './movement.js';
import * as reduction from './reduction.js';
import * as slicing from './slicing.js';

/** How one operator of TFLite becomes nodes of the graph. */
export interface OperatorImporter {
  /** Least and greatest number of inputs and outputs. */
  readonly inputs: readonly [number, number];
  readonly outputs: readonly [number, number];
  readonly emit: (site: Site) => void;
}

const MANY = 65536;

function takes(
  inputs: number | readonly [number, number],
  emit: (site: Site) => void,
  outputs: readonly [number, number] = [1, 1],
): OperatorImporter {
  return { inputs: typeof inputs === 'number' ? [inputs, inputs] : inputs, outputs, emit };
}

/** Every operator that Bitloom imports, by its schema name; custom ones by their code. */
export const IMPORTERS: Readonly<Record<string, OperatorImporter>> = {
  ADD: takes(2, elementwise.arithmetic('ADD')),
  ARG_MAX: takes(2, reduction.argMax),
  AVERAGE_POOL_2D: takes(1, convolution.pool2d('AVERAGE_POOL_2D')),
  BATCH_MATMUL: takes(2, convolution.batchMatMul),
  CONCATENATION: takes([1, MANY], movement.concatenation),
  CONV_2D: takes([2, 3], convolution.conv2d),
  "CUSTOM 'LceBMaxPool2d'": takes(1, larq.maxPool),
  "CUSTOM 'LceBconv2d'": takes(5, larq.conv2d),
  "CUSTOM 'LceDequantize'": takes(1, larq.dequantize),
  "CUSTOM 'LceQuantize'": takes(1, larq.quantize),
  DEPTHWISE_CONV_2D: takes([2, 3], convolution.depthwiseConv2d),
  DENSIFY: takes(1, movement.widened),
  DEPTH_TO_SPACE: takes(1, movement.depthToSpace),
  DEQUANTIZE: takes(1, movement.widened),
  EXPAND_DIMS: takes(2, movement.reshape),
  FULLY_CONNECTED: takes([2, 3], convolution.fullyConnected),
  GATHER: takes(2, movement.gather),
  GELU: takes(1, elementwise.gelu),
  HARD_SWISH: takes(1, elementwise.bare('HARD_SWISH')),
  L2_NORMALIZATION: takes(1, elementwise.l2Normalization),
  LEAKY_RELU: takes(1, elementwise.leakyRelu),
  LOGISTIC: takes(1, elementwise.bare('LOGISTIC')),
  MAXIMUM: takes(2, elementwise.bare('MAXIMUM')),
  MAX_POOL_2D: takes(1, convolution.pool2d('MAX_POOL_2D')),
  MEAN: takes(2, reduction.reduce('MEAN')),
  MINIMUM: takes(2, elementwise.bare('MINIMUM')),
  MUL: takes(2, elementwise.arithmetic('MUL')),
  PACK: takes([1, MANY], movement.pack),
  PAD: takes(2, movement.pad),
  PADV2: takes(3, movement.pad),
  PRELU: takes(2, elementwise.bare('PRELU')),
  QUANTIZE: takes(1, elementwise.bare('QUANTIZE')),
  RELU: takes(1, elementwise.bare('RELU')),
  RELU6: takes(1, elementwise.bare('RELU6')),
  RELU_N1_TO_1: takes(1, elementwise.bare('RELU_N1_TO_1')),
  RESHAPE: takes([1, 2], movement.reshape),
  RESIZE_BILINEAR: takes(2, movement.resize('RESIZE_BILINEAR')),
  RESIZE_NEAREST_NEIGHBOR: takes(2, movement.resize('RESIZE_NEAREST_NEIGHBOR')),
  SLICE: takes(3, slicing.slice),
  SOFTMAX: takes(1, elementwise.softmax),
  SPLIT: takes(2, slicing.split, [1, MANY]),
  SQUEEZE: takes(1, movement.reshape),
  STRIDED_SLICE: takes(4, slicing.stridedSlice),
  SUB: takes(2, elementwise.arithmetic('SUB')),
  SUM: takes(2, reduction.reduce('SUM')),
  SVDF: takes(5, elementwise.svdf),
  TANH: takes(1, elementwise.bare('TANH')),
  TRANSPOSE: takes(2, movement.transpose),
  TRANSPOSE_CONV: takes([3, 4], convolution.transposeConv),
  UNPACK: takes(1, slicing.unpack, [1, MANY]),
};
