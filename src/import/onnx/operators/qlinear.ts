import { numberOf } from '../attributes.js';
import { dequantized, realConstant } from '../constants.js';
import type { Site } from '../site.js';
import {
  type Activation,
  type Pending,
  type RealConstant,
  shapeOf,
  UNBOUNDED,
  type Value,
} from '../values.js';
import { convolution } from './convolution.js';
import { dynamicImage, dynamicMatrix, dynamicSum } from './dynamic.js';
import { binary } from './elementwise.js';
import { leaky } from './functions.js';
import { joined } from './joining.js';
import { activationsProduct, gemmProduct, matrixProduct } from './matmul.js';
import { mapped, rescaled } from './outputs.js';
import { average, imageAxes, mean } from './pools.js';
import { softmaxOf } from './softmax.js';
import { pendingSum } from './sums.js';

/** Operators that carry scales and zero points as inputs (operator form). `x` at i has its scale at i + 1 and zero point at i + 2. */
function operand(site: Site, i: number): Activation {
  return site.decoded(i, site.target(i + 1, i + 2));
}

/** A constant operand at i, with one scale or one an index of `axis`. */
function constantOperand(site: Site, i: number, axis: number): RealConstant {
  const codes = site.constant(i, 'weights');
  const scales = site.parameter(i + 1, 'scale');
  const zero = site.has(i + 2) ? site.parameter(i + 2, 'zero point') : null;
  const flat = (tensor: typeof scales) => ({ ...tensor, shape: [tensor.data.length] });
  const spread =
    zero && zero.data.length === 1 && scales.data.length > 1
      ? { ...zero, data: Int32Array.from(scales.data, () => zero.data[0]!) }
      : zero;
  const constant = dequantized(codes, flat(scales), spread && flat(spread), axis, 0);
  return (
    constant ??
    site.fail('BL107', `has ${scales.data.length} scales for weights of the shape [${codes.shape}]`)
  );
}

/** Writes the pending value with scale and zero point at `scale` and `scale + 1`. */
function finish(site: Site, scale: number, value: Pending): Value {
  return site.quantized(value, site.target(scale, scale + 1));
}

/** A bias in steps of input scale times filter scale, as real numbers. */
function steppedBias(site: Site, i: number, x: Activation, w: RealConstant): Float64Array | null {
  if (!site.has(i)) return null;
  const { codes } = realConstant(site.constant(i, 'bias'));
  const step = site.lowering.tensor(x.id).format.scales[0]!;
  const depth = w.codes.length / codes.length;
  return Float64Array.from(codes, (code, c) => code * step * w.scales[Math.floor(c * depth)]!);
}

/** QLinearConv: x 0-2, w 3-5, output 6-7, bias 8. */
export function qlinearConv(site: Site): Value {
  const x = operand(site, 0);
  const w = constantOperand(site, 3, 0);
  return finish(site, 6, convolution(site, x, w, steppedBias(site, 8, x, w), pendingSum));
}

/** QLinearMatMul: a 0-2, b 3-5, output 6-7. */
export function qlinearMatMul(site: Site): Value {
  const a = operand(site, 0);
  const constant = site.value(3).kind === 'constant';
  const product = constant
    ? matrixProduct(site, a, constantOperand(site, 3, site.shape(3).length - 1), null, pendingSum)
    : activationsProduct(site, a, operand(site, 3));
  return finish(site, 6, product);
}

/** QGemm: a 0-2, b 3-5, c 6, output 7-8. The bias counts in steps of both scales times alpha. */
export function qgemm(site: Site): Value {
  const a = operand(site, 0);
  const transposed = numberOf(site.node, 'transB', 0) !== 0;
  const b = constantOperand(site, 3, transposed ? 0 : 1);
  const columns = transposed
    ? b
    : { ...b, scales: b.scales.slice(0, b.shape[1]!), codes: b.codes.slice(0, b.shape[1]!) };
  const alpha = numberOf(site.node, 'alpha', 1);
  const bias = steppedBias(site, 6, a, columns)?.map((value) => value * alpha) ?? null;
  const product = gemmProduct(site, a, b, bias, pendingSum);
  if (!site.has(7)) return site.fail('BL107', 'computes float', 'Give it an output scale');
  return finish(site, 7, product);
}

/** QLinearAdd and QLinearMul: a 0-2, b 3-5, output 6-7. */
export function qlinearBinary(op: 'Add' | 'Mul'): (site: Site) => Value {
  return (site) => {
    const side = (i: number) =>
      site.value(i).kind === 'constant' ? constantOperand(site, i, 0) : operand(site, i);
    const [a, b] = [side(0), side(3)];
    if (a.kind !== 'activation' && b.kind !== 'activation')
      site.fail('BL104', 'combines constants', 'Fold constants before export');
    return finish(site, 6, binary(site, op, a, b));
  };
}

/** QLinearSigmoid and QLinearLeakyRelu: x 0-2, output 3-4. */
export function qlinearUnary(make: (site: Site) => (real: number) => number): (site: Site) => Value {
  return (site) => {
    const x = operand(site, 0);
    const f = make(site);
    return finish(
      site,
      3,
      site.pending({ shape: shapeOf(x), emit: (target, bounds) => mapped(site, x, f, target, bounds) }),
    );
  };
}

export const qlinearSigmoid = qlinearUnary(() => (x) => 1 / (1 + Math.exp(-x)));
export const qlinearLeakyRelu = qlinearUnary((site) => leaky(numberOf(site.node, 'alpha', 0.01)));

/** QLinearSoftmax: x 0-2, output 3-4; the version of Softmax is an attribute. */
export function qlinearSoftmax(site: Site): Value {
  return finish(site, 3, softmaxOf(site, operand(site, 0), numberOf(site.node, 'opset', 13)));
}

function channelsFirst(site: Site): void {
  if (numberOf(site.node, 'channels_last', 0) !== 0)
    site.fail('BL104', 'has channels last', 'Export it with channels first');
}

/** QLinearGlobalAveragePool: x 0-2, output 3-4. */
export function qlinearGlobalAveragePool(site: Site): Value {
  channelsFirst(site);
  const x = operand(site, 0);
  return finish(site, 3, mean(site, x, imageAxes(site, shapeOf(x)), true));
}

/** QLinearAveragePool: x 0-2, output 3-4. */
export function qlinearAveragePool(site: Site): Value {
  channelsFirst(site);
  return finish(site, 3, average(site, operand(site, 0)));
}

/** QLinearReduceMean: x 0-2, output 3-4. */
export function qlinearReduceMean(site: Site): Value {
  const x = operand(site, 0);
  const rank = shapeOf(x).length;
  const given = site.node.attributes.get('axes');
  const axes = Array.isArray(given)
    ? given.map((axis) => site.axis(Number(axis), rank))
    : shapeOf(x).map((_, d) => d);
  return finish(site, 3, mean(site, x, axes, numberOf(site.node, 'keepdims', 1) === 1));
}

/** QLinearConcat: output 0-1, then three inputs a part. */
export function qlinearConcat(site: Site): Value {
  const count = (site.node.inputs.length - 2) / 3;
  if (!Number.isInteger(count) || count < 1) site.fail('BL102', `has ${site.node.inputs.length} inputs`);
  const parts = Array.from({ length: count }, (_, k) => {
    const i = 2 + 3 * k;
    return site.value(i).kind === 'constant' ? constantOperand(site, i, 0) : operand(site, i);
  });
  const value = joined(site, parts, numberOf(site.node, 'axis'));
  const target = site.target(0, 1);
  if (value.kind === 'pending') return site.quantized(value, target);
  if (value.kind !== 'activation') throw new Error('joined constants');
  return { ...rescaled(site, value, target, UNBOUNDED), coded: target.coded };
}

/** The codes of input `i` less the zero point at `zero`, as real numbers: what ConvInteger and MatMulInteger multiply. */
function differences(site: Site, i: number, zero: number): { x: Activation; step: number } {
  const value = site.value(i);
  if (value.kind !== 'activation' || value.coded === null) return site.unquantized(i, value);
  const { format } = site.lowering.tensor(value.id);
  const [step = 1] = format.scales;
  const point = site.has(zero) ? site.parameter(zero, 'zero point') : null;
  if (point && point.data.length !== 1)
    site.fail('BL107', 'has more than one zero point of its activation', 'Use one');
  const target = site.targetFor(value.coded, step, point?.data[0] ?? 0);
  return { x: site.decoded(i, target), step };
}

/** Constant weights less their zero points, scaled so that products with steps of `step` are integers. */
function integerWeights(site: Site, i: number, zero: number, axis: number, step: number): RealConstant {
  const codes = site.constant(i, 'weights');
  const points = site.has(zero) ? site.parameter(zero, 'zero point') : null;
  const count = points?.data.length ?? 1;
  const scales = {
    name: '',
    type: 'float',
    shape: [count],
    data: new Float32Array(count).fill(1 / step),
  } as const;
  const constant = dequantized(codes, scales, points && { ...points, shape: [count] }, axis, 0);
  return constant ?? site.fail('BL107', `has ${count} zero points for weights of the shape [${codes.shape}]`);
}

/** ConvInteger: x, w, zero point of x?, zero point of w?; the int32 sums, which a Mul behind it may scale. */
export function convInteger(site: Site): Value {
  const codes = site.value(0);
  if (codes.kind === 'dynamic codes') {
    const image = dynamicImage(site, codes);
    return convolution(site, codes.x, integerWeights(site, 1, 3, 0, 1), null, dynamicSum(codes), image);
  }
  const { x, step } = differences(site, 0, 2);
  return convolution(site, x, integerWeights(site, 1, 3, 0, step), null, pendingSum);
}

/** MatMulInteger: a, b, zero point of a?, zero point of b?. */
export function matMulInteger(site: Site): Value {
  const codes = site.value(0);
  const axis = site.shape(1).length - 1;
  if (codes.kind === 'dynamic codes') {
    const x = dynamicMatrix(site, codes);
    return matrixProduct(site, x, integerWeights(site, 1, 3, axis, 1), null, dynamicSum(codes));
  }
  const { x, step } = differences(site, 0, 2);
  return matrixProduct(site, x, integerWeights(site, 1, 3, axis, step), null, pendingSum);
}
