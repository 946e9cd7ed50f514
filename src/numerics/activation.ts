/**
 * exp, erf and tanh in plain binary64 arithmetic. ECMAScript leaves the last bits of Math.exp and its kin to the
 * engine; these give the same bits everywhere, so that a model's tables do not depend on where it was built.
 */

/** ln 2 in two parts: the first has few enough bits that its products with k are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const TWO_OVER_SQRT_PI = 1.1283791670955126;
const SQRT_2_OVER_PI = 0.7978845608028654;

/** exp(x) within 1 ulp or so: x = k ln 2 + r with |r| <= ln(2)/2, Taylor series in r. */
export function exp(x: number): number {
  if (x < -745) return 0;
  if (x > 709) return Number.POSITIVE_INFINITY;
  const k = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let series = 1;
  for (let n = 16; n > 0; n--) series = 1 + (series * r) / n;
  return series * 2 ** k;
}

/** erf(x) = 2/sqrt(pi) exp(-x^2) (x + 2x^3/3 + 4x^5/15 + ...): all terms of one sign, so nothing cancels. */
export function erf(x: number): number {
  if (x >= 6) return 1;
  if (x <= -6) return -1;
  let term = x;
  let sum = 0;
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return TWO_OVER_SQRT_PI * exp(-x * x) * sum;
}

export function tanh(x: number): number {
  const decay = exp(-2 * Math.abs(x));
  const magnitude = (1 - decay) / (1 + decay);
  return x < 0 ? -magnitude : magnitude;
}

/** x * P(X <= x) for a standard normal X; `approximate` takes its usual tanh form. */
export function gelu(x: number, approximate: boolean): number {
  const s = approximate ? tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)) : erf(x * Math.SQRT1_2);
  return 0.5 * x * (1 + s);
}
