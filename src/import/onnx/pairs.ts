/** Sums of two codes: what float32 makes of every pair, and which integers stand for them. */
import { type Format, INTEGER_RANGE } from '../../graph/tensor.js';
import { realOf } from './targets.js';

/** All pairs of codes of two formats in the order of their real sums. */
export interface Pairs {
  /** The sums, each rounded to float32, rising. */
  readonly reals: Float32Array;
  /** The codes, zero points subtracted; those of b negated where they are subtracted. */
  readonly a: Int16Array;
  readonly b: Int16Array;
  /** How many steps of a one step of b is. */
  readonly ratio: number;
}

/** @param sign of b in the sum */
export function pairsOf(a: Format, b: Format, sign: 1 | -1): Pairs {
  const [left, right] = [codesOf(a), codesOf(b)];
  const sums = new Float32Array(left.length * right.length);
  for (const [i, p] of left.entries())
    for (const [k, q] of right.entries()) sums[i * right.length + k] = realOf(a, p) + sign * realOf(b, q);
  const reals = sums.slice().sort();
  const places = new Map<number, number>();
  for (const [place, real] of reals.entries()) if (!places.has(real)) places.set(real, place);
  const pairs = { a: new Int16Array(sums.length), b: new Int16Array(sums.length) };
  for (const [i, sum] of sums.entries()) {
    const place = places.get(sum)!;
    places.set(sum, place + 1);
    pairs.a[place] = left[Math.floor(i / right.length)]! - a.zeroPoints[0]!;
    pairs.b[place] = sign * (right[i % right.length]! - b.zeroPoints[0]!);
  }
  return { reals, ...pairs, ratio: b.scales[0]! / a.scales[0]! };
}

function codesOf({ type }: Format): number[] {
  const { min, max } = INTEGER_RANGE[type as 'int8'];
  if (type === 'binary') return [min, max];
  return Array.from({ length: max - min + 1 }, (_, i) => min + i);
}

/** The codes of one channel along the pairs: from the first on or, where `falls`, from the last back. */
export interface ChannelCuts {
  readonly falls: boolean;
  /** For each code the place of the first pair that reaches it; none is so far. */
  readonly cuts: Int32Array;
}

export interface PairEnding {
  /** Of a and b, in channels that do not fall. */
  readonly weights: readonly [number, number];
  /** Of each channel the sums at which the code rises; in those that fall of sums by negated weights. */
  readonly thresholds: readonly Int32Array[];
  /** The share of pairs whose code is another. */
  readonly off: number;
}

/** The smallest weights whose sums tell the codes of all pairs apart, else those that confuse the fewest. */
export function pairEnding(pairs: Pairs, channels: readonly ChannelCuts[]): PairEnding {
  let best: PairEnding | null = null;
  for (const weights of fractions(pairs.ratio)) {
    const sums = Int32Array.from(pairs.a, (a, i) => weights[0] * a + weights[1] * pairs.b[i]!);
    const [rising, falling] = [orderOf(sums), orderOf(sums.map((sum) => -sum).reverse())];
    const made = channels.map(({ falls, cuts }) => separated(falls ? falling : rising, cuts));
    const off = made.reduce((count, channel) => count + channel.off, 0) / (channels.length * sums.length);
    const ending = { weights, thresholds: made.map(({ thresholds }) => thresholds), off };
    if (off === 0) return ending;
    if (off < (best?.off ?? Number.POSITIVE_INFINITY)) best = ending;
  }
  return best!;
}

const MAX_WEIGHT = 2 ** 15 - 1;

/** Weights [n, m] of which m / n comes ever closer to `ratio`: its continued fraction. */
export function fractions(ratio: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [
    [1, 0],
    [0, 1],
  ];
  let rest = ratio;
  for (;;) {
    const [[n0, m0], [n1, m1]] = found.slice(-2) as [readonly [number, number], readonly [number, number]];
    const whole = Math.floor(rest);
    const next = [whole * n1 + n0, whole * m1 + m0] as const;
    if (!(Math.max(...next) <= MAX_WEIGHT)) return found;
    found.push(next);
    if (Math.abs(next[1] / next[0] - ratio) <= Number.EPSILON * ratio) return found;
    rest = 1 / (rest - whole);
  }
}

/** Sums in the order of the codes that they must get. */
interface Order {
  readonly sums: Int32Array;
  /** The greatest up to each place. */
  readonly greatest: Int32Array;
  /** The least from each place on. */
  readonly least: Int32Array;
}

function orderOf(sums: Int32Array): Order {
  const greatest = sums.slice();
  for (let i = 1; i < sums.length; i++) greatest[i] = Math.max(greatest[i]!, greatest[i - 1]!);
  const least = sums.slice();
  for (let i = sums.length - 2; i >= 0; i--) least[i] = Math.min(least[i]!, least[i + 1]!);
  return { sums, greatest, least };
}

/** Thresholds that part the sums at the cuts, and how many sums come to lie on the wrong side of one. */
function separated(
  order: Order,
  cuts: Int32Array,
): { readonly thresholds: Int32Array; readonly off: number } {
  const { sums, greatest, least } = order;
  let off = 0;
  let last = least[0]!;
  const thresholds = cuts.map((cut) => {
    const beyond = greatest[Math.min(cut, sums.length) - 1];
    const above = beyond === undefined ? last : beyond + 1;
    const candidates = [least[cut] ?? above, above].map((value) => Math.max(value, last));
    const wrong = candidates.map((value) => misplaced(order, cut, value));
    const i = wrong[1]! < wrong[0]! ? 1 : 0;
    off += wrong[i]!;
    last = candidates[i]!;
    return last;
  });
  return { thresholds, off };
}

function misplaced({ sums, greatest, least }: Order, cut: number, threshold: number): number {
  let count = 0;
  for (let i = Math.min(cut, sums.length) - 1; i >= 0 && greatest[i]! >= threshold; i--)
    if (sums[i]! >= threshold) count++;
  for (let i = cut; i < sums.length && least[i]! < threshold; i++) if (sums[i]! < threshold) count++;
  return count;
}
