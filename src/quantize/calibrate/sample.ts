/** Which values a tensor takes, and how often. */
import { evenlySpaced } from '../../numerics/evenly-spaced.js';

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Sample extends Range {
  /** Values of all inferences, evenly taken, in rising order. The least and the greatest of all, 0 among them, are `low` and `high`. */
  readonly values: Float32Array;
}

/** Values of a tensor that are kept. */
const MOST = 2 ** 18;

export function sampleOf(contents: readonly Float32Array[]): Sample {
  let low = 0;
  let high = 0;
  for (const values of contents) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      else if (value > high) high = value;
    }
  }
  const size = contents[0]?.length ?? 0;
  const places = evenlySpaced(size * contents.length, MOST);
  const values = Float32Array.from(places, (place) => contents[Math.floor(place / size)]![place % size]!);
  return { low, high, values: values.sort() };
}

/** Of the values of all of them together. */
export function joined(samples: readonly Sample[]): Sample {
  const [first] = samples;
  if (samples.length === 1) return first!;
  const values = new Float32Array(samples.reduce((sum, sample) => sum + sample.values.length, 0));
  let at = 0;
  for (const sample of samples) {
    values.set(sample.values, at);
    at += sample.values.length;
  }
  return {
    low: Math.min(...samples.map((sample) => sample.low)),
    high: Math.max(...samples.map((sample) => sample.high)),
    values: values.sort(),
  };
}

/** The range without these shares of the values at its ends; 0 stays in it. */
export function cut({ low, high, values }: Sample, below: number, above: number): Range {
  const count = values.length;
  return {
    low: below === 0 ? low : Math.min(0, values[Math.floor(below * count)] ?? 0),
    high: above === 0 ? high : Math.max(0, values[count - 1 - Math.floor(above * count)] ?? 0),
  };
}
