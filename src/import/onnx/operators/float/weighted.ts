/** Layers with weights, and products of matrices, of real numbers. */
import { UNCLAMPED } from '../../../../graph/float.js';
import { plain } from '../../../../graph/tensor.js';
import { realFilter } from '../../filters.js';
import type { Site } from '../../site.js';
import type { Activation } from '../../values.js';
import { convolution, realsOfBias, transposedConvolution } from '../convolution.js';
import { gemmProduct, matricesProduct, matrixProduct } from '../matmul.js';
import { constant, type Waiting } from '../sums.js';
import { isComputed, operand, real } from './operands.js';

const FLOAT = plain('float32');

/** The sum itself: real numbers wait for no format. */
const realSum: Waiting<Activation> = (site, { rows, bias, emit }) =>
  emit({
    filter: realFilter(rows),
    bias: bias && constant(site, 'bias', [rows.channels], Float32Array.from(bias)),
    format: FLOAT,
    clamp: UNCLAMPED,
  });

const biasOf = (site: Site) => (site.has(2) ? realsOfBias(site, 2) : null);

/** Conv: x, w, b?. */
export function conv(site: Site): Activation {
  return convolution(site, real(site, 0), site.reals(1, 'filter'), biasOf(site), realSum);
}

/** ConvTranspose: x, w, b?. */
export function convTranspose(site: Site): Activation {
  return transposedConvolution(site, real(site, 0), realSum);
}

/** Gemm: a, b, c?. */
export function gemm(site: Site): Activation {
  return gemmProduct(site, real(site, 0), site.reals(1, 'second factor'), biasOf(site), realSum);
}

/** MatMul: a, b; by a constant matrix, or of any two. */
export function matMul(site: Site): Activation {
  const b = operand(site, 1);
  if (!isComputed(b) && b.shape.length === 2 && site.shape(0).length >= 2)
    return matrixProduct(site, real(site, 0), site.reals(1, 'second factor'), null, realSum);
  return matricesProduct(site, real(site, 0), real(site, 1)).emit(FLOAT);
}
