import type { NodeOf, OpKind } from './ops.js';
import type { Tensor } from './tensor.js';

/**
 * What a graph breaks: `structure` its tables and order, `shape` sizes and attributes, `form` what must be constant,
 * `type` element types, `quantization` scales and zero points.
 */
export type Aspect = 'structure' | 'shape' | 'form' | 'type' | 'quantization';

/** Thrown by rules and caught by `findProblem`; never leaves `src/graph`. */
export class Violation extends Error {
  constructor(
    readonly aspect: Aspect,
    message: string,
  ) {
    super(message);
  }
}

/** Throws a Violation unless `holds`. */
export function demand(holds: boolean, aspect: Aspect, message: string): asserts holds {
  if (!holds) throw new Violation(aspect, message);
}

/** A node with its tensors, as rules see it. */
export interface Subject<K extends OpKind> {
  readonly attributes: NodeOf<K>['attributes'];
  /** An absent optional input is null. */
  readonly inputs: readonly (Tensor | null)[];
  readonly output: Tensor;
}

/** A rule for every kind of operator. */
export type Rules<T> = { readonly [K in OpKind]: (subject: Subject<K>) => T };

/** The i-th input, which must be there. */
export function inputAt(subject: Subject<OpKind>, i: number): Tensor {
  const tensor = subject.inputs[i] ?? null;
  demand(tensor !== null, 'structure', `input ${i} is missing`);
  return tensor;
}
