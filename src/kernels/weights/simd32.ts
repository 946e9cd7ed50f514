/** What the kernels for Cortex-M's DSP extension share: `codegen/c/kernels/simd32.h` and the headers named after it. */
import { type Clamp, isWeighted, type Node } from '../../graph/ops.js';
import { type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../numerics/fixed-point.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { Target } from '../kernel.js';
import { type AccumulatorRange, accumulatorRange, inputRange } from './accumulator-bound.js';
import { packHalfwordPairs } from './blocks.js';
import { type FilterRows, type LinearLayer, multipliersOf } from './linear.js';

export function hasSimd32({ backend, isa }: Target): boolean {
  return backend === 'c' && (isa === 'armv7e-m' || isa === 'armv8-m.main');
}

/** Channels of which the constants are filled up to whole blocks. */
const BLOCK = 4;

/** Words of two channels: biases, multipliers, and the shifts in one. */
const TWO_CHANNELS = 5;

/** A channel of a layer as SMMLAR takes it. */
interface Simd32Channel extends Multiplier {
  /** The code, seen from the output's zero point, where it is the same whatever the input is. */
  readonly constant: number | null;
}

/** The longest shift by which the output's zero point can be multiplied within 32 bits. */
const LONGEST_SHIFT = 23;

/** The channels of a layer of int8; null where SMMLAR cannot requantize one. */
export function simd32Channels(
  node: Node,
  layer: LinearLayer,
  rows: FilterRows,
): readonly Simd32Channel[] | null {
  const range = inputRange('int8', zeroPointOf(layer.input));
  const zero = zeroPointOf(layer.filter);
  const { data } = layer.filter;
  const rectified = isWeighted(node) && node.attributes.clamp.min >= zeroPointOf(layer.output);
  const channels = multipliersOf(node, layer, rows.channels).map((multiplier, c) => {
    const bias = Number(layer.bias?.[c] ?? 0);
    const sums = accumulatorRange(data, rows.start(c), rows.count, rows.step, zero, range, bias);
    return simd32Channel(multiplier, sums, rectified);
  });
  return channels.every((channel) => channel !== null) ? channels : null;
}

/** @param rectified whether codes below the output's zero point do not survive the clamp: without a shift the others round as well */
function simd32Channel(
  { multiplier, shift }: Multiplier,
  sums: AccumulatorRange,
  rectified: boolean,
): Simd32Channel | null {
  const bound = Math.max(-sums.low, sums.high);
  if (multiplier !== 0 && shift >= -LONGEST_SHIFT) {
    // Keeps the sum of the product's high word and what rounds it within 32 bits.
    const fits = (bound * multiplier) / 2 ** 31 + 1 < 2 ** 30;
    return fits && multiplier >= 2 ** 30 && shift < (rectified ? 1 : 0)
      ? { multiplier, shift, constant: null }
      : null;
  }
  // Channels that training has switched off have multipliers like these; their codes come from the bias alone.
  if (bound >= 2 ** 31 || shift > 0) return null;
  const [low, high] = [sums.low, sums.high].map((sum) =>
    multiplyByQuantizedMultiplier(sum, { multiplier, shift }),
  );
  // Any that is beyond the codes of int8 gives the same end of them. 4 * constant comes back from a quarter.
  return low === high ? { multiplier: 2 ** 30, shift: -1, constant: clamp(low!, -256, 256) } : null;
}

/** The constants of a layer with multipliers by channel, as `codegen/c/kernels/block_simd32.h` reads them. */
export function simd32Constants(
  filter: TypedArray,
  { count }: FilterRows,
  bias: Int32Array,
  channels: readonly Simd32Channel[],
) {
  const rows = Int8Array.from(filter as Int8Array);
  const words = new Int32Array(Math.ceil(channels.length / BLOCK) * (BLOCK / 2) * TWO_CHANNELS);
  for (const [c, channel] of channels.entries()) {
    const { constant, shift } = channel;
    if (constant !== null) rows.fill(0, c * count, (c + 1) * count);
    const [at, second] = [(c >> 1) * TWO_CHANNELS, c & 1];
    words[at + second] = constant === null ? bias[c]! : 4 * constant;
    words[at + 2 + second] = doubled(channel);
    words[at + 4]! |= -shift << (8 * second);
  }
  return [
    { name: 'filter', data: packHalfwordPairs(rows, channels.length, count) },
    { name: 'channels', data: words },
  ];
}

/** The multiplier that SMMLAR takes: doubled, modulo 2^32. */
export function doubled({ multiplier }: Multiplier): number {
  return (2 * multiplier) | 0;
}

/** Whether a clamp's bounds are the ends of int8. */
export function isWholeInt8({ min, max }: Clamp): boolean {
  return min === -128 && max === 127;
}

/** Literals by which `bl_requantizer_simd32` saves instructions: 0 or 1. */
export type OutputForms = Readonly<Record<'clamps' | 'negative', number>>;

export function outputForms({ output }: LinearLayer, { min, max }: Clamp): OutputForms {
  return {
    clamps: isWholeInt8({ min, max }) ? 0 : 1,
    negative: min < zeroPointOf(output) ? 1 : 0,
  };
}
