/** What the WASM kernels of int8 know about each output channel, as blocks of eight. */
import type { Clamp } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { type AccumulatorRange, accumulatorRange, inputRange } from './accumulator-bound.js';
import type { FilterRows, LinearLayer } from './linear.js';
import {
  allOf,
  EXCESS,
  NO_STEP,
  type OneStep,
  oneSteps,
  SHORT_MAGIC,
  type ShortStep,
  shortStep,
} from './one-step.js';
import { laneShifts, type PackedMultipliers, packMultipliers } from './requantizer.js';

/** Channels of a block. */
export const BLOCK = 8;

/** Members of a kernel's shape that say how it requantizes (`assembly/one_step.ts`). */
export interface Requantization {
  /** 1 where one step in float64 is proved to give the two roundings of every channel, 2 where one in float32 is. */
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
  order: Order,
): Channels {
  const zero = zeroPointOf(layer.output);
  const relu = clamp.min >= zero;
  const results = { min: clamp.min - zero, max: clamp.max - zero };
  const ranges = accumulatorRanges(layer, rows);
  const steps = oneSteps(multipliers, ranges, results);
  const centre = results.max >> 1;
  const short =
    steps && relu
      ? allOf(steps.map((step, c) => () => shortStep(step, ranges[c]!, results.max, centre)))
      : null;
  const packed = packMultipliers(multipliers);
  const data = short
    ? packShortSteps(short, centre, bias, order)
    : steps
      ? packSteps(steps, bias, order)
      : packRoundings(packed, bias, order);
  return {
    data,
    shape: { one_step: short ? 2 : steps ? 1 : 0, relu: relu ? 1 : 0, right_shift: packed.rightShift },
  };
}

/**
 * The same for sums that are multiples: biases times `factor`, modulo 2^32. Sums from which a bias's shift is missing are below
 * 2^24, if any are.
 */
export function multiplyBiases({ data, shape }: Channels, factor: number, blocks: number): Channels {
  const words = data.length / blocks;
  const multiplied = data.map((value, i) => (i % words < BLOCK ? Math.imul(value, factor) : value));
  return { data: multiplied, shape };
}

type Order = readonly (number | null)[];

/** [bias 8][multiplier 8][scale or shift 8] of int32. */
function packRoundings(packed: PackedMultipliers, bias: Int32Array, order: Order): Int32Array {
  const shifts = laneShifts(packed);
  const data = new Int32Array(order.length * 3);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const at = Math.floor(place / BLOCK) * 3 * BLOCK + (place % BLOCK);
    data[at] = bias[channel]!;
    data[at + BLOCK] = packed.multiplier[channel]!;
    data[at + 2 * BLOCK] = shifts[channel]!;
  });
  return data;
}

/** [bias 8] of int32, [scale 8][offset 8] of float64, the excess; 12 bytes of filling. */
function packSteps(steps: readonly OneStep[], bias: Int32Array, order: Order): Int32Array {
  const words = 5 * BLOCK + 4;
  const data = new Int32Array((order.length / BLOCK) * words);
  const doubles = new Float64Array(data.buffer);
  order.forEach((channel, place) => {
    const [block, lane] = [Math.floor(place / BLOCK) * words, place % BLOCK];
    const { scale, offset } = channel === null ? NO_STEP : steps[channel]!;
    data[block + 5 * BLOCK] = EXCESS;
    doubles[(block + BLOCK) / 2 + lane] = scale;
    doubles[(block + 3 * BLOCK) / 2 + lane] = offset;
    if (channel !== null) data[block + lane] = bias[channel]!;
  });
  return data;
}

/** [bias 8] of int32, [scale 8][offset 8] of float32, the magic number and, as int32, what it adds; 8 bytes of filling. */
function packShortSteps(
  steps: readonly ShortStep[],
  centre: number,
  bias: Int32Array,
  order: Order,
): Int32Array {
  const words = 3 * BLOCK + 4;
  const data = new Int32Array((order.length / BLOCK) * words);
  const floats = new Float32Array(data.buffer);
  order.forEach((channel, place) => {
    const [block, lane] = [Math.floor(place / BLOCK) * words, place % BLOCK];
    floats[block + 3 * BLOCK] = SHORT_MAGIC;
    data[block + 3 * BLOCK + 1] = data[block + 3 * BLOCK]! - centre;
    if (channel === null) return;
    const { shift, scale, offset } = steps[channel]!;
    data[block + lane] = bias[channel]! - shift;
    floats[block + BLOCK + lane] = scale;
    floats[block + 2 * BLOCK + lane] = offset;
  });
  return data;
}

/** What each channel's sum can be. */
export function accumulatorRanges(layer: LinearLayer, rows: FilterRows): AccumulatorRange[] {
  const range = inputRange('int8', zeroPointOf(layer.input));
  const zero = zeroPointOf(layer.filter);
  return Array.from({ length: rows.channels }, (_, c) => {
    const bias = Number(layer.bias?.[c] ?? 0);
    return accumulatorRange(layer.filter.data, rows.start(c), rows.count, rows.step, zero, range, bias);
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
