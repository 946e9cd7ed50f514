/** How often a tensor takes which values. */

export const BINS = 2048;

export interface Histogram {
  /** The least and the greatest value, 0 among them. */
  readonly low: number;
  readonly high: number;
  /** [BINS], evenly between low and high. */
  readonly counts: Float64Array;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

export function histogramOf(contents: readonly Float32Array[]): Histogram {
  const { low, high } = extremes(contents);
  const counts = new Float64Array(BINS);
  const perUnit = high > low ? BINS / (high - low) : 0;
  for (const values of contents) {
    for (let i = 0; i < values.length; i++) {
      const bin = Math.floor((values[i]! - low) * perUnit);
      counts[bin < BINS ? bin : BINS - 1]! += 1;
    }
  }
  return { low, high, counts };
}

function extremes(contents: readonly Float32Array[]): Range {
  let low = 0;
  let high = 0;
  for (const values of contents) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      else if (value > high) high = value;
    }
  }
  return { low, high };
}

/** Of all values together, each taken to lie in the middle of its bin. */
export function joined(histograms: readonly Histogram[]): Histogram {
  const [first] = histograms;
  if (histograms.length === 1) return first!;
  const low = Math.min(...histograms.map((h) => h.low));
  const high = Math.max(...histograms.map((h) => h.high));
  const counts = new Float64Array(BINS);
  const perUnit = high > low ? BINS / (high - low) : 0;
  for (const histogram of histograms) {
    for (let bin = 0; bin < BINS; bin++) {
      const at = Math.floor((middleOf(histogram, bin) - low) * perUnit);
      counts[Math.min(at, BINS - 1)]! += histogram.counts[bin]!;
    }
  }
  return { low, high, counts };
}

/** The value that stands for those of a bin. */
export function middleOf({ low, high }: Range, bin: number): number {
  return low + ((bin + 0.5) * (high - low)) / BINS;
}
