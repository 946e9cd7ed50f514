import { checkFloat, isFloatOperator } from './float.js';
import { shortName } from './graph.js';
import type { Clamp, OpKind } from './ops.js';
import {
  type ElementType,
  INTEGER_RANGE,
  isPacked,
  sameFormat,
  scaleOf,
  type Tensor,
  zeroPointOf,
} from './tensor.js';
import { demand, inputAt, type Rules, type Subject } from './violation.js';

type Types = readonly ElementType[];

const ACTIVATIONS: Types = ['int8', 'int16'];
const INT8: Types = ['int8'];
const PACKED: Types = ['uint4', 'uint2', 'binary'];
const INTEGERS: Types = ['int8', 'uint8', 'int16', 'int32'];
const MOVABLE: Types = [...INTEGERS, ...PACKED, 'float32'];

/**
 * Throws a Violation unless the operator takes tensors of such types, scales and zero points: on float32 one rule is for all, on codes
 * each has its own.
 */
export function checkFormats<K extends OpKind>(kind: K, subject: Subject<K>): void {
  if (isFloatOperator(kind, subject.inputs[0])) checkFloat(kind, subject);
  else FORMATS[kind](subject);
}

/**
 * Element types, scales and zero points that each operator takes: those of TensorFlow Lite Micro's kernels, plus what
 * its quantization specification fixes and the kernels take for granted (scales of LOGISTIC, TANH, L2_NORMALIZATION).
 */
const FORMATS: Rules<void> = {
  CONV_2D: (s) => checkWeighted(s, 0),
  DEPTHWISE_CONV_2D: (s) => checkWeighted(s, 3),
  FULLY_CONNECTED: (s) => checkWeighted(s, 0),
  TRANSPOSE_CONV: (s) => {
    checkAlike([inputAt(s, 0), s.output], ACTIVATIONS);
    checkFiltered(s, 0);
  },
  BATCH_MATMUL: (s) => {
    checkAlike([inputAt(s, 0), inputAt(s, 1), s.output], ACTIVATIONS);
    for (const tensor of [inputAt(s, 0), inputAt(s, 1), s.output]) checkSymmetric16(tensor);
  },
  ADD: (s) => (s.inputs[3] ? checkPairs(s, s.inputs[3]) : checkSum(s)),
  SUB: (s) => checkSum(s),
  MUL: (s) => {
    checkAlike([inputAt(s, 0), inputAt(s, 1), s.output], ACTIVATIONS);
    for (const tensor of [inputAt(s, 0), inputAt(s, 1), s.output]) checkSymmetric16(tensor);
  },
  MAXIMUM: (s) => checkMove(s, [inputAt(s, 0), inputAt(s, 1)], ['int8', 'int16', 'int32']),
  MINIMUM: (s) => checkMove(s, [inputAt(s, 0), inputAt(s, 1)], ['int8', 'int16', 'int32']),
  AVERAGE_POOL_2D: checkPool,
  MAX_POOL_2D: (s) => {
    if (isPacked(s.output.format.type)) checkMove(s, [inputAt(s, 0)], PACKED);
    else checkPool(s);
    checkSigns(s.attributes.clamp, s.output);
  },
  MEAN: (s) => checkAlike([inputAt(s, 0), s.output], ACTIVATIONS),
  SUM: (s) => checkAlike([inputAt(s, 0), s.output], ACTIVATIONS),
  SOFTMAX: (s) => {
    const x = inputAt(s, 0);
    checkQuantized(x, ACTIVATIONS);
    checkQuantized(s.output, x.format.type === 'int16' ? ['int16'] : ACTIVATIONS);
    checkSymmetric16(x);
    if (s.output.format.type === 'int8') checkExactFormat(s.output, 1 / 256, -128);
    else if (x.format.type === 'int8') checkNearFormat(s.output, 1 / 65536, -32768);
    else checkNearFormat(s.output, 1 / 32768, 0);
  },
  LOGISTIC: (s) => checkSigmoid(s, 1 / 256, -128),
  TANH: (s) => checkSigmoid(s, 1 / 128, 0),
  HARD_SWISH: (s) => checkAlike([inputAt(s, 0), s.output], INT8),
  GELU: (s) => checkAlike([inputAt(s, 0), s.output], INT8),
  LEAKY_RELU: (s) => {
    checkAlike([inputAt(s, 0), s.output], ACTIVATIONS);
    demand(Math.fround(s.attributes.alpha) === s.attributes.alpha, 'quantization', 'alpha is no float32');
  },
  PRELU: (s) => {
    checkAlike([inputAt(s, 0), s.output], ACTIVATIONS);
    checkQuantized(inputAt(s, 1), INT8);
    checkConstant(inputAt(s, 1), 'alpha');
  },
  RELU: checkRelu,
  RELU6: (s) => {
    checkRelu(s);
    checkMove(s, [inputAt(s, 0)], ACTIVATIONS);
  },
  RELU_N1_TO_1: checkRelu,
  TABLE: (s) => {
    checkQuantized(inputAt(s, 0), INT8);
    checkQuantized(s.output, ['int8', ...PACKED]);
    const { type } = s.output.format;
    const holds = s.attributes.table.every((code) => isCodeOf(type, code));
    demand(holds, 'quantization', `its table has entries that are no ${type}`);
  },
  PAD: (s) => {
    checkMove(s, [inputAt(s, 0)], MOVABLE);
    const { type } = s.output.format;
    const { min, max } = type in INTEGER_RANGE ? INTEGER_RANGE[type as 'int8'] : { min: 0, max: 0 };
    const { value } = s.attributes;
    const isCode = type === 'binary' ? isCodeOf(type, value) : value >= min && value <= max;
    demand(Number.isInteger(value) && isCode, 'quantization', `pads ${type} with ${value}`);
  },
  CONCATENATION: (s) =>
    checkMove(
      s,
      s.inputs.map((_, i) => inputAt(s, i)),
      MOVABLE,
    ),
  RESHAPE: (s) => checkMove(s, [inputAt(s, 0)], MOVABLE),
  TRANSPOSE: (s) => checkMove(s, [inputAt(s, 0)], MOVABLE),
  STRIDED_SLICE: (s) => checkMove(s, [inputAt(s, 0)], MOVABLE),
  GATHER: (s) => {
    checkMove(s, [inputAt(s, 0)], MOVABLE);
    checkType(inputAt(s, 1), ['int32']);
  },
  RESIZE_NEAREST_NEIGHBOR: (s) => checkMove(s, [inputAt(s, 0)], ACTIVATIONS),
  RESIZE_BILINEAR: (s) => checkMove(s, [inputAt(s, 0)], ACTIVATIONS),
  ARG_MAX: (s) => {
    checkType(inputAt(s, 0), ACTIVATIONS);
    checkType(s.output, ['int32']);
  },
  L2_NORMALIZATION: (s) => {
    checkAlike([inputAt(s, 0), s.output], INT8);
    checkExactFormat(s.output, 1 / 128, 0);
  },
  ABSMAX: (s) => {
    const x = inputAt(s, 0);
    checkQuantized(x, ACTIVATIONS);
    checkSymmetric16(x);
    checkQuantized(s.output, ['int16']);
    checkExactFormat(s.output, scaleOf(x), 0);
  },
  ABSMAX_NORMALIZATION: (s) => {
    checkQuantized(inputAt(s, 0), ACTIVATIONS);
    checkSymmetric16(inputAt(s, 0));
    checkQuantized(s.output, INT8);
    const steps = scaleOf(s.output) === 1 / 128 ? 128 : 127;
    checkExactFormat(s.output, Math.fround(1 / steps), 0);
  },
  RESCALE: (s) => {
    const [x, factors, scales] = [inputAt(s, 0), inputAt(s, 1), inputAt(s, 2)];
    checkQuantized(x, ['int32']);
    checkQuantized(factors, ['int16']);
    checkQuantized(s.output, ACTIVATIONS);
    for (const tensor of [x, factors]) {
      demand(zeroPointOf(tensor) === 0, 'quantization', `'${shortName(tensor.name)}' has a zero point`);
    }
    checkSymmetric16(s.output);
    checkType(scales, ['float32']);
    checkConstant(scales, 'scales');
    const positive = Array.from(scales.data!, Number).every((scale) => scale > 0 && Number.isFinite(scale));
    demand(positive, 'quantization', `the scales '${shortName(scales.name)}' are not all above 0`);
    checkBias(s.inputs[3], ['int32', 'int64']);
  },
  SVDF: (s) => {
    const [x, feature, time, state] = [0, 1, 2, 4].map((i) => inputAt(s, i)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    checkAlike([x, s.output], INT8);
    checkQuantized(feature, INT8);
    checkAlike([time, state], ACTIVATIONS);
    for (const weights of [feature, time]) {
      checkConstant(weights, 'weights');
      demand(zeroPointOf(weights) === 0, 'quantization', `'${shortName(weights.name)}' has a zero point`);
    }
    demand(state.state, 'form', `'${shortName(state.name)}' is no state`);
    checkBias(s.inputs[3], ['int32']);
  },
  QUANTIZE: (s) => {
    const x = inputAt(s, 0);
    if (x.format.type !== 'float32') checkQuantized(x, [...INTEGERS, ...PACKED]);
    const thresholds = s.inputs[1] ?? null;
    if (thresholds) checkRealThresholds(s, thresholds);
    else checkQuantized(s.output, [...INTEGERS, 'uint4', 'uint2']);
  },
  DYNAMIC_SCALE: (s) => checkPlain(s, ['float32'], 'float32'),
  DYNAMIC_ZERO_POINT: (s) => checkPlain(s, ['float32', 'float32'], 'uint8'),
  DYNAMIC_QUANTIZE: (s) => {
    if (s.output.format.type === 'uint8') return checkPlain(s, ['float32', 'float32', 'uint8'], 'uint8');
    checkPlain({ ...s, output: inputAt(s, 0) }, ['float32', 'float32', 'uint8'], 'float32');
    checkQuantized(s.output, INT8);
    checkExactFormat(s.output, 1, -128);
  },
  DYNAMIC_DEQUANTIZE: (s) => {
    checkQuantized(inputAt(s, 0), ['int32']);
    checkExactFormat(inputAt(s, 0), 1, 0);
    const types = ['float32', 'uint8', 'int32', 'float32', 'float32'] as const;
    for (const [i, tensor] of s.inputs.slice(1).entries()) {
      if (tensor) checkType(tensor, [types[i]!]);
      if (tensor && i >= 2) checkConstant(tensor, 'channels');
    }
    checkType(s.output, ['float32']);
    const { low, high } = s.attributes;
    demand(low <= high, 'quantization', `bounds its output by ${low} and ${high}`);
  },
  DEQUANTIZE: (s) => {
    checkQuantized(inputAt(s, 0), s.inputs[1] ? ['int32'] : [...INTEGERS, ...PACKED]);
    checkType(s.output, ['float32']);
    if (!s.inputs[1]) return;
    checkType(s.inputs[1], ['float32']);
    checkConstant(s.inputs[1], 'scales');
  },
};

type Weighted = 'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'FULLY_CONNECTED';

/** Weighted sums of activations of 16, 8 or fewer bits, and the three ways in which they end (`docs/formats.md`). */
function checkWeighted(s: Subject<Weighted>, channel: number): void {
  const x = inputAt(s, 0);
  const thresholds = s.inputs[3] ?? null;
  const { type } = s.output.format;
  checkQuantized(x, [...ACTIVATIONS, ...PACKED]);
  checkFiltered(s, channel);
  if (thresholds) checkThresholds(s, thresholds);
  else if (type === 'int32') checkAccumulators(s);
  else if (x.format.type === 'int16') checkQuantized(s.output, ['int16']);
  else checkQuantized(s.output, ['int8', 'uint4', 'uint2']);
}

/** The output's code is clamp.min + count of thresholds reached, or -1 and +1 where it is binary. */
function checkThresholds({ attributes, output }: Subject<Weighted | 'ADD'>, thresholds: Tensor): void {
  checkQuantized(output, ['int8', ...PACKED]);
  checkType(thresholds, ['int32']);
  checkConstant(thresholds, 'thresholds');
  checkSigns(attributes.clamp, output);
  const steps = thresholds.shape[1] ?? 0;
  const { min, max } = attributes.clamp;
  const most = output.format.type === 'binary' ? 1 : max - min;
  demand(steps >= 1 && steps <= most, 'quantization', `${steps} thresholds for codes from ${min} to ${max}`);
  const rising = thresholds.data!.every(
    (value, i, all) => i % steps === 0 || Number(value) >= Number(all[i - 1]),
  );
  demand(rising, 'quantization', `the thresholds '${shortName(thresholds.name)}' do not rise`);
}

/** Thresholds of real inputs: they rise, and there are no more than steps between the output's codes. */
function checkRealThresholds({ inputs, output }: Subject<'QUANTIZE'>, thresholds: Tensor): void {
  checkType(inputs[0]!, ['float32']);
  checkQuantized(output, ['int8', ...PACKED]);
  checkType(thresholds, ['float32']);
  checkConstant(thresholds, 'thresholds');
  const { min, max } = INTEGER_RANGE[output.format.type as 'int8'];
  const most = output.format.type === 'binary' ? 1 : max - min;
  const { shape, data } = thresholds;
  const fits = shape.length === 1 && shape[0]! >= 1 && shape[0]! <= most;
  demand(fits, 'quantization', `thresholds of [${shape}] for codes from ${min} to ${max}`);
  const rising = Array.from(data!, Number).every((value, i, all) => i === 0 || value >= all[i - 1]!);
  demand(rising, 'quantization', `the thresholds '${shortName(thresholds.name)}' do not rise`);
}

/** -1 and +1 leave nothing to clamp. */
function checkSigns({ min, max }: Clamp, { format: { type } }: Tensor): void {
  demand(type !== 'binary' || (min === -1 && max === 1), 'quantization', `clamps signs to ${min} to ${max}`);
}

/** An int32 output is the accumulator itself, so one scale must hold for all channels, and nothing is clamped. */
function checkAccumulators(s: Subject<Weighted>): void {
  const { clamp } = s.attributes;
  const { min, max } = INTEGER_RANGE.int32;
  demand(inputAt(s, 0).format.type !== 'int16', 'type', 'int16 activations have no int32 accumulator');
  demand(
    inputAt(s, 1).format.axis === null,
    'quantization',
    'accumulators of filters with a scale a channel',
  );
  demand(zeroPointOf(s.output) === 0, 'quantization', 'accumulators have no zero point');
  demand(clamp.min === min && clamp.max === max, 'quantization', 'accumulators are not clamped');
}

/**
 * Constant filters of int8, or of int16 for activations of at most 8 bits, per tensor or along `channel`. A zero point of the
 * filter is legal per tensor with int8 activations alone (legacy uint8 models have it).
 */
function checkFiltered(s: Subject<OpKind>, channel: number): void {
  const x = inputAt(s, 0);
  const filter = inputAt(s, 1);
  checkSymmetric16(x);
  checkSymmetric16(s.output);
  checkType(filter, x.format.type === 'int16' || s.output.format.type === 'int16' ? INT8 : ACTIVATIONS);
  checkConstant(filter, 'filter');
  const { scales, zeroPoints, axis } = filter.format;
  demand(scales.length > 0, 'quantization', `'${shortName(filter.name)}' is not quantized`);
  demand(
    axis === null || axis === channel,
    'quantization',
    `'${shortName(filter.name)}' is quantized along dimension ${axis}, not ${channel}`,
  );
  const mayShift = axis === null && x.format.type === 'int8';
  demand(
    mayShift || zeroPoints.every((zero) => zero === 0),
    'quantization',
    `'${shortName(filter.name)}' has a zero point`,
  );
  checkBias(s.inputs[2], x.format.type === 'int16' ? ['int32', 'int64'] : ['int32']);
}

function checkBias(bias: Tensor | null | undefined, types: Types): void {
  if (!bias) return;
  checkType(bias, types);
  checkConstant(bias, 'bias');
  demand(
    bias.format.zeroPoints.every((zero) => zero === 0),
    'quantization',
    `bias '${shortName(bias.name)}' has a zero point`,
  );
}

/** ADD and SUB bring both inputs to twice the larger scale; the output's multiplier must stay below 1. */
function checkSum(s: Subject<OpKind>): void {
  const [a, b] = [inputAt(s, 0), inputAt(s, 1)];
  checkAlike([a, b, s.output], ACTIVATIONS);
  const shift = a.format.type === 'int8' ? 20 : 15;
  const multiplier = (2 * Math.max(scaleOf(a), scaleOf(b))) / (2 ** shift * scaleOf(s.output));
  demand(
    multiplier < 1,
    'quantization',
    `the output's scale ${scaleOf(s.output)} is too small for its inputs`,
  );
}

/** Sums of two codes by constant weights, which end by thresholds. */
function checkPairs(s: Subject<'ADD'>, thresholds: Tensor): void {
  for (const i of [0, 1]) checkQuantized(inputAt(s, i), ['int8', ...PACKED]);
  const filter = inputAt(s, 2);
  checkQuantized(filter, ACTIVATIONS);
  checkConstant(filter, 'filter');
  demand(zeroPointOf(filter) === 0, 'quantization', `'${shortName(filter.name)}' has a zero point`);
  checkThresholds(s, thresholds);
}

/** Pools do not rescale. TFLite Micro tolerates scales that differ by rounding. */
function checkPool(s: Subject<OpKind>): void {
  const x = inputAt(s, 0);
  checkAlike([x, s.output], ACTIVATIONS);
  const close = Math.abs(scaleOf(x) - scaleOf(s.output)) <= 1e-6;
  demand(
    close && zeroPointOf(x) === zeroPointOf(s.output),
    'quantization',
    `'${shortName(x.name)}' and '${shortName(s.output.name)}' differ in scale or zero point`,
  );
}

function checkRelu(s: Subject<OpKind>): void {
  checkAlike([inputAt(s, 0), s.output], ACTIVATIONS);
  checkSymmetric16(inputAt(s, 0));
  checkSymmetric16(s.output);
}

/** LOGISTIC and TANH, whose output formats are fixed. */
function checkSigmoid(s: Subject<OpKind>, scale: number, zeroPoint: number): void {
  const x = inputAt(s, 0);
  checkAlike([x, s.output], ACTIVATIONS);
  checkSymmetric16(x);
  if (x.format.type === 'int8') checkExactFormat(s.output, scale, zeroPoint);
  else checkExactFormat(s.output, 1 / 32768, 0);
}

/** Operators that copy codes: all tensors have the output's format. */
function checkMove(s: Subject<OpKind>, inputs: readonly Tensor[], types: Types): void {
  checkType(s.output, types);
  for (const input of inputs) {
    checkType(input, [s.output.format.type]);
    demand(
      sameFormat(input.format, s.output.format),
      'quantization',
      `'${shortName(input.name)}' and '${shortName(s.output.name)}' differ in scale or zero point`,
    );
  }
}

/** All quantized per tensor, and of one of the types. */
function checkAlike(tensors: readonly Tensor[], types: Types): void {
  const [first] = tensors;
  for (const tensor of tensors) {
    checkQuantized(tensor, types);
    demand(
      tensor.format.type === first?.format.type,
      'type',
      `'${shortName(tensor.name)}' is ${tensor.format.type}, but '${shortName(first?.name ?? '')}' is ${first?.format.type}`,
    );
  }
}

function checkQuantized(tensor: Tensor, types: Types): void {
  checkType(tensor, types);
  const perTensor = tensor.format.scales.length === 1 && tensor.format.axis === null;
  demand(perTensor, 'quantization', `'${shortName(tensor.name)}' is not quantized per tensor`);
}

function checkType(tensor: Tensor, types: Types): void {
  const { type } = tensor.format;
  demand(types.includes(type), 'type', `'${shortName(tensor.name)}' is ${type}, not ${types.join(' or ')}`);
}

/** Types of inputs and output of operators whose scales are tensors themselves: none has a scale of its own. */
function checkPlain(s: Subject<OpKind>, inputs: Types, output: ElementType): void {
  for (const [i, type] of inputs.entries()) checkType(inputAt(s, i), [type]);
  checkType(s.output, [output]);
  const quantized = [...s.inputs, s.output].find((tensor) => tensor && tensor.format.scales.length > 0);
  demand(!quantized, 'quantization', `'${shortName(quantized?.name ?? '')}' has a scale`);
}

function isCodeOf(type: ElementType, code: number): boolean {
  if (type === 'binary') return code === -1 || code === 1;
  const { min, max } = INTEGER_RANGE[type as 'int8'];
  return code >= min && code <= max;
}

function checkConstant(tensor: Tensor, what: string): void {
  demand(tensor.data !== null, 'form', `its ${what} '${shortName(tensor.name)}' is not constant`);
}

/** The integer kernels take int16 tensors as symmetric. */
function checkSymmetric16(tensor: Tensor): void {
  const symmetric = tensor.format.type !== 'int16' || zeroPointOf(tensor) === 0;
  demand(symmetric, 'quantization', `int16 tensor '${shortName(tensor.name)}' has a zero point`);
}

function checkExactFormat(tensor: Tensor, scale: number, zeroPoint: number): void {
  checkFixed(tensor, scale, zeroPoint, 0);
}

/** As TFLite Micro does for 16-bit SOFTMAX. */
function checkNearFormat(tensor: Tensor, scale: number, zeroPoint: number): void {
  checkFixed(tensor, scale, zeroPoint, 0.001 * scale);
}

function checkFixed(tensor: Tensor, scale: number, zeroPoint: number, tolerance: number): void {
  demand(
    Math.abs(scaleOf(tensor) - scale) <= tolerance && zeroPointOf(tensor) === zeroPoint,
    'quantization',
    `'${shortName(tensor.name)}' must have the scale ${scale} and the zero point ${zeroPoint}`,
  );
}
