/** What fused activations bound: the importer makes clamps of their names, the writer names of clamps. */
import type { Clamp } from '../../graph/ops.js';
import { type Format, INTEGER_RANGE } from '../../graph/tensor.js';
import { quantizeBound } from '../../numerics/scales.js';

/** Bounds on the real value, by the schema's names; the least first. */
const REAL_BOUNDS = {
  NONE: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  RELU: [0, Number.POSITIVE_INFINITY],
  RELU6: [0, 6],
  RELU_N1_TO_1: [-1, 1],
} as const;

/** Those that are clamps; TFLite has others, which are functions. */
export type FusedActivation = keyof typeof REAL_BOUNDS;

export const FUSED_ACTIVATIONS = Object.keys(REAL_BOUNDS) as readonly FusedActivation[];

export function isFusedActivation(name: string): name is FusedActivation {
  return Object.hasOwn(REAL_BOUNDS, name);
}

/**
 * The activation as bounds on the output: on codes q(f) = zp + round(fl(f / scale)) within the range of the type, on float32 as they are.
 * NaN where an integer format has no scale, except for NONE.
 */
export function activationClamp(activation: FusedActivation, { type, scales, zeroPoints }: Format): Clamp {
  const [low, high] = REAL_BOUNDS[activation];
  if (type === 'float32') return { min: low, max: high };
  const range = INTEGER_RANGE[type as keyof typeof INTEGER_RANGE];
  if (activation === 'NONE') return range;
  const code = (real: number) => quantizeBound(real, scales[0] ?? Number.NaN, zeroPoints[0] ?? 0);
  return { min: Math.max(range.min, code(low)), max: Math.min(range.max, code(high)) };
}
