import type { OpKind } from '../graph/ops.js';
import type { ElementType } from '../graph/tensor.js';

const BYTES: readonly ElementType[] = ['int8'];
const BOTH: readonly ElementType[] = ['int8', 'int16'];
const REAL: readonly ElementType[] = [...BOTH, 'float32'];
const PACKED: readonly ElementType[] = ['uint4', 'uint2', 'binary'];
const WEIGHTED: readonly ElementType[] = [...REAL, ...PACKED];
const ANY: readonly ElementType[] = ['int8', 'int16', 'int32', 'uint8', 'float32', 'bool', ...PACKED];

/**
 * Element types of the first input for which the oracle defines each operator (float32: `oracle/float`). They are those of TFLM's
 * reference kernels, with these extensions: GELU, RELU_N1_TO_1 and TABLE, which TFLM lacks; ABSMAX, ABSMAX_NORMALIZATION and RESCALE
 * (`docs/formats.md`); RESIZE_BILINEAR on int16; ARG_MAX on
 * int16; and data movement on every type but int64.
 */
export const ORACLE_TYPES: { readonly [K in OpKind]: readonly ElementType[] } = {
  CONV_2D: WEIGHTED,
  DEPTHWISE_CONV_2D: WEIGHTED,
  FULLY_CONNECTED: WEIGHTED,
  TRANSPOSE_CONV: REAL,
  BATCH_MATMUL: REAL,
  ADD: WEIGHTED,
  SUB: REAL,
  MUL: REAL,
  MAXIMUM: ['int8', 'int16', 'int32', 'uint8', 'float32', 'bool'],
  MINIMUM: ['int8', 'int16', 'int32', 'uint8', 'float32', 'bool'],
  AVERAGE_POOL_2D: REAL,
  MAX_POOL_2D: WEIGHTED,
  MEAN: REAL,
  SUM: REAL,
  SOFTMAX: REAL,
  LOGISTIC: REAL,
  TANH: REAL,
  HARD_SWISH: [...BYTES, 'float32'],
  GELU: REAL,
  LEAKY_RELU: REAL,
  PRELU: REAL,
  RELU: REAL,
  RELU6: REAL,
  RELU_N1_TO_1: REAL,
  TABLE: BYTES,
  PAD: ANY,
  CONCATENATION: ANY,
  RESHAPE: ANY,
  TRANSPOSE: ANY,
  STRIDED_SLICE: ANY,
  GATHER: ANY,
  RESIZE_NEAREST_NEIGHBOR: ANY,
  RESIZE_BILINEAR: REAL,
  ARG_MAX: ['int8', 'int16', 'uint8', 'int32', 'float32'],
  L2_NORMALIZATION: [...BYTES, 'float32'],
  ABSMAX: BOTH,
  ABSMAX_NORMALIZATION: BOTH,
  RESCALE: ['int32'],
  SVDF: BYTES,
  QUANTIZE: ['float32', 'int8', 'int16', 'int32', 'uint8', ...PACKED],
  DYNAMIC_SCALE: ['float32'],
  DYNAMIC_ZERO_POINT: ['float32'],
  DYNAMIC_QUANTIZE: ['float32'],
  DYNAMIC_DEQUANTIZE: ['int32'],
  DEQUANTIZE: ['int8', 'int16', 'int32', 'uint8', ...PACKED],
};

/** Whether the oracle defines `kind` on a first input of `type`. */
export function supports(kind: OpKind, type: ElementType): boolean {
  return ORACLE_TYPES[kind].includes(type);
}
