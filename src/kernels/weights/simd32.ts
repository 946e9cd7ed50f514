/** What the kernels for Cortex-M's DSP extension share: `codegen/c/kernels/simd32.h` and the headers named after it. */
import type { Clamp, Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import type { Multiplier } from '../../numerics/requantize.js';
import type { Target } from '../kernel.js';
import { accumulatorBound, inputRange } from './accumulator-bound.js';
import { type FilterRows, type LinearLayer, multipliersOf } from './linear.js';

export function hasSimd32({ backend, isa }: Target): boolean {
  return backend === 'c' && (isa === 'armv7e-m' || isa === 'armv8-m.main');
}

export interface Simd32Multipliers {
  /** Doubled, modulo 2^32. */
  readonly multiplier: Int32Array;
  /** Bits of the right shifts. */
  readonly shift: Int8Array;
}

/** The longest shift by which the output's zero point can be multiplied within 32 bits. */
const LONGEST_SHORT_SHIFT = 23;

/** The multipliers of a layer of int8 as SMMLAR takes them; null where it cannot. */
export function simd32Multipliers(
  node: Node,
  layer: LinearLayer,
  rows: FilterRows,
): Simd32Multipliers | null {
  const range = inputRange('int8', zeroPointOf(layer.input));
  const zero = zeroPointOf(layer.filter);
  const { data } = layer.filter;
  const all = multipliersOf(node, layer, rows.channels).map((m, c): Multiplier | null => {
    const bias = Number(layer.bias?.[c] ?? 0);
    const bound = accumulatorBound(data, rows.start(c), rows.count, rows.step, zero, range, bias);
    // A multiplier of 0 becomes one that takes every accumulator to 0.
    const used = m.multiplier === 0 ? { multiplier: 2 ** 30, shift: -31 } : m;
    // Keeps the sum of the product's high word and what rounds it within 32 bits.
    const fits = (bound * used.multiplier) / 2 ** 31 + 1 < 2 ** 30;
    return fits && used.multiplier >= 2 ** 30 && used.shift < 0 ? used : null;
  });
  if (!all.every((m) => m !== null)) return null;
  return {
    multiplier: Int32Array.from(all, (m) => (2 * m.multiplier) | 0),
    shift: Int8Array.from(all, (m) => -m.shift),
  };
}

/** Literals by which `bl_requantizer_simd32` saves instructions: 0 or 1. */
export type OutputForms = Readonly<Record<'clamps' | 'negative' | 'long_shifts', number>>;

export function outputForms(
  { output }: LinearLayer,
  { min, max }: Clamp,
  { shift }: Simd32Multipliers,
): OutputForms {
  return {
    clamps: min === -128 && max === 127 ? 0 : 1,
    negative: min < zeroPointOf(output) ? 1 : 0,
    long_shifts: shift.some((bits) => bits > LONGEST_SHORT_SHIFT) ? 1 : 0,
  };
}
