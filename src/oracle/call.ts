import type { OpAttributes, OpKind } from '../graph/ops.js';
import type { Tensor, TypedArray } from '../graph/tensor.js';

/** Contents of any tensor but those of int64, which occur only as biases. */
export type Numbers = Exclude<TypedArray, BigInt64Array>;

/** A tensor and its contents during one run. */
export interface Operand {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** One node with its operands bound: what an operator's meaning is a function of. */
export interface Call<K extends OpKind> {
  readonly attributes: OpAttributes[K];
  /** By position; null where an optional input is absent. */
  readonly inputs: readonly (Operand | null)[];
  /** Inputs that must be there. */
  readonly input: (i: number) => Operand;
  /** The bias at a position as plain numbers, int64 as binary64; null where it is absent. */
  readonly bias: (i: number) => Numbers | Float64Array | null;
  /** To be filled, zero at first. */
  readonly output: Operand;
}

/** The meaning of an operator: fills the output (and updates a state) from the inputs. */
export type OracleOf<K extends OpKind> = (call: Call<K>) => void;

/** A family's part of the dispatch record. */
export type Operators<K extends OpKind> = { readonly [P in K]: OracleOf<P> };
