/** Operators of float32 that a quantizer turns into thresholds, with a constant operand or none. */
import { numberOf } from '../attributes.js';
import type { Affine, Slope, Step } from '../chain.js';
import { realsOf, uniform } from '../constants.js';
import type { Importer, Site } from '../site.js';
import type { RealConstant, Value } from '../values.js';
import { extended, type Link, linkOf } from './chained.js';
import { broadcast, clipBounds, reluBounds } from './elementwise.js';
import { UNARY } from './functions.js';

type Binary = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min' | 'Pow';

/** What an operator makes of its varying operand `x` and one constant `v`. */
interface Form {
  readonly at: (x: number, v: number) => number;
  readonly slope: (v: number) => Slope;
  readonly affine?: (v: number) => Affine;
}

const sign = (v: number): Slope => (v >= 0 ? 1 : -1);

/** With the constant as second operand. */
const SECOND: Readonly<Record<Binary, Form>> = {
  Add: { at: (x, v) => x + v, slope: () => 1, affine: (v) => ({ factor: 1, offset: v }) },
  Sub: { at: (x, v) => x - v, slope: () => 1, affine: (v) => ({ factor: 1, offset: -v }) },
  Mul: { at: (x, v) => x * v, slope: sign, affine: (v) => ({ factor: v, offset: 0 }) },
  Div: { at: (x, v) => x / v, slope: sign, affine: (v) => ({ factor: 1 / v, offset: 0 }) },
  Max: { at: Math.max, slope: () => 1 },
  Min: { at: Math.min, slope: () => 1 },
  Pow: { at: (x, v) => x ** v, slope: (v) => (v === 0.5 || (v > 0 && v % 2 === 1) ? 1 : null) },
};

/** With the constant as first operand. */
const FIRST: Readonly<Record<Binary, Form>> = {
  ...SECOND,
  Sub: { at: (x, v) => v - x, slope: () => -1, affine: (v) => ({ factor: -1, offset: v }) },
  Div: { at: (x, v) => v / x, slope: () => null },
  Pow: { at: (x, v) => v ** x, slope: (v) => (v >= 1 ? 1 : v > 0 ? -1 : null) },
};

/** How functions of one number run; of those that are not here neither is known. */
const SLOPES: Readonly<Record<string, Slope>> = {
  Ceil: 1,
  Elu: 1,
  Erf: 1,
  Exp: 1,
  Floor: 1,
  HardSigmoid: 1,
  Log: 1,
  Neg: -1,
  Selu: 1,
  Sigmoid: 1,
  Softplus: 1,
  Softsign: 1,
  Sqrt: 1,
  Tanh: 1,
};

/** As a step where the varying operand is a chain; else what `own` makes of it. */
export function binaryStep(op: Binary, own: Importer | null): Importer {
  return (site) => {
    const [a, b] = [site.value(0), site.value(1)];
    const first = isConstant(a);
    const link = isConstant(b) ? linkOf(site, 0) : first ? linkOf(site, 1) : null;
    if (!link) return own ? own(site) : site.unquantized(0, a);
    const constant = site.reals(first ? 0 : 1, 'operand');
    return extended(site, link, ...stepWith(site, (first ? FIRST : SECOND)[op], link, constant));
  };
}

function isConstant({ kind }: Value): boolean {
  return kind === 'constant' || kind === 'real constant';
}

function stepWith(site: Site, { at, slope, affine }: Form, link: Link, constant: RealConstant) {
  const { values, dim } = parameters(site, link, constant);
  const value = (c: number) => values[values.length === 1 ? 0 : c]!;
  const step: Step = {
    node: site.node,
    channels: values.length,
    at: (x, c) => Math.fround(at(x, value(c))),
    slope: (c) => slope(value(c)),
    ...(affine && { affine: (c: number) => affine(value(c)) }),
  };
  return [step, dim] as const;
}

/** A constant operand: one float32, or one an index of one dimension. */
function parameters(site: Site, { chain, shape }: Link, constant: RealConstant) {
  const one = uniform(constant);
  const whole = broadcast(site, shape, constant.shape).join() === shape.join();
  const sizes = [...shape.map(() => 1), ...constant.shape].slice(-shape.length);
  const along = sizes.flatMap((size, d) => (size > 1 ? [d] : []));
  const dim = along.length === 1 ? along[0]! : null;
  if (!whole || (one === null && dim === null)) {
    return site.fail(
      'BL107',
      `computes in float: its constant [${constant.shape}] differs by more than the channel of [${shape}]`,
      'Put a Quant before it and one behind it, or use one number a channel',
    );
  }
  if (one !== null) return { values: Float32Array.of(one), dim: null };
  checkDim(site, { chain, shape }, dim!);
  return { values: Float32Array.from(realsOf(constant)), dim };
}

export function checkDim(site: Site, { chain, shape }: Pick<Link, 'chain' | 'shape'>, dim: number): void {
  if (chain.dim === null || chain.dim === dim) return;
  site.fail(
    'BL107',
    chain.dim === 'moved'
      ? 'computes in float: it differs by channel, behind an operator that moves elements'
      : `computes in float: it differs along dimension ${dim} of [${shape}], the layer before it along ${chain.dim}`,
    'Put a Quant before it',
  );
}

/** Relu and Clip. */
export const reluStep = (own: Importer) => unaryStep(clipping(reluBounds), () => 1, own);
export const clipStep = (own: Importer) => unaryStep(clipping(clipBounds), () => 1, own);

function clipping(boundsOf: (site: Site) => { readonly low: number; readonly high: number }) {
  return (site: Site) => {
    const { low, high } = boundsOf(site);
    return (x: number) => Math.min(Math.max(x, low), high);
  };
}

/** PRelu, with a slope a channel or one for all. */
export function preluStep(own: Importer): Importer {
  const form: Form = { at: (x, v) => (x < 0 ? x * v : x), slope: (v) => (v >= 0 ? 1 : null) };
  return (site) => {
    const link = linkOf(site, 0);
    return link ? extended(site, link, ...stepWith(site, form, link, site.reals(1, 'slope'))) : own(site);
  };
}

/** Functions of one number by operator. */
export function namedStep(op: string, own: Importer): Importer {
  const slopeOf = (site: Site): Slope => {
    if (op === 'LeakyRelu') return numberOf(site.node, 'alpha', 0.01) >= 0 ? 1 : null;
    if (op === 'ThresholdedRelu') return numberOf(site.node, 'alpha', 1) >= 0 ? 1 : null;
    return SLOPES[op] ?? null;
  };
  return unaryStep(UNARY[op]!, slopeOf, own);
}

function unaryStep(
  make: (site: Site) => (x: number) => number,
  slopeOf: (site: Site) => Slope,
  own: Importer,
): Importer {
  return (site) => {
    const link = linkOf(site, 0);
    if (!link) return own(site);
    const f = make(site);
    const slope = slopeOf(site);
    const step: Step = { node: site.node, channels: 1, at: (x) => Math.fround(f(x)), slope: () => slope };
    return extended(site, link, step, null);
  };
}

/** BatchNormalization, in the order of ONNX's definition: `scale * (x - mean) / sqrt(variance + epsilon) + B`. */
export function normalizationStep(own: Importer): Importer {
  return (site) => {
    const link = linkOf(site, 0);
    if (!link) return own(site);
    if (site.wants(1)) site.fail('BL104', 'is in training mode', 'Export the model for inference');
    const { shape } = link;
    const epsilon = Math.fround(numberOf(site.node, 'epsilon', 1e-5));
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) =>
      Float32Array.from(realsOf(site.reals(i, 'parameters'))),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const channels = shape[1] ?? 1;
    const deviation = variance.map((v) => Math.fround(Math.sqrt(Math.fround(v + epsilon))));
    const sound =
      [gamma, beta, mean, deviation].every((list) => list.length === channels) &&
      deviation.every((d) => d > 0 && Number.isFinite(d));
    if (!sound) site.fail('BL102', `has ${gamma.length} parameters for ${channels} channels`);
    checkDim(site, link, 1);
    const fl = Math.fround;
    const step: Step = {
      node: site.node,
      channels,
      at: (x, c) => fl(fl(fl(gamma[c]! * fl(x - mean[c]!)) / deviation[c]!) + beta[c]!),
      slope: (c) => sign(gamma[c]!),
      affine: (c) => {
        const factor = gamma[c]! / deviation[c]!;
        return { factor, offset: beta[c]! - mean[c]! * factor };
      },
    };
    return extended(site, link, step, 1);
  };
}
