import { isFloat, isQonnx, QONNX_DOMAINS } from '../dialect.js';
import type { OnnxModel } from '../model.js';
import type { Importer } from '../site.js';
import * as convolution from './convolution.js';
import { dynamicQuantizeLinear, dynamicScaleStep } from './dynamic.js';
import * as elementwise from './elementwise.js';
import { FLOAT_OPERATORS } from './float/index.js';
import { UNARY } from './functions.js';
import { concat } from './joining.js';
import * as matmul from './matmul.js';
import * as movement from './movement.js';
import * as pools from './pools.js';
import * as qlinear from './qlinear.js';
import { QUANTIZERS, qonnxOperators } from './qonnx.js';
import * as quantize from './quantize.js';
import { resize } from './resize.js';
import * as slicing from './slicing.js';
import * as softmax from './softmax.js';

/** ONNX's own operators. */
const OWN: Readonly<Record<string, Importer>> = {
  Add: elementwise.arithmetic('Add'),
  ArgMax: softmax.argMax,
  AveragePool: pools.averagePool,
  BatchNormalization: convolution.batchNormalization,
  Cast: movement.cast,
  Clip: elementwise.clip(elementwise.clipBounds),
  Concat: concat,
  Conv: convolution.conv,
  ConvInteger: qlinear.convInteger,
  ConvTranspose: convolution.convTranspose,
  DepthToSpace: movement.depthToSpace,
  DequantizeLinear: quantize.dequantizeLinear,
  Div: elementwise.arithmetic('Div'),
  Dropout: movement.dropout,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  Flatten: movement.reshape(movement.flattenTarget),
  Gather: slicing.gather,
  Gemm: matmul.gemm,
  GlobalAveragePool: pools.globalAveragePool,
  GlobalMaxPool: pools.globalMaxPool,
  Identity: movement.alias,
  MatMul: matmul.matMul,
  MatMulInteger: qlinear.matMulInteger,
  Max: elementwise.arithmetic('Max'),
  MaxPool: pools.maxPool,
  Min: elementwise.arithmetic('Min'),
  Mul: dynamicScaleStep(elementwise.arithmetic('Mul')),
  Pad: slicing.pad,
  QLinearConv: qlinear.qlinearConv,
  QLinearMatMul: qlinear.qlinearMatMul,
  QuantizeLinear: quantize.quantizeLinear,
  ReduceMean: pools.reduce('MEAN'),
  ReduceSum: pools.reduce('SUM'),
  Relu: elementwise.clip(elementwise.reluBounds),
  Reshape: movement.reshape(movement.reshapeTarget),
  Resize: resize,
  Slice: slicing.slice,
  Softmax: softmax.softmax,
  SpaceToDepth: movement.spaceToDepth,
  Split: slicing.split,
  Squeeze: movement.reshape(movement.squeezeTarget),
  Sub: elementwise.arithmetic('Sub'),
  Transpose: movement.transpose,
  Unsqueeze: movement.reshape(movement.unsqueezeTarget),
  Upsample: resize,
  ...Object.fromEntries(Object.entries(UNARY).map(([op, make]) => [op, elementwise.unary(make)])),
};

/** Those of them that take elements of any type as they are. */
const MOVING = [
  'Cast',
  'DepthToSpace',
  'Dropout',
  'Flatten',
  'Gather',
  'GlobalMaxPool',
  'Identity',
  'MaxPool',
  'Reshape',
  'Resize',
  'Slice',
  'SpaceToDepth',
  'Split',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
  'Upsample',
] as const satisfies readonly (keyof typeof OWN)[];

/** Operators of com.microsoft, which ONNX Runtime's quantizer writes. */
const MICROSOFT: Readonly<Record<string, Importer>> = {
  DequantizeLinear: quantize.dequantizeLinear,
  Gelu: elementwise.unary(UNARY.Gelu!),
  QGemm: qlinear.qgemm,
  QLinearAdd: qlinear.qlinearBinary('Add'),
  QLinearAveragePool: qlinear.qlinearAveragePool,
  QLinearConcat: qlinear.qlinearConcat,
  QLinearGlobalAveragePool: qlinear.qlinearGlobalAveragePool,
  QLinearLeakyRelu: qlinear.qlinearLeakyRelu,
  QLinearMul: qlinear.qlinearBinary('Mul'),
  QLinearReduceMean: qlinear.qlinearReduceMean,
  QLinearSigmoid: qlinear.qlinearSigmoid,
  QLinearSoftmax: qlinear.qlinearSoftmax,
  QuantizeLinear: quantize.quantizeLinear,
};

const DOMAINS: ReadonlyMap<string, ReadonlyMap<string, Importer>> = new Map([
  ['', new Map(Object.entries(OWN))],
  ['com.microsoft', new Map(Object.entries(MICROSOFT))],
  ...QONNX_DOMAINS.map((domain) => [domain, new Map(Object.entries(QUANTIZERS))] as const),
]);

/** Operators whose meaning differs in models with the quantizers of QONNX. */
const QONNX: ReadonlyMap<string, Importer> = new Map(Object.entries(qonnxOperators(OWN)));

/** Operators of models that are not quantized: those that compute have a form of their own, and those that only move elements have none. */
const FLOAT: ReadonlyMap<string, Importer> = new Map(
  Object.entries({
    ...Object.fromEntries(MOVING.map((op) => [op, OWN[op]!])),
    ...FLOAT_OPERATORS,
  }),
);

/** How an operator is imported; null for those that Bitloom does not have. */
export function importerOf(domain: string, op: string): Importer | null {
  return DOMAINS.get(domain)?.get(op) ?? null;
}

/** As `importerOf`, for the operators of a model. */
export function importersOf(model: OnnxModel): typeof importerOf {
  if (isFloat(model))
    return (domain, op) =>
      domain === '' || (domain === 'com.microsoft' && op === 'Gelu') ? (FLOAT.get(op) ?? null) : null;
  if (!isQonnx(model)) return importerOf;
  return (domain, op) => (domain === '' ? QONNX.get(op) : null) ?? importerOf(domain, op);
}

/** The operators that Bitloom imports, by domain and name. */
export function importedOperators(): readonly string[] {
  return [...DOMAINS].flatMap(([domain, ops]) =>
    [...ops.keys()].map((op) => (domain === '' ? op : `${domain}.${op}`)),
  );
}
