import type { Node } from '../graph/ops.js';
import type { Kernel, KernelCall } from '../kernels/kernel.js';
import type { Choice, Layer } from './candidates.js';

/** A kernel call before constants and memory are placed. */
export interface LoweredStep {
  readonly name: string;
  readonly node: Node;
  readonly kernel: Kernel;
  readonly call: KernelCall;
}

/** The kernel calls of the layers in order. */
export function stepsOf(layers: readonly Layer[], choice: Choice): LoweredStep[] {
  const names = new Set<string>();
  return layers.flatMap(({ node }, i) => {
    const { kernel, calls } = choice[i]!;
    return calls.map((call) => ({
      name: uniqueName(`${node.kind.toLowerCase()}_${node.source.index}`, names),
      node,
      kernel,
      call,
    }));
  });
}

/** `base`, or `base_2`, `base_3`, ... where that is taken; takes it. */
export function uniqueName(base: string, taken: Set<string>): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
  taken.add(name);
  return name;
}
