import type { OpKind } from '../../../graph/ops.js';
import type { NodeSite } from '../node-site.js';
import * as elementwise from './elementwise.js';
import * as matmul from './matmul.js';
import * as movement from './movement.js';
import * as reduction from './reduction.js';
import { table } from './table.js';
import * as windows from './windows.js';

/** How each node of the graph becomes operators of TFLite. */
export const WRITERS: { readonly [K in OpKind]: (site: NodeSite<K>) => void } = {
  CONV_2D: windows.conv2d,
  DEPTHWISE_CONV_2D: windows.depthwiseConv2d,
  FULLY_CONNECTED: matmul.fullyConnected,
  TRANSPOSE_CONV: windows.transposeConv,
  BATCH_MATMUL: matmul.batchMatMul,
  ADD: elementwise.sum('ADD'),
  SUB: elementwise.sum('SUB'),
  MUL: elementwise.mul,
  MAXIMUM: elementwise.bare('MAXIMUM'),
  MINIMUM: elementwise.bare('MINIMUM'),
  AVERAGE_POOL_2D: windows.averagePool,
  MAX_POOL_2D: windows.maxPool,
  MEAN: reduction.reduce('MEAN'),
  SUM: reduction.reduce('SUM'),
  SOFTMAX: elementwise.softmax,
  LOGISTIC: elementwise.bare('LOGISTIC'),
  TANH: elementwise.bare('TANH'),
  HARD_SWISH: elementwise.bare('HARD_SWISH'),
  GELU: elementwise.gelu,
  LEAKY_RELU: elementwise.leakyRelu,
  PRELU: elementwise.bare('PRELU'),
  RELU: elementwise.bare('RELU'),
  RELU6: elementwise.bare('RELU6'),
  RELU_N1_TO_1: elementwise.bare('RELU_N1_TO_1'),
  TABLE: table,
  PAD: movement.alongDimensions(movement.pad),
  CONCATENATION: movement.concatenation,
  RESHAPE: movement.reshape,
  TRANSPOSE: movement.alongDimensions(movement.transpose),
  STRIDED_SLICE: movement.alongDimensions(movement.stridedSlice),
  GATHER: movement.gather,
  RESIZE_NEAREST_NEIGHBOR: movement.resize('RESIZE_NEAREST_NEIGHBOR'),
  RESIZE_BILINEAR: movement.resize('RESIZE_BILINEAR'),
  ARG_MAX: reduction.argMax,
  L2_NORMALIZATION: elementwise.bare('L2_NORMALIZATION'),
  ABSMAX: absent,
  ABSMAX_NORMALIZATION: absent,
  RESCALE: absent,
  SVDF: reduction.svdf,
  QUANTIZE: elementwise.quantize,
  DYNAMIC_SCALE: absent,
  DYNAMIC_ZERO_POINT: absent,
  DYNAMIC_QUANTIZE: absent,
  DYNAMIC_DEQUANTIZE: absent,
  DEQUANTIZE: elementwise.dequantize,
};

/** What follows the rows of its input at run time, or ends sums otherwise. */
function absent(site: NodeSite<OpKind>): void {
  site.fail(`is ${site.kind}, which TFLite does not have`, 'Quantize by fixed scales');
}
