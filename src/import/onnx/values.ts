import type { Padding } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import type { Layout } from './layout.js';
import type { OnnxNode, OnnxTensor, OnnxType } from './model.js';
import type { Target } from './targets.js';

/** A tensor of the graph: what a value of the file is once it is computed. */
export interface Activation {
  readonly kind: 'activation';
  readonly id: TensorId;
  readonly layout: Layout;
  /** The integer type that the value has in the file; null where it is a real number there. */
  readonly coded: OnnxType | null;
}

/** A constant as the file has it. */
export interface Constant {
  readonly kind: 'constant';
  readonly tensor: OnnxTensor;
}

/** A constant behind DequantizeLinear: `scales[i] * codes[i]`, whatever the scales were shared by (tensor, axis, blocks). */
export interface RealConstant {
  readonly kind: 'real constant';
  readonly name: string;
  readonly shape: readonly number[];
  /** Zero points are subtracted. */
  readonly codes: Int32Array;
  readonly scales: Float32Array;
}

/** Bounds of a real value. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * A real value that operators compute between DequantizeLinear and QuantizeLinear. Only the latter says in which format, so the
 * operators are held back until then.
 */
export interface Pending {
  readonly kind: 'pending';
  /** Which operator computes it. */
  readonly node: OnnxNode;
  readonly shape: readonly number[];
  /** Where Relu or Clip follow. */
  readonly bounds: Bounds;
  /** How many operators are held back in a row. */
  readonly depth: number;
  /** Computes it. */
  readonly emit: (target: Target, bounds: Bounds) => Activation;
  /** Computes it where no QuantizeLinear follows; absent where that cannot be. */
  readonly emitFree?: (bounds: Bounds) => Activation;
  /** The value times a factor and plus an offset a channel (or one for all), where they can be folded. */
  readonly affine?: (factors: readonly number[], offsets: readonly number[]) => Pending;
  /** The dimension of these channels and their number. */
  readonly channels?: { readonly dim: number; readonly count: number };
  /** What a movement of the elements makes of it, where that is more than a movement of its result. */
  readonly movedBy?: (
    node: OnnxNode,
    shape: readonly number[],
    move: (x: Activation) => Activation,
  ) => Pending;
  /** A sum of codes from DynamicQuantizeLinear times their scale, which it lacks. */
  readonly scaledBy?: (node: OnnxNode, by: DynamicScale) => Pending;
  /** Whether `emit` gives the codes of float32 arithmetic, quantized once. */
  readonly exact?: true;
  /** A function of one activation, element by element. */
  readonly unary?: { readonly x: Activation; readonly f: (real: number) => number };
}

/** A number a row (the last dimension) that a quantizer takes from its own input: `max(factor * absmax(x), least)`. */
export interface RowScale {
  readonly kind: 'row scale';
  readonly x: Activation;
  readonly shape: readonly number[];
  readonly factor: number;
  readonly least: number;
}

/** What such a quantizer makes of x: rows divided by their absmax. */
export interface RowCodes {
  readonly kind: 'row codes';
  readonly shares: Activation;
  readonly shape: readonly number[];
  /** The absmax of each row, and the greatest that it can be. */
  readonly factors: TensorId;
  readonly greatest: number;
  /** Of the absmax in a code. */
  readonly steps: 127 | 128;
}

/** What DynamicQuantizeLinear makes of a float x: codes of a scale and a zero point that the graph computes. */
export interface DynamicCodes {
  readonly kind: 'dynamic codes';
  readonly x: Activation;
  readonly shape: readonly number[];
  readonly scale: TensorId;
  readonly zero: TensorId;
  /** The codes of a tensor that holds x, as int8 with padding, or as the file has them. */
  readonly codes: (of: TensorId, as: Padding | 'uint8') => TensorId;
}

/** Such a scale times constants. */
export interface DynamicScale {
  readonly kind: 'dynamic scale';
  readonly shape: readonly number[];
  readonly scale: TensorId;
  readonly factors: Float32Array;
}

export type Value =
  | Activation
  | Constant
  | RealConstant
  | Pending
  | RowScale
  | RowCodes
  | DynamicCodes
  | DynamicScale;

type Following = RowScale | RowCodes | DynamicCodes | DynamicScale;

/** Whether the scale of a value follows data: each row of it, or all. */
export function followsData(value: Value): value is Following {
  return !['activation', 'constant', 'real constant', 'pending'].includes(value.kind);
}

export const UNBOUNDED: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

export function isUnbounded({ low, high }: Bounds): boolean {
  return low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY;
}

/** The shape of a value in the file's terms. */
export function shapeOf(value: Value): readonly number[] {
  switch (value.kind) {
    case 'activation':
      return value.layout.shape;
    case 'constant':
      return value.tensor.shape;
    default:
      return value.shape;
  }
}
