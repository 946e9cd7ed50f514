import type { ResizePart } from '../numerics/resize.js';
import type { TensorId } from './tensor.js';

export interface Size2 {
  readonly height: number;
  readonly width: number;
}

/** Explicit padding in elements. Padded taps contribute nothing (they read the input's zero point). */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** The fused activation as bounds on the output's code, inclusive; of real outputs on the number, infinite where there are none. */
export interface Clamp {
  readonly min: number;
  readonly max: number;
}

export interface Window {
  readonly stride: Size2;
  readonly dilation: Size2;
  readonly padding: Padding;
  readonly clamp: Clamp;
}

export interface Pool {
  readonly filter: Size2;
  readonly stride: Size2;
  readonly padding: Padding;
  readonly clamp: Clamp;
}

export interface Resize {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  /** Where the images are parts of others, whose sizes say what is read. Made by plans. */
  readonly part?: { readonly rows?: ResizePart; readonly columns?: ResizePart };
}

type None = Record<never, never>;

/**
 * The operators of the IR and their attributes. Names are TFLite's. Importers bring other operators to
 * these: SQUEEZE, EXPAND_DIMS -> RESHAPE; PADV2 -> PAD; SLICE, SPLIT, UNPACK -> STRIDED_SLICE (+ RESHAPE);
 * PACK -> RESHAPE + CONCATENATION.
 *
 * Inputs by position (an absent optional input is null):
 */
export interface OpAttributes {
  /**
   * CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED end in one of three ways (`docs/formats.md`): multiplier, zero point and
   * clamp; where `thresholds` [O, n] (int32, rising in each row) are given, the count of those that the accumulator reaches, from
   * clamp.min on; or, where the output is int32, the accumulator itself.
   */
  /** x NHWC, filter OHWI, bias?, thresholds?. Groups = channels of x / I; output channel o belongs to group o / (O / groups). */
  CONV_2D: Window;
  /** x NHWC, filter 1HWC, bias?, thresholds?. Output channel = m + inputChannel * depthMultiplier. */
  DEPTHWISE_CONV_2D: Window & { readonly depthMultiplier: number };
  /** x [..., K], whose leading sizes are rows, or of any shape with K elements in all; filter [N, K], bias?, thresholds?. */
  FULLY_CONNECTED: { readonly clamp: Clamp };
  /** x NHWC, filter OHWI, bias?. `padding` is that of the forward convolution on the output image. */
  TRANSPOSE_CONV: { readonly stride: Size2; readonly padding: Padding; readonly clamp: Clamp };
  /** a [..., M, K], b [..., K, N]; leading sizes broadcast. adjX: a is [..., K, M]; adjY: b is [..., N, K]. */
  BATCH_MATMUL: { readonly adjX: boolean; readonly adjY: boolean };
  /**
   * a, b, broadcast as NumPy does. Or a, b of one shape, filter [O, 2], thresholds [O, n], O being 1 or the last size: the accumulator
   * `filter[c][0] * (a - zeroPoint(a)) + filter[c][1] * (b - zeroPoint(b))` ends by thresholds, as weighted sums do.
   */
  ADD: { readonly clamp: Clamp };
  SUB: { readonly clamp: Clamp };
  MUL: { readonly clamp: Clamp };
  MAXIMUM: None;
  MINIMUM: None;
  AVERAGE_POOL_2D: Pool;
  MAX_POOL_2D: Pool;
  /** x. `axes` are sorted and not negative; whether they are kept as 1 shows in the output's shape. */
  MEAN: { readonly axes: readonly number[] };
  SUM: { readonly axes: readonly number[] };
  /** x, over the last dimension. `beta` is a float32. */
  SOFTMAX: { readonly beta: number };
  LOGISTIC: None;
  TANH: None;
  HARD_SWISH: None;
  GELU: { readonly approximate: boolean };
  /** `alpha` is a float32. */
  LEAKY_RELU: { readonly alpha: number };
  /** x, alpha (constant, broadcast). */
  PRELU: None;
  RELU: None;
  RELU6: None;
  RELU_N1_TO_1: None;
  /** y = table[x + 128]; int8 to int8 or a packed type. Made by passes from unary operators. */
  TABLE: { readonly table: Int8Array };
  /** x. Per dimension; `value` is the output code (or real number) written outside of x. */
  PAD: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
  /** Any number of inputs of the output's format. */
  CONCATENATION: { readonly axis: number };
  /** x. Same elements in the same order. */
  RESHAPE: None;
  /** x. Output dimension i is input dimension perm[i]. */
  TRANSPOSE: { readonly perm: readonly number[] };
  /** x. Output index i in dimension d reads begin[d] + i * stride[d] (stride not 0, may be negative). */
  STRIDED_SLICE: { readonly begin: readonly number[]; readonly stride: readonly number[] };
  /** x, indices (int32 activations or constant). Batch dimensions are leading and equal in both. */
  GATHER: { readonly axis: number; readonly batchDims: number };
  RESIZE_NEAREST_NEIGHBOR: Resize;
  RESIZE_BILINEAR: Resize;
  /** x. Output int32 indices; the lowest index wins. */
  ARG_MAX: { readonly axis: number };
  /** x, over the last dimension. */
  L2_NORMALIZATION: None;
  /** x [..., K]. Of each row the greatest distance of a code from the zero point: int16 [..., 1] of x's scale, 32767 at most. */
  ABSMAX: None;
  /** x [..., K]. Each row divided by its absmax: int8 of scale 1/127, or 1/128 with 127 at most. */
  ABSMAX_NORMALIZATION: None;
  /**
   * x int32 [..., N], factors int16 [..., 1], scales [N] or [1] (constant float32), bias? [N] (int32 or int64). The real value of
   * channel n is scale(x) * scale(factors) * scales[n] * (x * factor + bias[n]).
   */
  RESCALE: { readonly clamp: Clamp };
  /** x [B, I], weightsFeature [F, I], weightsTime [F, M], bias?, state [B, F * M]. F = units * rank. */
  SVDF: { readonly rank: number; readonly clamp: Clamp };
  /**
   * x float32 or integer to another integer format. With `thresholds` [n] (float32, rising), x float32 becomes the least code plus the
   * count of those that it reaches; -1 or +1 where the output is binary.
   */
  QUANTIZE: None;
  /** x float32 (0 joins it). The step of ONNX's DynamicQuantizeLinear: the range of x in 255 parts, a float32 []. */
  DYNAMIC_SCALE: None;
  /** x float32, scale float32 []. Its zero point: uint8 []. */
  DYNAMIC_ZERO_POINT: None;
  /**
   * x float32, scale float32 [], zero point uint8 []. Codes rounded half to even: of uint8, or less 128 of int8, which has the scale 1
   * and the zero point -128. Padding, of x NHWC alone, is written as the zero point.
   */
  DYNAMIC_QUANTIZE: { readonly padding: Padding };
  /**
   * x int32 [..., N], the sums of such codes times the weights of N filters; scale float32 [] and zero point uint8 [] of the codes; of
   * each filter (constants) the sum of its weights, int32 [N], the scale, float32 [N] or [1], and perhaps a bias, float32 [N]. What the sum
   * stands for in float32, no less than `low` and no more than `high`.
   */
  DYNAMIC_DEQUANTIZE: { readonly low: number; readonly high: number };
  /** x integer to float32. Or x int32 and scales [C] (float32), one for each index of the last dimension in place of that of x. */
  DEQUANTIZE: None;
}

export type OpKind = keyof OpAttributes;

/** One operator application. `source` says where it came from, for messages. */
export interface NodeOf<K extends OpKind> {
  readonly kind: K;
  readonly attributes: OpAttributes[K];
  readonly inputs: readonly (TensorId | null)[];
  readonly outputs: readonly TensorId[];
  readonly source: { readonly operator: string; readonly index: number };
}

/** Any operator application; narrowing on `kind` narrows `attributes`. */
export type Node = { [K in OpKind]: NodeOf<K> }[OpKind];

/** Operators that sum up inputs times the weights of a filter, their second input. */
export type Weighted = NodeOf<'CONV_2D'> | NodeOf<'DEPTHWISE_CONV_2D'> | NodeOf<'FULLY_CONNECTED'>;

export function isWeighted(node: Node): node is Weighted {
  return node.kind === 'CONV_2D' || node.kind === 'DEPTHWISE_CONV_2D' || node.kind === 'FULLY_CONNECTED';
}
