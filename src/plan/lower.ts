import type { Node } from '../graph/ops.js';
import type { Kernel, KernelCall } from '../kernels/kernel.js';
import type { Choice, Layer } from './candidates.js';
import { uniqueName } from './names.js';

/** A kernel call before constants and memory are placed. */
export interface LoweredStep {
  readonly name: string;
  readonly node: Node;
  readonly kernel: Kernel;
  readonly call: KernelCall;
  /** Predicted, where the call runs more than once. */
  readonly cost?: { readonly instructions: number; readonly cycles: number | null };
}

/** The kernel calls of the layers in order. */
export function stepsOf(layers: readonly Layer[], choice: Choice): LoweredStep[] {
  const names = new Set(layers.map(({ name }) => name));
  return layers.flatMap(({ name, node }, i) => {
    const { kernel, calls } = choice[i]!;
    return calls.map((call, part) => ({
      name: part === 0 ? name : uniqueName(name, names),
      node,
      kernel,
      call,
    }));
  });
}
