import { numberOf, textOf } from '../attributes.js';
import { uniform } from '../constants.js';
import type { Site } from '../site.js';

/** A function of a real number. */
export type Unary = (real: number) => number;

/** PRelu with one slope for all. */
export function prelu(site: Site): Unary {
  const slope = uniform(site.reals(1, 'slope'));
  if (slope === null) return site.fail('BL104', 'has a slope a channel', 'Use one slope for all channels');
  return leaky(slope);
}

export function leaky(slope: number): Unary {
  return (x) => (x < 0 ? x * slope : x);
}

const attribute = (site: Site, name: string, fallback: number) => numberOf(site.node, name, fallback);
const sigmoid: Unary = (x) => 1 / (1 + Math.exp(-x));
const hardSigmoid =
  (alpha: number, beta: number): Unary =>
  (x) =>
    Math.min(Math.max(alpha * x + beta, 0), 1);

/** Functions of one real number by operator. */
export const UNARY: Readonly<Record<string, (site: Site) => Unary>> = {
  Abs: () => Math.abs,
  Ceil: () => Math.ceil,
  Cos: () => Math.cos,
  Elu: (site) => {
    const alpha = attribute(site, 'alpha', 1);
    return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
  },
  Erf: () => erf,
  Exp: () => Math.exp,
  Floor: () => Math.floor,
  Gelu: (site) =>
    textOf(site.node, 'approximate', 'none') === 'tanh'
      ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  HardSigmoid: (site) => hardSigmoid(attribute(site, 'alpha', 0.2), attribute(site, 'beta', 0.5)),
  HardSwish: () => (x) => x * hardSigmoid(1 / 6, 0.5)(x),
  LeakyRelu: (site) => leaky(attribute(site, 'alpha', 0.01)),
  Log: () => Math.log,
  Mish: () => (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  Neg: () => (x) => -x,
  PRelu: prelu,
  Reciprocal: () => (x) => 1 / x,
  Selu: (site) => {
    const [alpha, gamma] = [
      attribute(site, 'alpha', 1.6732632423543772),
      attribute(site, 'gamma', 1.0507009873554805),
    ];
    return (x) => gamma * (x < 0 ? alpha * Math.expm1(x) : x);
  },
  Sigmoid: () => sigmoid,
  Sin: () => Math.sin,
  Softplus: () => (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0),
  Softsign: () => (x) => x / (1 + Math.abs(x)),
  Sqrt: () => Math.sqrt,
  Tanh: () => Math.tanh,
  ThresholdedRelu: (site) => {
    const alpha = attribute(site, 'alpha', 1);
    return (x) => (x > alpha ? x : 0);
  },
};

/** The error function by its series and its continued fraction, to about 1e-15. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let [term, sum] = [a, a];
    for (let n = 1; n < 100; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}
