import { elementCount, type Format } from '../../../graph/tensor.js';
import { permutedIndices } from '../arrays.js';
import { numberOf } from '../attributes.js';
import { transposedConstant } from '../constants.js';
import { Layout } from '../layout.js';
import type { Site } from '../site.js';
import { type Activation, type Pending, type RealConstant, shapeOf, type Value } from '../values.js';
import { realsOfBias, rowsOf } from './convolution.js';
import { bounded } from './outputs.js';
import { ending, filterTensor, pendingSum, type Waiting } from './sums.js';

/** MatMul of QDQ form: a, b; b a constant matrix, or both activations. */
export function matMul(site: Site): Value {
  const b = site.value(1);
  if (b.kind === 'activation' || b.kind === 'pending') {
    return activationsProduct(site, site.activation(0), site.activation(1));
  } else {
    return matrixProduct(site, site.activation(0), site.reals(1, 'second factor'), null, pendingSum);
  }
}

/** Gemm of QDQ form: a, b, c?. */
export function gemm(site: Site): Value {
  const bias = site.has(2) ? realsOfBias(site, 2) : null;
  return gemmProduct(site, site.activation(0), site.reals(1, 'second factor'), bias, pendingSum);
}

/** `alpha * a' * b' + beta * bias`, with a' and b' transposed by the node's attributes. */
export function gemmProduct<V extends Value>(
  site: Site,
  a: Activation,
  b: RealConstant,
  bias: Float64Array | null,
  waiting: Waiting<V>,
): V {
  const { node } = site;
  const alpha = numberOf(node, 'alpha', 1);
  const beta = numberOf(node, 'beta', 1);
  if (shapeOf(a).length !== 2 || b.shape.length !== 2) {
    site.fail('BL102', `multiplies [${shapeOf(a)}] and [${b.shape}]`);
  }
  const left = numberOf(node, 'transA', 0) === 0 ? a : { ...a, layout: a.layout.transposed([1, 0]) };
  const right = numberOf(node, 'transB', 0) === 0 ? b : transposedConstant(b, [1, 0]);
  const scaled = { ...right, scales: right.scales.map((scale) => scale * Math.abs(alpha)) };
  const signed = alpha < 0 ? { ...scaled, codes: scaled.codes.map((code) => -code) } : scaled;
  return matrixProduct(site, left, signed, bias?.map((value) => value * beta) ?? null, waiting);
}

/**
 * `x` [..., K] times a constant [K, N] plus a bias [N]. The weights follow the order in which x's elements lie, so that what Flatten
 * joined from an image needs no TRANSPOSE.
 */
export function matrixProduct<V extends Value>(
  site: Site,
  x: Activation,
  w: RealConstant,
  bias: Float64Array | null,
  waiting: Waiting<V>,
): V {
  const { layout } = x;
  const xShape = layout.shape;
  const last = xShape.length - 1;
  const [k = 0, n = 0] = w.shape;
  if (last < 1 || w.shape.length !== 2 || xShape[last] !== k) {
    site.fail(
      'BL104',
      `multiplies [${xShape}] and [${w.shape}]`,
      'The second factor is a matrix, the first has at least two dimensions',
    );
  }
  if (bias && bias.length !== n && bias.length !== 1)
    site.fail('BL104', `has a bias of ${bias.length} for ${n} columns`);
  const { inRows, inDepth } = layout.rowsFirst();
  const order = [...inRows, ...inDepth];
  const depthShape = layout.dims[last]!;
  const depthOrder = inDepth.map((atom) => atom - layout.atoms(last)[0]!);
  const asItLies = permutedIndices(depthShape, depthOrder);
  const weights = transposedConstant(w, [1, 0]);
  const arranged = {
    ...weights,
    codes: weights.codes.map((_, i) => weights.codes[Math.floor(i / k) * k + asItLies[i % k]!]!),
    scales: weights.scales.map((_, i) => weights.scales[Math.floor(i / k) * k + asItLies[i % k]!]!),
  };
  const shape = [...xShape.slice(0, last), n];
  const rows = elementCount(xShape.slice(0, last));
  const outDims = [...layout.dims.slice(0, last), n === 1 ? [] : [n]];
  const outLayout = new Layout(outDims, n === 1 ? inRows : [...inRows, inRows.length]);
  return waiting(site, {
    x,
    rows: rowsOf(arranged),
    bias: bias && Float64Array.from({ length: n }, (_, c) => bias[bias.length === 1 ? 0 : c]!),
    shape,
    channelDim: last,
    emit: ({ filter, bias, thresholds, format, clamp }) => {
      const constant = filterTensor(site, filter, [n, k], 0);
      const inputs = [
        site.lowering.ordered(site.node, x, order, [rows, k]),
        constant,
        bias,
        ...ending(thresholds),
      ];
      const id = site.emit('FULLY_CONNECTED', { clamp }, inputs, { shape: [rows, n], format });
      return { kind: 'activation', id, layout: outLayout, coded: null };
    },
  });
}

/** The product of two activations, which waits for its output's format. */
export function activationsProduct(site: Site, a: Activation, b: Activation): Pending {
  const { shape, emit } = matricesProduct(site, a, b);
  return site.pending({
    shape,
    emit: (target, bounds) => bounded(site, emit(target.format), target, bounds),
  });
}

/** The product of two activations; matrices that lie transposed are taken so. */
export function matricesProduct(site: Site, a: Activation, b: Activation) {
  const [aShape, bShape] = [shapeOf(a), shapeOf(b)];
  const [m, k] = aShape.slice(-2);
  const [k2, n] = bShape.slice(-2);
  const [leadA, leadB] = [aShape.slice(0, -2), bShape.slice(0, -2)];
  const rank = Math.max(leadA.length, leadB.length);
  const lead = Array.from({ length: rank }, (_, d) =>
    Math.max(leadA.at(d - rank) ?? 1, leadB.at(d - rank) ?? 1),
  );
  if (aShape.length < 2 || bShape.length < 2 || k !== k2)
    site.fail('BL104', `multiplies [${aShape}] and [${bShape}]`);
  const shape = [...lead, m!, n!];
  const side = (x: Activation) => {
    const rows = x.layout.dims.map((_, d) => d);
    const swapped = [...rows.slice(0, -2), rows.length - 1, rows.length - 2];
    const adjoint = !x.layout.lies(rows) && x.layout.lies(swapped);
    return { id: () => site.lowering.view(site.node, x, adjoint ? swapped : rows), adjoint };
  };
  const emit = (format: Format): Activation => {
    const [left, right] = [side(a), side(b)];
    const attributes = { adjX: left.adjoint, adjY: right.adjoint };
    const inputs = [left.id(), right.id()];
    return site.made(site.emit('BATCH_MATMUL', attributes, inputs, { shape, format }), shape);
  };
  return { shape, emit };
}
