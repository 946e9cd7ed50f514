import type { KernelCall } from '../src/kernels/kernel.js';
import type { Plan, Step } from '../src/plan/plan.js';
import { type Place, placeOf } from './ports.js';

/** One argument of a specialised function. */
export type Argument = Place | { readonly kind: 'scalar'; readonly value: number };

/** Names of a specialised function's parameters in the order of the calling convention; the shape is not one. */
export function parameterNames(call: KernelCall): readonly string[] {
  return [
    ...call.outputs.map(({ name }) => name),
    ...call.inputs.map(({ name }) => name),
    ...(call.scratchBytes > 0 ? ['scratch'] : []),
    ...call.constants.map(({ name }) => name),
    ...Object.keys(call.scalars),
  ];
}

/** What a step passes for them. */
export function callArguments(plan: Plan, step: Step): readonly Argument[] {
  const { call } = step;
  return [
    ...call.outputs.map(({ tensor }) => placeOf(plan, tensor)),
    ...call.inputs.map(({ tensor }) => placeOf(plan, tensor)),
    ...(call.scratchBytes > 0 ? [scratchOf(step)] : []),
    ...step.constants.map((block): Place => ({ kind: 'constant', block })),
    ...Object.values(call.scalars).map((value): Argument => ({ kind: 'scalar', value })),
  ];
}

function scratchOf(step: Step): Place {
  if (step.scratchOffset === null) throw new Error(`step '${step.name}' needs scratch memory but has none`);
  return { kind: 'arena', offset: step.scratchOffset };
}
