import type { Plan } from '../../src/plan/plan.js';
import type { Place } from '../ports.js';

/**
 * The module's memory: [guard][constants][arena][what asc itself stores][guard]. A vector load may begin before or end
 * behind the buffer that it reads by less than a vector: the guards keep it inside the memory.
 */
export interface Layout {
  readonly constants: number;
  readonly constantBytes: number;
  readonly arena: number;
  /** First byte behind the arena, where asc places the static data of kernels. */
  readonly end: number;
}

const GUARD_BYTES = 1024;
const TAIL_BYTES = 16;
const PAGE_BYTES = 65536;

export function layoutOf(plan: Plan): Layout {
  const last = plan.constants.at(-1);
  const constantBytes = last ? last.offset + last.data.byteLength : 0;
  const arena = roundUp(GUARD_BYTES + constantBytes, Math.max(16, plan.arena.alignment));
  return { constants: GUARD_BYTES, constantBytes, arena, end: roundUp(arena + plan.arena.bytes, 16) };
}

/** Pages of 64 KiB that hold `end` bytes and the guard behind them. */
export function pagesFor(end: number): number {
  return Math.ceil((end + TAIL_BYTES) / PAGE_BYTES);
}

export function addressOf(plan: Plan, layout: Layout, place: Place): number {
  if (place.kind === 'arena') return layout.arena + place.offset;
  return layout.constants + plan.constants[place.block]!.offset;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
