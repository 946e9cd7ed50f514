/** How often a call multiplies on a core of Armv6-M, whose multiplier takes 1 cycle or 32. */
import type { Graph } from '../graph/graph.js';
import type { KernelCall } from '../kernels/kernel.js';
import { workOf } from './work.js';

/** Products that an instruction makes in kernels that do not multiply one by one: none where tables or counts of bits replace them. */
const PRODUCTS: readonly (readonly [kernel: RegExp, products: number])[] = [
  [/_pairs_|_lanes_mul$/, 2],
  [/_tables|_popcount/, Number.POSITIVE_INFINITY],
];

/** Of the requantization of an output (`requantize_digits.h`). */
const REQUANTIZATION = 3;

/** Of MULS, predicted: less than 2 in 100 off in KWS and the digits network, as rp2040js counts them. */
export function multiplicationsOf(graph: Graph, call: KernelCall): number {
  if (call.macs === 0) return 0;
  const [, products] = PRODUCTS.find(([kernel]) => kernel.test(call.kernel)) ?? [null, 1];
  const { product, output } = workOf(graph, call);
  return Math.round(product! / products + REQUANTIZATION * output!);
}
