import type { Board } from '../../boards/board.js';
import type { Graph } from '../graph/graph.js';
import type { KernelCall } from '../kernels/kernel.js';
import { widenedValues } from '../kernels/narrow.js';
import type { CoreCosts, Rates } from './core-costs.js';
import { COSTS } from './costs.js';
import { multiplicationsOf } from './multiplications.js';
import { FORMULA, type Work, workOf } from './work.js';

/** What a call takes, or several together; predicted. */
export interface Cost {
  readonly instructions: number;
  /** By the timing that Arm publishes of the core, flash without wait states; null where the core has no table of costs. */
  readonly cycles: number | null;
  /**
   * What is compared: cycles, or instructions where those are not known, or cycles of a core that runs the same instructions. Of WASM
   * these are the mean of both modules, which share the choice.
   */
  readonly time: number;
}

export function totalOf(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (total, { instructions, cycles, time }) => ({
      instructions: total.instructions + instructions,
      cycles: total.cycles === null || cycles === null ? null : total.cycles + cycles,
      time: total.time + time,
    }),
    { instructions: 0, cycles: 0, time: 0 },
  );
}

/** Of so many calls; a fraction is a smaller one. */
export function timesOf({ instructions, cycles, time }: Cost, count: number): Cost {
  return {
    instructions: Math.round(instructions * count),
    cycles: cycles === null ? null : Math.round(cycles * count),
    time: time * count,
  };
}

/** Cores for which measured ones stand, as they run the same instructions; what cycles these take is not known. */
const SAME_INSTRUCTIONS: Readonly<Record<string, string>> = {
  'Cortex-M0': 'Cortex-M0+',
  'Cortex-M85': 'Cortex-M55',
};

/** The measured costs of the board's core, by its name; null for boards without one. */
export function costsOf({ core }: Board): CoreCosts | null {
  const table: Readonly<Record<string, CoreCosts>> = COSTS;
  const name = core ?? '';
  return table[SAME_INSTRUCTIONS[name] ?? name] ?? null;
}

/** Whether the core's own cycles are known. */
function isTimed({ core }: Board): boolean {
  return !((core ?? '') in SAME_INSTRUCTIONS);
}

/** Whether predictions of two such kernels can be compared: they were measured on the board's core, or counted for the web's. */
export function isComparable(call: KernelCall, board: Board): boolean {
  return call.counted !== undefined || costsOf(board)?.kernels[call.kernel] !== undefined;
}

/** Whether the kernel was measured on the board's core by bands of rows. */
export function isMeasuredByRows({ kernel }: KernelCall, board: Board): boolean {
  return costsOf(board)?.kernels[kernel]?.byRows === true;
}

/** Instructions of `bl_widen_constant` for a value: 14, or 16 where it reads a word (GCC 12, -O2, Thumb-2). */
const WIDENING = 16;

/** @param bands calls out of and into rings of rows that make its image in place of the one; null for that */
export function predict(graph: Graph, call: KernelCall, board: Board, bands: number | null = null): Cost {
  const costs = costsOf(board);
  const widening = WIDENING * widenedValues(call);
  if (!costs) {
    const instructions = Math.round(call.instructions) + widening;
    const relaxed = call.relaxed ? Math.round(call.relaxed.instructions) : instructions;
    return { instructions, cycles: null, time: (instructions + relaxed) / 2 };
  }
  const kernel = costs.kernels[call.kernel] ?? {
    instructions: { [FORMULA]: 1 },
    cycles: { [FORMULA]: costs.cyclesPerInstruction },
  };
  const work = workOf(graph, call, bands);
  const instructions = priceOf(work, kernel.instructions) + widening;
  const cycles =
    priceOf(work, kernel.cycles) +
    Math.round(widening * costs.cyclesPerInstruction) +
    multiplierWait(graph, call, board);
  return { instructions, cycles: isTimed(board) ? cycles : null, time: cycles };
}

/** Cycles in which a core waits for its multiplier: costs are measured with those of one cycle. */
function multiplierWait(graph: Graph, call: KernelCall, { multiplyCycles }: Board): number {
  const more = (multiplyCycles ?? 1) - 1;
  return more === 0 ? 0 : more * multiplicationsOf(graph, call);
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
