/** What the values of a feature map are: histograms of its codes over calibration data, and what fewer bits make of them. */
import type { Tensor } from '../graph/tensor.js';
import { scaleOf, zeroPointOf } from '../graph/tensor.js';
import type { FeatureMap, Narrow } from './feature-maps.js';
import { channelOf, codeOf, type MapFormat, realOf } from './formats.js';

const CODES = 256;

/** How often each int8 code was seen, by channel (the last dimension). */
export class Histogram {
  readonly channels: number;
  readonly #counts: Float64Array;

  constructor({ shape }: Pick<Tensor, 'shape'>) {
    this.channels = shape.at(-1) ?? 1;
    this.#counts = new Float64Array(this.channels * CODES);
  }

  /** Counts the codes of one image's map. */
  add(codes: ArrayLike<number>): void {
    const counts = this.#counts;
    const { channels } = this;
    for (let i = 0, c = 0; i < codes.length; i++) {
      counts[c * CODES + codes[i]! + 128]!++;
      c = c + 1 === channels ? 0 : c + 1;
    }
  }

  /** Counts of a channel, from code -128 on. */
  ofChannel(channel: number): Float64Array {
    return this.#counts.subarray(channel * CODES, (channel + 1) * CODES);
  }

  /** Counts of all channels. */
  total(): Float64Array {
    const total = new Float64Array(CODES);
    this.#counts.forEach((count, i) => {
      total[i % CODES]! += count;
    });
    return total;
  }
}

/** Shannon's entropy, in bits. */
export function entropy(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const sum = all.reduce((total, count) => total + count, 0);
  return all.reduce((h, count) => (count === 0 ? h : h - (count / sum) * Math.log2(count / sum)), 0);
}

/** Entropy of the codes when the map is stored so. */
export function entropyOf(histogram: Histogram, tensor: Tensor, format: MapFormat): number {
  const stored = new Float64Array(2 ** format.bits);
  for (let c = 0; c < histogram.channels; c++) {
    const channel = channelOf(format, c);
    for (const { real, count } of seenOf(histogram.ofChannel(c), tensor))
      stored[codeOf(channel, real)]! += count;
  }
  return entropy(stored);
}

/** By how much a channel's values are greater, on average, when stored so. */
export function meanShift(histogram: Histogram, tensor: Tensor, format: MapFormat, c: number): number {
  const channel = channelOf(format, c);
  let [sum, shift] = [0, 0];
  for (const { real, count } of seenOf(histogram.ofChannel(c), tensor)) {
    sum += count;
    shift += count * (realOf(channel, codeOf(channel, real)) - real);
  }
  return sum === 0 ? 0 : shift / sum;
}

interface Seen {
  readonly real: number;
  readonly count: number;
}

function seenOf(counts: Float64Array, tensor: Tensor): Seen[] {
  const [scale, zero] = [scaleOf(tensor), zeroPointOf(tensor)];
  const seen: Seen[] = [];
  counts.forEach((count, i) => {
    if (count > 0) seen.push({ real: scale * (i - 128 - zero), count });
  });
  return seen;
}

/** The format of least mean square error of the values that were seen, in each channel or, where readers want it, in all at once. */
export function bestFormat({ tensor, steps }: FeatureMap, histogram: Histogram, bits: Narrow): MapFormat {
  const total = seenOf(histogram.total(), tensor);
  const negative = total.some(({ real }) => real < 0);
  if (steps === 'one' || (steps === 'from zero' && negative)) {
    const { scale, low } = withZero(total, bits);
    return { bits, scales: [scale || scaleOf(tensor)], lows: [low] };
  }
  const channels = Array.from({ length: histogram.channels }, (_, c) => {
    const seen = seenOf(histogram.ofChannel(c), tensor);
    return steps === 'from zero' ? withZero(seen, bits) : free(seen, bits);
  });
  // Few images show what a channel can be: what is rare may be missing among them.
  const least = (withZero(total, bits).scale || scaleOf(tensor)) * LEAST_STEP;
  const top = 2 ** bits - 1;
  const [lowest, highest] = [total[0]!.real, total.at(-1)!.real];
  const wide = channels.map(({ scale, low }) => {
    if (scale >= least) return { scale: Math.fround(scale), low };
    if (steps !== 'free') return { scale: Math.fround(least), low };
    // On both sides, but not beyond the bounds of an activation.
    const middle = low - ((least - scale) * top) / 2;
    return { scale: Math.fround(least), low: Math.max(lowest, Math.min(middle, highest - least * top)) };
  });
  return { bits, scales: wide.map(({ scale }) => scale), lows: wide.map(({ low }) => low) };
}

/** The smallest step of a channel, as a share of that of one grid for all channels. */
const LEAST_STEP = 0.5;

interface Grid {
  readonly scale: number;
  readonly low: number;
}

/** Shares of the whole range that are tried. */
const SHARES = Array.from({ length: 20 }, (_, i) => 1 - i / 24);

/** Of grids that hold 0. */
function withZero(seen: readonly Seen[], bits: Narrow): Grid {
  const top = 2 ** bits - 1;
  const low = Math.min(0, ...seen.map(({ real }) => real));
  const high = Math.max(0, ...seen.map(({ real }) => real));
  const grids: Grid[] = [];
  for (let below = low < 0 ? 1 : 0; below <= (low < 0 ? top : 0); below++) {
    const widest = Math.max(below > 0 ? -low / below : 0, below < top ? high / (top - below) : 0);
    for (const share of SHARES) {
      const scale = Math.fround(widest * share);
      grids.push({ scale, low: -below * scale });
    }
  }
  return leastError(seen, grids, bits);
}

function free(seen: readonly Seen[], bits: Narrow): Grid {
  const reals = seen.map(({ real }) => real);
  const [low, high] = [Math.min(...reals), Math.max(...reals)];
  if (seen.length === 0) return { scale: 0, low: 0 };
  const grids = SHARES.flatMap((share) =>
    // Clipped on either side alike, or on one.
    [0, 0.5, 1].map((side) => ({
      scale: ((high - low) * share) / (2 ** bits - 1),
      low: low + (high - low) * (1 - share) * side,
    })),
  );
  return leastError(seen, grids, bits);
}

function leastError(seen: readonly Seen[], grids: readonly Grid[], bits: Narrow): Grid {
  let best = grids[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const grid of grids) {
    if (!(grid.scale > 0)) continue;
    const channel = { bits, ...grid };
    let error = 0;
    for (const { real, count } of seen) {
      const lost = real - realOf(channel, codeOf(channel, real));
      error += count * lost * lost;
    }
    if (error < least) [best, least] = [grid, error];
  }
  return best;
}
