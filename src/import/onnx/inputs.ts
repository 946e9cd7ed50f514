import { BitloomError } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import { type Format, perTensor, plain, type TensorId } from '../../graph/tensor.js';
import { QONNX_QUANTIZERS } from './dialect.js';
import { Layout } from './layout.js';
import type { Lowering } from './lowering.js';
import type { OnnxNode, OnnxValue } from './model.js';
import { type Target, targetOf } from './targets.js';

/** Operators that want images with channels last. */
const SPATIAL = new Set([
  'Conv',
  'ConvInteger',
  'ConvTranspose',
  'QLinearConv',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'QLinearAveragePool',
  'QLinearGlobalAveragePool',
  'Resize',
  'Upsample',
  'DepthToSpace',
  'SpaceToDepth',
]);

/** Operators that leave the order of elements open, so that what follows them decides. */
const OPEN = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  ...QONNX_QUANTIZERS,
  'Identity',
  'Dropout',
  'Cast',
  'Relu',
  'Clip',
  'Pad',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'BatchNormalization',
  'QLinearAdd',
  'QLinearMul',
  'Sigmoid',
  'LeakyRelu',
  'Tanh',
  'HardSwish',
  'HardSigmoid',
  'PRelu',
  'Gelu',
]);

/** Operators that pass codes on. */
const PASSING = new Set([
  'Identity',
  'Dropout',
  'Reshape',
  'Flatten',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'MaxPool',
  'Pad',
  'Slice',
  'Gather',
  'Split',
  'DepthToSpace',
  'SpaceToDepth',
  'Concat',
  'ArgMax',
]);

/** How far a value is followed. */
const FOLLOWED = 64;

/** The first reader of a value, past those that `skip`, that `matches`; null where others come first or it goes on too long. */
function follow(
  lowering: Lowering,
  name: string,
  skip: ReadonlySet<string>,
  matches: (node: OnnxNode, value: string) => boolean,
): { node: OnnxNode; value: string } | null {
  let value = name;
  for (let steps = 0; steps < FOLLOWED; steps++) {
    const [node] = lowering.readers(value);
    if (!node) return null;
    if (matches(node, value)) return { node, value };
    if (!skip.has(node.op)) return null;
    value = node.outputs[0] ?? '';
  }
  return null;
}

/** Declares an input of the model, in the form that its first reader wants; returns the tensor that the caller fills. */
export function declareInput(lowering: Lowering, input: OnnxValue): TensorId {
  const { name, type } = input;
  const shape = shapeOfInput(lowering, input);
  const channelsLast = shape.length === 4 || shape.length === 3 ? readBySpatial(lowering, name) : false;
  const perm = channelsLast ? [0, ...shape.slice(2).map((_, d) => d + 2), 1] : shape.map((_, d) => d);
  const sizes = perm.map((d) => shape[d]!);
  const layout = channelsLast ? Layout.permuted(shape, perm) : Layout.rowMajor(shape);
  if (!layout.isRowMajor()) {
    lowering.note(
      `input '${shortName(name)}' is [${sizes}] here, channels last; in the file it is [${shape}]`,
    );
  }
  if (type === 'float' || type === null) {
    const id = lowering.add({ name, shape: sizes, format: plain('float32'), data: null });
    lowering.values.set(name, { kind: 'activation', id, layout, coded: null });
    return id;
  }
  const target = formatOfInput(lowering, input);
  if (type === 'uint8') {
    const { scales, zeroPoints } = target.format;
    const outer = lowering.add({
      name,
      shape: sizes,
      format: perTensor('uint8', scales[0]!, zeroPoints[0]! + 128),
      data: null,
    });
    const node = { op: 'QUANTIZE', index: lowering.model.nodes.length, outputs: [`${name} as int8`] };
    const inner = lowering.emit(node, 'QUANTIZE', {}, [outer], { shape: sizes, format: target.format });
    lowering.values.set(name, { kind: 'activation', id: inner, layout, coded: type });
    return outer;
  }
  const id = lowering.add({ name, shape: sizes, format: target.format, data: null });
  lowering.values.set(name, { kind: 'activation', id, layout, coded: type });
  return id;
}

function readBySpatial(lowering: Lowering, name: string): boolean {
  return follow(lowering, name, OPEN, ({ op }) => SPATIAL.has(op)) !== null;
}

/** Sizes of an input; an open first one is a batch of 1. Errors: BL105. */
function shapeOfInput(lowering: Lowering, { name, shape }: OnnxValue): readonly number[] {
  const sizes = shape?.map((size, d) => (d === 0 && typeof size === 'string' ? 1 : size));
  const open = !sizes || sizes.length > 8 || sizes.some((size) => typeof size === 'string' || size < 1);
  if (open) {
    throw new BitloomError(
      'BL105',
      `input '${shortName(name)}' has the shape ${sizes ? `[${sizes.slice(0, 9)}]` : 'unknown'}`,
      'Export the model with fixed sizes; only the first, the batch, may be open and is 1 then',
    );
  }
  if (typeof shape![0] === 'string')
    lowering.note(`input '${shortName(name)}' has an open batch; it is 1 here`);
  return sizes as readonly number[];
}

/** Where the scale of an operand is: DequantizeLinear and QLinear operators have it behind the operand. */
function parametersOf(node: OnnxNode, value: string): readonly [number, number] | null {
  const i = node.inputs.indexOf(value);
  if (node.op === 'DequantizeLinear') return i === 0 ? [1, 2] : null;
  if (node.op === 'ConvInteger' || node.op === 'MatMulInteger') return i === 0 ? [-1, 2] : null;
  if (node.op === 'QLinearConcat') return i >= 2 && (i - 2) % 3 === 0 ? [i + 1, i + 2] : null;
  return (node.op.startsWith('QLinear') || node.op === 'QGemm') && i % 3 === 0 && i < 6
    ? [i + 1, i + 2]
    : null;
}

/** The format of an input of codes: as its first reader takes it. Errors: BL105. */
function formatOfInput(lowering: Lowering, { name, type }: OnnxValue): Target {
  const found = follow(lowering, name, PASSING, (node, value) => parametersOf(node, value) !== null);
  const [scale, zero] = found ? parametersOf(found.node, found.value)! : [-1, -1];
  const numberAt = (i: number, absent: number) => {
    const value = found?.node.inputs[i] ?? '';
    return value === '' ? absent : (lowering.model.constants.get(value)?.data[0] ?? absent);
  };
  const step = scale < 0 ? 1 : numberAt(scale, 1);
  const target = type && Math.fround(step) > 0 ? targetOf(type, step, numberAt(zero, 0)) : null;
  if (target && isCode(target.format)) return target;
  throw new BitloomError(
    'BL105',
    `input '${shortName(name)}' is ${type ?? 'of an unknown type'}`,
    'Give the model inputs of float or of quantized codes that its first operator dequantizes',
  );
}

function isCode({ type, zeroPoints }: Format): boolean {
  const [zero = 0] = zeroPoints;
  return type === 'int8' ? zero >= -128 && zero <= 127 : zero === 0;
}
