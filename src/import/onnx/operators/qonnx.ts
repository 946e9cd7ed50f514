/** QONNX: ONNX with quantizers between float operators. Those become integer ones, as exactly as docs/qonnx.md says. */
import { isPacked } from '../../../graph/tensor.js';
import { describe, numberOf } from '../attributes.js';
import { affineOf, channelsOf, isChained } from '../chain.js';
import { realsOf } from '../constants.js';
import type { QONNX_QUANTIZERS } from '../dialect.js';
import type { Importer, Site } from '../site.js';
import type { Activation, RealConstant, Value } from '../values.js';
import { isRowCodes, rowReduceMax, rowScaleStep, rowSum } from './absmax.js';
import { averageStep, meanStep } from './average-step.js';
import { chainedSum } from './chained.js';
import { concatStep } from './concat-step.js';
import { convolution, realsOfBias } from './convolution.js';
import { UNARY } from './functions.js';
import { gemmProduct, matrixProduct } from './matmul.js';
import { multiThreshold } from './multi-threshold.js';
import { pairStep } from './pair-step.js';
import { bipolarQuant, quant, trunc } from './quant.js';
import { binaryStep, clipStep, namedStep, normalizationStep, preluStep, reluStep } from './steps.js';

/** The quantizers, by operator. */
export const QUANTIZERS: Readonly<Record<(typeof QONNX_QUANTIZERS)[number], Importer>> = {
  Quant: quant,
  IntQuant: quant,
  BipolarQuant: bipolarQuant,
  Trunc: trunc,
  MultiThreshold: multiThreshold,
};

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
    Concat: concatStep(own.Concat!),
    Conv: conv,
    Gemm: gemm,
    GlobalAveragePool: averageStep(own.GlobalAveragePool!, codesOf),
    MatMul: (site) => (isConstant(site.value(1)) ? matMul(site) : own.MatMul!(site)),
    Pow: binaryStep('Pow', null),
    PRelu: preluStep(own.PRelu!),
    ReduceMax: rowReduceMax,
    ReduceMean: meanStep(own.ReduceMean!, codesOf),
    Relu: reluStep(own.Relu!),
  };
}

function isConstant({ kind }: Value): boolean {
  return kind === 'constant' || kind === 'real constant';
}

const biasOf = (site: Site) => (site.has(2) ? realsOfBias(site, 2) : null);

function conv(site: Site): Value {
  const { x, factor } = codesOf(site);
  return convolution(site, x, times(weights(site, 'filter'), factor), biasOf(site), chainedSum);
}

function gemm(site: Site): Value {
  const rows = site.value(0);
  if (isRowCodes(rows)) {
    if (numberOf(site.node, 'transA', 0) !== 0) site.fail('BL104', 'sums over rows that differ in scale');
    return gemmProduct(site, rows.shares, site.reals(1, 'second factor'), biasOf(site), rowSum(rows));
  }
  const { x, factor } = codesOf(site);
  return gemmProduct(site, x, times(weights(site, 'second factor'), factor), biasOf(site), chainedSum);
}

function matMul(site: Site): Value {
  const rows = site.value(0);
  if (isRowCodes(rows))
    return matrixProduct(site, rows.shares, site.reals(1, 'second factor'), null, rowSum(rows));
  const { x, factor } = codesOf(site);
  return matrixProduct(site, x, times(weights(site, 'second factor'), factor), null, chainedSum);
}

/** Input 1. Whole numbers need no quantizer: FINN leaves weights so. */
function weights(site: Site, what: string): RealConstant {
  const constant = site.reals(1, what);
  const reals = realsOf(constant);
  if (!reals.every((real) => Number.isInteger(real) && Math.abs(real) <= MAX_WHOLE)) return constant;
  return { ...constant, codes: Int32Array.from(reals), scales: new Float32Array(reals.length).fill(1) };
}

const MAX_WHOLE = 2 ** 15 - 1;

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
