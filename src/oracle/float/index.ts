/**
 * What operators mean on real numbers (`graph/float.ts`): each element of the output computed in binary64 from float32 operands, sums in
 * the order of the loops, and rounded once to float32. exp and its kin are those of `numerics/activation.ts`. Operators whose integer form
 * is a sum, a maximum or a movement share it.
 */
import type { FloatOperator } from '../../graph/float.js';
import { arithmetic } from '../arithmetic.js';
import type { Operators } from '../call.js';
import { convolution } from '../convolution.js';
import { matmul } from '../matmul.js';
import { movement } from '../movement.js';
import { pool } from '../pool.js';
import { reductions } from '../reduction.js';
import { resize } from '../resize.js';
import { elementwise } from './elementwise.js';
import { means } from './means.js';
import { bilinear } from './resize.js';
import { rows } from './rows.js';

export const FLOAT_ORACLE: Operators<FloatOperator> = {
  ...convolution,
  ...matmul,
  MAXIMUM: arithmetic.MAXIMUM,
  MINIMUM: arithmetic.MINIMUM,
  MAX_POOL_2D: pool.MAX_POOL_2D,
  ARG_MAX: reductions.ARG_MAX,
  PAD: movement.PAD,
  RESIZE_NEAREST_NEIGHBOR: resize.RESIZE_NEAREST_NEIGHBOR,
  RESIZE_BILINEAR: bilinear,
  ...elementwise,
  ...means,
  ...rows,
};
