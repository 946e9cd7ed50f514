import type { Node } from '../graph/ops.js';
import type { Kernel, KernelCall } from '../kernels/kernel.js';
import type { Choice, Layer } from './candidates.js';
import type { Cost } from './cost-model.js';
import { uniqueName } from './names.js';

/** A kernel call before constants and memory are placed. */
export interface LoweredStep {
  readonly name: string;
  readonly node: Node;
  readonly kernel: Kernel;
  readonly call: KernelCall;
  /** Of all its runs, where the call runs more than once. */
  readonly cost?: Cost;
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
