import { type Graph, tensorAt } from '../graph/graph.js';
import type { Kernel, KernelCall, TensorArgument } from '../kernels/kernel.js';
import { ownScratchBytes } from '../kernels/narrow.js';
import type { SpecialisedFunction } from './plan.js';

export interface AssignedFunctions {
  readonly functions: readonly SpecialisedFunction[];
  /** Per step: index in `functions`. */
  readonly ofSteps: readonly number[];
  /** Per step: whether it is the first that uses its function. */
  readonly isFirst: readonly boolean[];
}

/** One function per distinct kernel, shape and list of parameters. */
export function assignFunctions(
  graph: Graph,
  steps: readonly { readonly kernel: Kernel; readonly call: KernelCall }[],
): AssignedFunctions {
  const functions: SpecialisedFunction[] = [];
  const known = new Map<string, number>();
  const copies = new Map<string, number>();
  const isFirst: boolean[] = [];
  const ofSteps = steps.map((step) => {
    const key = signature(graph, step.call);
    const found = known.get(key);
    isFirst.push(found === undefined);
    if (found !== undefined) return found;
    const { call, kernel } = step;
    const copy = copies.get(call.kernel) ?? 0;
    copies.set(call.kernel, copy + 1);
    const index = functions.push({ name: `${call.kernel}_${copy}`, call, source: kernel.source }) - 1;
    known.set(key, index);
    return index;
  });
  return { functions, ofSteps, isFirst };
}

/** Equal for calls that one function can run: what remains are pointers and scalars. */
export function signature(graph: Graph, call: KernelCall): string {
  const pointer = (argument: TensorArgument) => {
    const { format, state } = tensorAt(graph, argument.tensor);
    return [argument.name, format.type, state];
  };
  return JSON.stringify([
    call.kernel,
    call.outputs.map(pointer),
    call.inputs.map(pointer),
    call.scratchBytes > 0,
    ownScratchBytes(call) > 0,
    call.constants.map((c) => [c.name, c.data.constructor.name, c.widened?.type]),
    Object.keys(call.scalars),
    Object.entries(call.shape),
  ]);
}
