import { checkFit } from '../fit.js';
import type { Plan } from '../plan.js';
import type { Schedule, ScheduleSearch } from './search.js';

/** What `bitloom plan --min-ram` may lose, unless told otherwise: a share of the fastest schedule's time. */
export const OVERHEAD = 0.05;

/** How many schedules are placed, as gaps between buffers may take more than pieces need. */
const ATTEMPTS = 4;

/** The plan of the smallest arena whose predicted time is at most `time`; `fastest` where there is none smaller. */
export function planSmallest(
  search: ScheduleSearch,
  fastest: Plan,
  time: number,
  assemble: (schedule: Schedule) => Plan,
): Plan {
  const smallest = search.smallest(time);
  if (!smallest) return fastest;
  let best = fastest;
  const tried = new Set<number>();
  // Buffers of a schedule that needs a little more may lie without the gaps that those of the smallest leave.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const gaps = Math.max(0, best.arena.bytes - smallest.room);
    const found = search.fastest(smallest.room + (attempt / ATTEMPTS) * gaps)!;
    if (tried.has(found.room)) continue;
    tried.add(found.room);
    const staged = assemble(found);
    if (staged.arena.bytes < best.arena.bytes) best = staged;
  }
  return best;
}

/** The fastest plan that fits the board, or of those tried the one that is the fewest bytes short of it. */
export function planFitting(
  search: ScheduleSearch,
  plain: Plan,
  assemble: (schedule: Schedule) => Plan,
): Plan {
  let best = plain;
  let limit = plain.arena.bytes - roomShort(plain);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = search.fastest(limit) ?? search.smallest(Number.POSITIVE_INFINITY);
    if (!found) break;
    const staged = assemble(found);
    if (bytesShort(staged) < bytesShort(best)) best = staged;
    const short = roomShort(staged);
    if (short === 0 || found.room > limit) break;
    limit -= short;
  }
  return best;
}

/** Bytes by which the memory that holds the arena is too small. */
export function roomShort(plan: Plan): number {
  return bytesShort(plan, plan.placement?.arena.name);
}

/** Bytes by which memories are too small: all of them, or one. */
function bytesShort(plan: Plan, name?: string): number {
  const uses = checkFit(plan).uses.filter(({ region }) => name === undefined || region.name === name);
  return uses.reduce((sum, { region, bytes }) => sum + Math.max(0, bytes - region.bytes), 0);
}
