import type { Format } from '../../graph/tensor.js';

/** Weights of a layer, one row of `depth` elements an output channel: `scales[i] * codes[i]`. */
export interface Rows {
  readonly channels: number;
  readonly depth: number;
  readonly codes: Int32Array;
  readonly scales: Float32Array;
}

/** Weights as the graph has them: values of one type and one scale a channel (or one for all); of float32 none. */
export interface Filter {
  readonly values: Int8Array | Int16Array | Float32Array;
  readonly type: 'int8' | 'int16' | 'float32';
  readonly scales: readonly number[];
  /** Of all channels; not 0 only where all share one scale. */
  readonly zeroPoint: number;
  /** Greatest error of a weight by the rounding of scales of groups, as a share of its channel's greatest weight; 0: exact. */
  readonly error: number;
}

/** 2^31 less room for the bias and rounding, by the greatest distance of an activation from its zero point. */
const ACCUMULATOR = 2 ** 30;
const GREATEST_ACTIVATION = 255;

/** How far a step may be divided so that the scales of groups become multiples of it exactly. */
const MAX_MULTIPLE = 255;

/**
 * The filter of `factors[channel] * rows`, whose factors come from operators behind the layer (BatchNormalization, Mul). Codes of a
 * channel with one scale stay as they are, negated where the factor is negative. Where groups of a channel have scales of their own,
 * values are multiples of its smallest step; of scales that have no common one, of a step as small as the accumulator allows.
 */
export function filterOf({ channels, depth, codes, scales }: Rows, factors: ArrayLike<number>): Filter {
  const values = new Int32Array(codes.length);
  const channelScales: number[] = [];
  let error = 0;
  for (let c = 0; c < channels; c++) {
    const row = codes.subarray(c * depth, (c + 1) * depth);
    const steps = scales.subarray(c * depth, (c + 1) * depth);
    const factor = factors[c]!;
    const { step, multiples, rest } = commonStep(row, steps);
    const scale = Math.fround(Math.abs(factor) * step);
    const dead = !(scale > 0);
    channelScales.push(dead ? 1 : scale);
    const sign = factor < 0 ? -1 : 1;
    if (!dead)
      for (let k = 0; k < depth; k++) values[c * depth + k] = sign * Math.round(row[k]! * multiples(k));
    error = Math.max(error, rest);
  }
  const [first = 1] = channelScales;
  const same = channelScales.every((scale) => scale === first);
  return { ...stored(values, same), scales: same ? [first] : channelScales, error };
}

/** The same weights as real numbers. */
export function realFilter({ codes, scales }: Rows): Filter {
  const values = Float32Array.from(codes, (code, i) => code * scales[i]!);
  return { values, type: 'float32', scales: [], zeroPoint: 0, error: 0 };
}

/** The step that the elements of a row are multiples of. */
function commonStep(codes: Int32Array, scales: Float32Array) {
  const distinct = new Set<number>();
  for (const [k, code] of codes.entries()) if (code !== 0) distinct.add(scales[k]!);
  const [first = 1] = distinct;
  if (distinct.size <= 1) return { step: first, multiples: () => 1, rest: 0 };
  const smallest = Math.min(...distinct);
  for (let divisor = 1; divisor <= 2; divisor++) {
    const step = smallest / divisor;
    const whole = [...distinct].every(
      (scale) => Number.isInteger(scale / step) && scale / step <= MAX_MULTIPLE,
    );
    if (whole && fits(codes, scales, step))
      return { step, multiples: (k: number) => scales[k]! / step, rest: 0 };
  }
  let greatest = 0;
  let sum = 0;
  for (const [k, code] of codes.entries()) {
    greatest = Math.max(greatest, Math.abs(code * scales[k]!));
    sum += Math.abs(code * scales[k]!);
  }
  const step = Math.max(greatest / 32767, (sum * GREATEST_ACTIVATION) / ACCUMULATOR);
  return { step, multiples: (k: number) => scales[k]! / step, rest: step / (2 * greatest) };
}

/** Whether values of 16 bits and a sum of 32 hold the row in multiples of `step`. */
function fits(codes: Int32Array, scales: Float32Array, step: number): boolean {
  let sum = 0;
  for (const [k, code] of codes.entries()) {
    const value = Math.abs(code * scales[k]!) / step;
    if (value > 32767) return false;
    sum += value;
  }
  return sum * GREATEST_ACTIVATION <= ACCUMULATOR;
}

/** In 8 bits where they fit, by a zero point if need be and all channels share one; else in 16. */
function stored(values: Int32Array, oneScale: boolean): Pick<Filter, 'values' | 'type' | 'zeroPoint'> {
  let [min, max] = [0, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min >= -128 && max <= 127) return { values: Int8Array.from(values), type: 'int8', zeroPoint: 0 };
  if (oneScale && max - min <= 255) {
    const zeroPoint = max > 127 ? 127 - max : -128 - min;
    return { values: Int8Array.from(values, (value) => value + zeroPoint), type: 'int8', zeroPoint };
  }
  return { values: Int16Array.from(values), type: 'int16', zeroPoint: 0 };
}

/** The format of a filter whose channels are dimension `axis`. */
export function filterFormat({ type, scales, zeroPoint }: Filter, axis: number): Format {
  const zeroPoints = scales.map(() => zeroPoint);
  return { type, scales, zeroPoints, axis: scales.length > 1 ? axis : null };
}
