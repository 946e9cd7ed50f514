import type { Board } from '../../boards/board.js';
import type { Graph } from '../graph/graph.js';
import type { KernelCall } from '../kernels/kernel.js';
import { widenedValues } from '../kernels/narrow.js';
import type { CoreCosts, Rates } from './core-costs.js';
import { COSTS } from './costs.js';
import { FORMULA, type Work, workOf } from './work.js';

/** The measured costs of the board's core, by its name; null for `host` and `web`. */
export function costsOf({ core }: Board): CoreCosts | null {
  const table: Readonly<Record<string, CoreCosts>> = COSTS;
  return table[core ?? ''] ?? null;
}

/** Whether predictions of two such kernels can be compared: they were measured on the board's core, or counted for the web's. */
export function isComparable(call: KernelCall, board: Board): boolean {
  return call.counted !== undefined || costsOf(board)?.kernels[call.kernel] !== undefined;
}

/** Instructions of `bl_widen_constant` for a value: 14, or 16 where it reads a word (GCC 12, -O2, Thumb-2). */
const WIDENING = 16;

/** Predicted instructions and estimated cycles of a run of the call. Cores without a table have no cycles. */
export function predict(
  graph: Graph,
  call: KernelCall,
  board: Board,
): { readonly instructions: number; readonly cycles: number | null } {
  const costs = costsOf(board);
  const widening = WIDENING * widenedValues(call);
  if (!costs) return { instructions: Math.round(call.instructions) + widening, cycles: null };
  const kernel = costs.kernels[call.kernel] ?? {
    instructions: { [FORMULA]: 1 },
    cycles: { [FORMULA]: costs.cyclesPerInstruction },
  };
  const work = workOf(graph, call);
  return {
    instructions: priceOf(work, kernel.instructions) + widening,
    cycles: priceOf(work, kernel.cycles) + Math.round(widening * costs.cyclesPerInstruction),
  };
}

/** Corrections below 0 take no more than four fifths from what the formula and those above it say. */
const LEAST_SHARE = 0.2;

/** What the work costs at these rates. */
export function priceOf(work: Work, rates: Rates): number {
  let added = 0;
  let taken = 0;
  for (const [count, rate] of Object.entries(rates)) {
    if (rate > 0) added += rate * (work[count] ?? 0);
    else taken += rate * (work[count] ?? 0);
  }
  return Math.round(Math.max(added + taken, LEAST_SHARE * added));
}
