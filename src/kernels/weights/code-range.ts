/** Which codes an output can hold, as kernels by vectors ask. */
import type { Clamp } from '../../graph/ops.js';
import { type Tensor, zeroPointOf } from '../../graph/tensor.js';

/** 1 where some code is below the output's zero point, so that negative values must round as the reference does. */
export function roundsNegatives(output: Tensor, { min }: Clamp): 0 | 1 {
  return min < zeroPointOf(output) ? 1 : 0;
}

/** 1 where the clamp is narrower than int8, to which narrowing saturates. */
export function clampsCodes({ min, max }: Clamp): 0 | 1 {
  return min > -128 || max < 127 ? 1 : 0;
}
