import { INTEGER_RANGE } from '../../../graph/tensor.js';
import { type Filter, filterOf } from '../filters.js';
import type { Site } from '../site.js';
import type { Sum } from './sums.js';

/** A weighted sum of codes as integers with exact bounds. Its own bias is left out. */
export interface ExactSum {
  /** The integer weights, zero points subtracted, a row a channel. */
  readonly values: Int32Array;
  readonly depth: number;
  /** Greatest magnitude of a weight, at least 1. */
  readonly greatest: number;
  /** Of each channel what its accumulator can be. */
  readonly ranges: readonly { readonly low: number; readonly high: number }[];
  /** Real value of a step of the accumulator: input scale times filter scale, a double. */
  readonly scaleOf: (channel: number) => number;
  /** The sum as a float32: rounded once, whatever the order in which floats would be added. */
  readonly realOf: (accumulator: number, channel: number) => number;
  /** Filter scale of each channel or of all. */
  readonly scales: readonly number[];
}

/** Room for what is added to an accumulator. */
const MAX_ACCUMULATOR = 2 ** 31 - 2 ** 10;

/** Errors: BL107 where the weights are no integers by one scale a channel, or where sums do not fit 32 bits. */
export function exactSum(site: Site, { x, rows }: Sum): ExactSum {
  const filter = filterOf(rows, new Float64Array(rows.channels).fill(1));
  if (filter.error > 0) {
    site.fail(
      'BL107',
      'has weights in float: no Quant stands before them',
      'Quantize them, with one scale a tensor or an output channel',
    );
  }
  const values = Int32Array.from(filter.values, (value) => value - filter.zeroPoint);
  const { type, scales, zeroPoints } = site.lowering.tensor(x.id).format;
  const { min, max } = INTEGER_RANGE[type as 'int8'];
  const [least, most] = [Math.min(0, min - zeroPoints[0]!), Math.max(0, max - zeroPoints[0]!)];
  const { channels, depth } = rows;
  const ranges = Array.from({ length: channels }, (_, c) => {
    let [low, high] = [0, 0];
    for (const value of values.subarray(c * depth, (c + 1) * depth)) {
      low += value * (value > 0 ? least : most);
      high += value * (value > 0 ? most : least);
    }
    return { low, high };
  });
  if (ranges.some(({ low, high }) => Math.max(-low, high) > MAX_ACCUMULATOR)) {
    site.fail('BL107', 'has sums beyond 32 bits', 'Quantize the model again; its weights are too large');
  }
  const scaleOf = (c: number) => scales[0]! * filter.scales[filter.scales.length === 1 ? 0 : c]!;
  return {
    values,
    depth,
    greatest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 1),
    ranges,
    scaleOf,
    realOf: (accumulator, c) => Math.fround(accumulator * scaleOf(c)),
    scales: filter.scales,
  };
}

/** The filter of the weights times `step`, and negated in the channels that fall. */
export function filterBy(
  { values, depth, scales }: ExactSum,
  falls: readonly boolean[],
  step: number,
): Filter {
  const out = values.map((value, i) => value * step * (falls[Math.floor(i / depth)] ? -1 : 1));
  const narrow = out.every((value) => value >= -128 && value <= 127);
  return {
    values: narrow ? Int8Array.from(out) : Int16Array.from(out),
    type: narrow ? 'int8' : 'int16',
    scales,
    zeroPoint: 0,
    error: 0,
  };
}
