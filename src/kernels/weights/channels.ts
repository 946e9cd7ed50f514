/** What the WASM kernels of int8 know about each output channel, as blocks of eight. */
import type { Clamp } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { accumulatorBound, inputRange } from './accumulator-bound.js';
import type { FilterRows, LinearLayer } from './linear.js';
import { NO_STEP, oneStep } from './one-step.js';
import { laneShifts, packMultipliers } from './requantizer.js';

/** Channels of a block. */
export const BLOCK = 8;

/** Members of a kernel's shape that say how it requantizes (`assembly/one_step.ts`). */
export interface Requantization {
  /** 1 where one step in float64 is proved to give the two roundings of every channel. */
  readonly one_step: number;
  /** 1 where the clamp swallows whatever negative sums give. */
  readonly relu: number;
  readonly right_shift: number;
}

export interface Channels {
  /** Blocks of eight channels as `assembly/one_step.ts` reads them. */
  readonly data: Int32Array;
  readonly shape: Requantization;
}

/**
 * Packs biases, which must include -zeroPoint * sum(weight), and multipliers.
 * @param order channel by place; null where a place is not used
 */
export function packChannels(
  layer: LinearLayer,
  rows: FilterRows,
  bias: Int32Array,
  multipliers: readonly Multiplier[],
  clamp: Clamp,
  order: readonly (number | null)[],
): Channels {
  const zero = zeroPointOf(layer.output);
  const relu = clamp.min >= zero;
  const results = { min: clamp.min - zero, max: clamp.max - zero };
  const bounds = accumulatorBounds(layer, rows);
  const steps = multipliers.map((multiplier, c) => oneStep(multiplier, bounds[c]!, results));
  const one = steps.every((step) => step !== null);
  const packed = packMultipliers(multipliers);
  const shifts = laneShifts(packed);
  const words = one ? 40 : 24;
  const data = new Int32Array((order.length / BLOCK) * words);
  const doubles = new Float64Array(data.buffer);
  order.forEach((channel, place) => {
    const lane = place % BLOCK;
    const block = Math.floor(place / BLOCK) * words;
    const step = channel === null ? NO_STEP : steps[channel]!;
    if (step && one) {
      doubles[block / 2 + 4 + lane] = step.scale;
      doubles[block / 2 + 12 + lane] = step.offset;
    }
    if (channel === null) return;
    data[block + lane] = bias[channel]!;
    if (one) return;
    data[block + 8 + lane] = packed.multiplier[channel]!;
    data[block + 16 + lane] = shifts[channel]!;
  });
  return {
    data,
    shape: { one_step: one ? 1 : 0, relu: relu ? 1 : 0, right_shift: packed.rightShift },
  };
}

function accumulatorBounds(layer: LinearLayer, rows: FilterRows): number[] {
  const range = inputRange('int8', zeroPointOf(layer.input));
  const zero = zeroPointOf(layer.filter);
  return Array.from({ length: rows.channels }, (_, c) => {
    const bias = Number(layer.bias?.[c] ?? 0);
    return accumulatorBound(layer.filter.data, rows.start(c), rows.count, rows.step, zero, range, bias);
  });
}

/** Channels by place: blocks of eight, of which the last overlaps the one before where it would not be full. */
export function overlappingBlocks(channels: number): (number | null)[] {
  return Array.from({ length: Math.ceil(channels / BLOCK) * BLOCK }, (_, place) => {
    const block = place - (place % BLOCK);
    const first = Math.max(0, Math.min(block, channels - BLOCK));
    const channel = first + (place % BLOCK);
    return channel < channels ? channel : null;
  });
}
