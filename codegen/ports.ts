import { tensorAt } from '../src/graph/graph.js';
import {
  byteLength,
  type ElementType,
  type Tensor,
  type TensorId,
  type TypedArray,
} from '../src/graph/tensor.js';
import type { Plan, Step } from '../src/plan/plan.js';

/** Where a tensor's bytes are: at an offset of the arena, or in a block of `Plan.constants`. */
export type Place =
  | { readonly kind: 'arena'; readonly offset: number }
  | { readonly kind: 'constant'; readonly block: number };

/** A tensor that the caller, or a trace, sees. */
export interface Port {
  readonly tensor: Tensor;
  readonly place: Place;
}

export function placeOf(plan: Plan, id: TensorId): Place {
  const offset = plan.arena.offsets.get(id);
  if (offset !== undefined) return { kind: 'arena', offset };
  const block = plan.constantTensors.get(id);
  if (block !== undefined) return { kind: 'constant', block };
  throw new Error(`tensor ${id} ('${tensorAt(plan.graph, id).name}') has no place in the plan`);
}

export function portOf(plan: Plan, id: TensorId): Port {
  return { tensor: tensorAt(plan.graph, id), place: placeOf(plan, id) };
}

/** An input or output of the model; the planner keeps both in the arena. */
export function arenaPort(plan: Plan, id: TensorId): { readonly tensor: Tensor; readonly offset: number } {
  const { tensor, place } = portOf(plan, id);
  if (place.kind !== 'arena')
    throw new Error(`'${tensor.name}' is a constant and cannot be an input or output`);
  return { tensor, offset: place.offset };
}

/** What a step writes, in the order of the kernel's outputs. */
export function stepOutputs(plan: Plan, step: Step): readonly Port[] {
  return step.call.outputs.map(({ tensor }) => portOf(plan, tensor));
}

export interface State {
  readonly offset: number;
  readonly bytes: number;
  /** Every byte of the state's initial value, its zero point. */
  readonly fill: number;
}

/** The states in the arena, counts of rows among them, and the byte that resets each. */
export function states(plan: Plan): readonly State[] {
  const counts = plan.feed ? [{ ...plan.feed, fill: 0 }] : [];
  const tensors = plan.graph.tensors.flatMap((tensor, id) => {
    const offset = plan.arena.offsets.get(id);
    if (!tensor.state || offset === undefined) return [];
    const zeroPoint = tensor.format.zeroPoints[0] ?? 0;
    if (tensor.format.type !== 'int8' && zeroPoint !== 0) {
      throw new Error(`state '${tensor.name}' is ${tensor.format.type} with zero point ${zeroPoint}`);
    }
    return [{ offset, bytes: byteLength(tensor), fill: zeroPoint & 0xff }];
  });
  return [...tensors, ...counts];
}

/** The element type that an array holds. */
export function elementTypeOf(data: TypedArray): ElementType {
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int16Array) return 'int16';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof BigInt64Array) return 'int64';
  return 'float32';
}
