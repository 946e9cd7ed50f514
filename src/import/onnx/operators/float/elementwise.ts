/** Operators of real numbers, element by element. */
import { UNCLAMPED } from '../../../../graph/float.js';
import type { Clamp, OpAttributes, OpKind } from '../../../../graph/ops.js';
import { plain, type TensorId } from '../../../../graph/tensor.js';
import { numberOf, textOf } from '../../attributes.js';
import type { Importer, Site } from '../../site.js';
import { type Activation, shapeOf } from '../../values.js';
import { normalization } from '../convolution.js';
import { broadcast, clipBounds, commonOrder } from '../elementwise.js';
import { constant, isComputed, type Operand, operand, real, viewOf } from './operands.js';

const FLOAT = plain('float32');

type Pairwise = 'ADD' | 'SUB' | 'MUL' | 'MAXIMUM' | 'MINIMUM' | 'PRELU';

/** An operator of two operands, broadcast as NumPy does. At least one is computed, as constants are folded. */
function pairwise(site: Site, kind: Pairwise, a: Operand, b: Operand, clamp: Clamp = UNCLAMPED): Activation {
  const shape = broadcast(site, sizesOf(a), sizesOf(b));
  const perm = commonOrder(site, [a, b].filter(isComputed), shape);
  const inputs = [viewOf(site, a, perm), viewOf(site, b, perm)];
  const output = { shape: perm.map((d) => shape[d]!), format: FLOAT };
  const sums = kind === 'ADD' || kind === 'SUB' || kind === 'MUL';
  const id = sums ? site.emit(kind, { clamp }, inputs, output) : site.emit(kind, {}, inputs, output);
  return site.made(id, shape, perm);
}

const sizesOf = (x: Operand) => (isComputed(x) ? shapeOf(x) : x.shape);

/** One number, or one an index of a dimension, as an operand. */
function numbers(values: ArrayLike<number>, shape: readonly number[] = []): Operand {
  return { name: '', type: 'float', shape, data: Float32Array.from(values) };
}

/** Add, Sub, Mul, Max, Min: a, b. */
export function arithmetic(kind: Exclude<Pairwise, 'PRELU'>): Importer {
  return (site) => pairwise(site, kind, ...operands(site));
}

function operands(site: Site): [Operand, Operand] {
  if (site.node.inputs.length !== 2)
    site.fail('BL104', `has ${site.node.inputs.length} inputs`, 'Export it as operators of two inputs');
  const pair: [Operand, Operand] = [operand(site, 0), operand(site, 1)];
  if (pair.some(isComputed)) return pair;
  return site.fail('BL104', 'works on constants', 'Fold constants before export');
}

/** Div by a constant, whose reciprocals are multiplied. */
export function div(site: Site): Activation {
  const [a, b] = operands(site);
  if (isComputed(b)) return site.fail('BL104', 'divides by what is computed', 'Divide by constants');
  const reciprocals = Float32Array.from(b.data, (value) => 1 / value);
  if (!reciprocals.every(Number.isFinite)) site.fail('BL104', 'divides by 0', 'Divide by other constants');
  return pairwise(site, 'MUL', a, { ...b, data: reciprocals });
}

/** Pow by 2, the square. */
export function pow(site: Site): Activation {
  const [a, b] = operands(site);
  if (isComputed(b) || b.data.length !== 1 || b.data[0] !== 2)
    return site.fail(
      'BL104',
      'raises to another power than 2',
      'Rewrite this layer with supported operators',
    );
  return pairwise(site, 'MUL', a, a);
}

export const neg: Importer = (site) => pairwise(site, 'MUL', real(site, 0), numbers([-1]));

/** PRelu: x, slope. */
export const prelu: Importer = (site) => pairwise(site, 'PRELU', real(site, 0), operand(site, 1));

/** An operator of each element of input 0, in whatever order they lie. */
export function unary<K extends OpKind>(kind: K, attributesOf: (site: Site) => OpAttributes[K]): Importer {
  return (site) => mapped(site, real(site, 0), kind, attributesOf(site));
}

function mapped<K extends OpKind>(
  site: Site,
  x: Activation,
  kind: K,
  attributes: OpAttributes[K],
  others: readonly TensorId[] = [],
): Activation {
  const { shape } = site.lowering.tensor(x.id);
  return { ...x, id: site.emit(kind, attributes, [x.id, ...others], { shape, format: FLOAT }) };
}

export const gelu = unary('GELU', (site) => ({
  approximate: textOf(site.node, 'approximate', 'none') === 'tanh',
}));

export const leakyRelu = unary('LEAKY_RELU', (site) => ({
  alpha: Math.fround(numberOf(site.node, 'alpha', 0.01)),
}));

/** HardSigmoid: `alpha * x + beta` from 0 to 1. */
export const hardSigmoid: Importer = (site) => {
  const factor = numbers([numberOf(site.node, 'alpha', 0.2)]);
  const offset = numbers([numberOf(site.node, 'beta', 0.5)]);
  return pairwise(site, 'ADD', pairwise(site, 'MUL', real(site, 0), factor), offset, { min: 0, max: 1 });
};

/** Clip: the usual activations, or a maximum and a minimum. */
export const clip: Importer = (site) => {
  const { low, high } = clipBounds(site);
  const x = real(site, 0);
  if (low === 0 && high === Number.POSITIVE_INFINITY) return mapped(site, x, 'RELU', {});
  if (low === 0 && high === 6) return mapped(site, x, 'RELU6', {});
  if (low === -1 && high === 1) return mapped(site, x, 'RELU_N1_TO_1', {});
  const bound = (value: number) => [constant(site, 'bound', [1], [value])];
  const above = low === Number.NEGATIVE_INFINITY ? x : mapped(site, x, 'MAXIMUM', {}, bound(low));
  return high === Number.POSITIVE_INFINITY ? above : mapped(site, above, 'MINIMUM', {}, bound(high));
};

/** BatchNormalization: a factor and an offset a channel, which `foldAffine` brings into the weights before it. */
export const batchNormalization: Importer = (site) => {
  const { factors, offsets } = normalization(site);
  const x = real(site, 0);
  const shape = [
    factors.length,
    ...shapeOf(x)
      .slice(2)
      .map(() => 1),
  ];
  return pairwise(site, 'ADD', pairwise(site, 'MUL', x, numbers(factors, shape)), numbers(offsets, shape));
};
