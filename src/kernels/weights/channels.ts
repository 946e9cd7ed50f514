/** What the WASM kernels of int8 know about each output channel, and the proof that one rounding step gives TFLM's two. */
import type { Clamp } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { accumulatorBound, inputRange } from './accumulator-bound.js';
import type { FilterRows, LinearLayer } from './linear.js';
import { laneShifts, packMultipliers } from './requantizer.js';

/** Channels of a block. */
export const BLOCK = 8;

/** Members of a kernel's shape that say how it requantizes (`assembly/one_step.ts`). */
export interface Requantization {
  /** The right shift of the single step, 0 where two roundings are needed. */
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
  const relu = clamp.min >= zeroPointOf(layer.output);
  const step = oneStep(multipliers, accumulatorBounds(layer, rows), relu);
  const packed = packMultipliers(multipliers);
  const shifts = laneShifts(packed);
  const words = step ? 40 : 24;
  const data = new Int32Array((order.length / BLOCK) * words);
  const rounding = new BigInt64Array(data.buffer);
  order.forEach((channel, place) => {
    if (channel === null) return;
    const lane = place % BLOCK;
    const block = Math.floor(place / BLOCK) * words;
    data[block + lane] = bias[channel]!;
    data[block + 8 + lane] = packed.multiplier[channel]!;
    data[block + 16 + lane] = step ? step.scales[channel]! : shifts[channel]!;
    if (step) rounding[(block + 24) / 2 + lane] = step.roundings[channel]!;
  });
  return {
    data,
    shape: { one_step: step ? step.shift : 0, relu: relu ? 1 : 0, right_shift: packed.rightShift },
  };
}

interface OneStep {
  readonly shift: number;
  readonly scales: readonly number[];
  readonly roundings: readonly bigint[];
}

/**
 * For a right shift e >= 1 and x >= 0, MBQM(x) = (x * m + 2^30 + 2^(30 + e)) >> (31 + e), by nested floors; without a right
 * shift it rounds only once. For x < 0 the same holds of |x| except in a tie, for which x * m had to be a multiple of 2^30;
 * none is where |x| has too few bits for that. Brought to the largest shift E of the layer by a factor of 2^(E - e).
 * @param bounds largest magnitude of the accumulator by channel
 * @param relu whether negative results do not matter
 */
function oneStep(
  multipliers: readonly Multiplier[],
  bounds: readonly number[],
  relu: boolean,
): OneStep | null {
  const largest = Math.max(0, ...multipliers.map(({ multiplier, shift }) => (multiplier === 0 ? 0 : -shift)));
  if (largest > 30) return null;
  const factors = multipliers.map(({ multiplier, shift }) => (multiplier === 0 ? 0 : largest + shift));
  const fits = multipliers.every(({ multiplier, shift }, c) => {
    const shifted = bounds[c]! * 2 ** Math.max(shift, 0);
    const ties = !relu && multiplier !== 0 && shifted >= 2 ** (30 - trailingZeros(multiplier));
    return !ties && bounds[c]! * 2 ** factors[c]! < 2 ** 31;
  });
  if (!fits) return null;
  return {
    shift: 31 + largest,
    scales: factors.map((factor) => 2 ** factor),
    roundings: multipliers.map(({ shift }, c) => {
      const half = 1n << BigInt(30 + largest);
      return shift < 0 ? half + (1n << BigInt(30 + factors[c]!)) : half;
    }),
  };
}

function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value);
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
