/** QONNX: ONNX with quantizers between float operators. Those become integer ones, as exactly as docs/qonnx.md says. */
import { isPacked } from '../../../graph/tensor.js';
import { describe, numberOf } from '../attributes.js';
import { affineOf, channelsOf, isChained } from '../chain.js';
import type { OnnxModel } from '../model.js';
import type { Importer, Site } from '../site.js';
import type { Activation, RealConstant, Value } from '../values.js';
import { isRowCodes, rowReduceMax, rowScaleStep, rowSum } from './absmax.js';
import { averageStep } from './average-step.js';
import { chainedSum } from './chained.js';
import { convolution, realsOfBias } from './convolution.js';
import { UNARY } from './functions.js';
import { gemmProduct, matrixProduct } from './matmul.js';
import { pairStep } from './pair-step.js';
import { bipolarQuant, quant, trunc } from './quant.js';
import { binaryStep, clipStep, namedStep, normalizationStep, reluStep } from './steps.js';

/** The quantizers, and the domains that exporters and tools put them in. */
export const QUANTIZERS: Readonly<Record<string, Importer>> = {
  Quant: quant,
  IntQuant: quant,
  BipolarQuant: bipolarQuant,
  Trunc: trunc,
};

export const QONNX_DOMAINS = ['onnx.brevitas', 'qonnx.custom_op.general', 'finn.custom_op.general'] as const;

/** Whether a model has such quantizers, so that its float operators wait for them. */
export function isQonnx({ nodes }: OnnxModel): boolean {
  return nodes.some(
    ({ domain, op }) => QONNX_DOMAINS.some((known) => known === domain) && Object.hasOwn(QUANTIZERS, op),
  );
}

/** ONNX's operators as they are in such a model, where they differ from QDQ form. */
export function qonnxOperators(own: Readonly<Record<string, Importer>>): Readonly<Record<string, Importer>> {
  const binary = (['Mul', 'Div', 'Max', 'Min'] as const).map((op) => [
    op,
    rowScaleStep(binaryStep(op, own[op]!)),
  ]);
  const unary = Object.keys(UNARY).map((op) => [op, namedStep(op, own[op]!)]);
  return {
    ...Object.fromEntries([...binary, ...unary]),
    Add: binaryStep('Add', pairStep(own.Add!, 1)),
    Sub: binaryStep('Sub', pairStep(own.Sub!, -1)),
    AveragePool: averageStep(own.AveragePool!, codesOf),
    BatchNormalization: normalizationStep(own.BatchNormalization!),
    Clip: rowScaleStep(clipStep(own.Clip!)),
    Conv: conv,
    Gemm: gemm,
    GlobalAveragePool: averageStep(own.GlobalAveragePool!, codesOf),
    MatMul: (site) => (isConstant(site.value(1)) ? matMul(site) : own.MatMul!(site)),
    Pow: binaryStep('Pow', null),
    ReduceMax: rowReduceMax,
    Relu: reluStep(own.Relu!),
  };
}

function isConstant({ kind }: Value): boolean {
  return kind === 'constant' || kind === 'real constant';
}

const biasOf = (site: Site) => (site.has(2) ? realsOfBias(site, 2) : null);

function conv(site: Site): Value {
  const { x, factor } = codesOf(site);
  return convolution(site, x, times(site.reals(1, 'filter'), factor), biasOf(site), chainedSum);
}

function gemm(site: Site): Value {
  const rows = site.value(0);
  if (isRowCodes(rows)) {
    if (numberOf(site.node, 'transA', 0) !== 0) site.fail('BL104', 'sums over rows that differ in scale');
    return gemmProduct(site, rows.shares, site.reals(1, 'second factor'), biasOf(site), rowSum(rows));
  }
  const { x, factor } = codesOf(site);
  return gemmProduct(site, x, times(site.reals(1, 'second factor'), factor), biasOf(site), chainedSum);
}

function matMul(site: Site): Value {
  const rows = site.value(0);
  if (isRowCodes(rows))
    return matrixProduct(site, rows.shares, site.reals(1, 'second factor'), null, rowSum(rows));
  const { x, factor } = codesOf(site);
  return matrixProduct(site, x, times(site.reals(1, 'second factor'), factor), null, chainedSum);
}

function times(constant: RealConstant, factor: number): RealConstant {
  if (factor === 1) return constant;
  const { codes, scales } = constant;
  return {
    ...constant,
    codes: factor < 0 ? codes.map((code) => -code) : codes,
    scales: scales.map((scale) => scale * Math.abs(factor)),
  };
}

/** Input 0 as codes, times a factor that goes into the weights. Errors: BL107 where it is computed in float. */
function codesOf(site: Site): { readonly x: Activation; readonly factor: number } {
  const value = site.value(0);
  const wayOut = 'Put a Quant between them; Bitloom computes weighted sums of codes alone';
  const name = site.node.inputs[0]!;
  if (isChained(value) && value.chain.source.kind === 'codes') {
    const { source, moves } = value.chain;
    const line = channelsOf(value.chain) === 1 ? affineOf(value.chain, 0) : null;
    if (line && line.offset === 0 && line.factor !== 0 && moves.length === 0)
      return { x: source.x, factor: line.factor };
    return { x: value.emitFree!(value.bounds), factor: 1 };
  }
  if (isChained(value) && value.chain.source.kind === 'pair')
    return { x: value.emitFree!(value.bounds), factor: 1 };
  if (value.kind === 'activation' && value.coded === null) {
    const { type } = site.lowering.tensor(value.id).format;
    if (type === 'int8' || type === 'int16' || isPacked(type)) return { x: value, factor: 1 };
    return site.fail('BL107', `computes in float: no Quant stands before its input '${name}'`, wayOut);
  }
  if (value.kind === 'pending')
    return site.fail('BL107', `reads what ${describe(value.node)} computes in float`, wayOut);
  return site.unquantized(0, value);
}
