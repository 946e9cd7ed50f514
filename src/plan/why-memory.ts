/** Why the arena is as large as it is, and what a smaller one would cost. */
import { checkFit, grouped } from './fit.js';
import { type Peak, peakOf } from './occupants.js';
import type { Plan } from './plan.js';
import { roomShort } from './stages/plan-staged.js';
import type { Schedule, ScheduleSearch } from './stages/search.js';

/** All ways to schedule a model on a board. */
export interface Ways {
  /** Layer by layer, by kernels for which the board has room; of a model that is fed, the fastest that takes rows. */
  readonly plain: Plan;
  /** Predicted, of layer by layer: what more time is a share of. */
  readonly time: number;
  /** Layer by layer, by the kernels that the objective wants whatever room they take. */
  readonly unlimited: () => Plan;
  /** The same one each time. */
  readonly search: () => ScheduleSearch;
  readonly assemble: (schedule: Schedule) => Plan;
}

/** Who needs the memory at its peak, what other schedules would cost, and why one is taken. */
export interface MemoryExplanation {
  readonly plan: Plan;
  /** Null of a plan without steps. */
  readonly peak: Peak | null;
  /** From the largest arena to the smallest: the plan, and those schedules that no other one beats in both arena and time. */
  readonly alternatives: readonly Alternative[];
  readonly reason: string;
}

export interface Alternative {
  readonly plan: Plan;
  /** Share of more predicted time than layer by layer where memory has no limit. */
  readonly overhead: number;
  readonly taken: boolean;
}

/** Of more schedules than these, those are shown whose arenas are spread most evenly by their logarithms. */
const MOST = 12;

/** @param minRam the share of more time that `taken` may take, where the smallest arena was asked for */
export function explainSchedules(ways: Ways, taken: Plan, minRam: number | undefined): MemoryExplanation {
  const { plain, unlimited, search, assemble } = ways;
  const fast = unlimited();
  const found = [fast, plain, taken, ...spread(schedulesOf(search())).map(assemble)];
  const alternatives = frontOf(new Set(found), taken).map((plan) => ({
    plan,
    overhead: plan.totals.time / fast.totals.time - 1,
    taken: plan === taken,
  }));
  return { plan: taken, peak: peakOf(taken), alternatives, reason: reasonFor(ways, taken, minRam) };
}

/** The fastest schedule for each limit of memory at which it changes, from the largest limit on. */
function schedulesOf(search: ScheduleSearch): Schedule[] {
  const found: Schedule[] = [];
  for (let limit = Number.POSITIVE_INFINITY; ; ) {
    const schedule = search.fastest(limit);
    if (!schedule) return found;
    found.push(schedule);
    limit = schedule.room - 1;
  }
}

function spread(schedules: readonly Schedule[]): readonly Schedule[] {
  if (schedules.length <= MOST) return schedules;
  const [most, least] = [schedules[0]!.room, schedules.at(-1)!.room].map((room) => Math.log(room + 1)) as [
    number,
    number,
  ];
  const wanted = Array.from({ length: MOST }, (_, i) => most + ((least - most) * i) / (MOST - 1));
  return schedules.filter((schedule, i) => {
    const target = Math.log(schedule.room + 1);
    const before = Math.log((schedules[i - 1]?.room ?? Number.POSITIVE_INFINITY) + 1);
    return i === schedules.length - 1 || wanted.some((mark) => target <= mark && mark < before);
  });
}

/** Those that no other one beats in both arena and time, and `taken`. Of equal ones that is kept, else the one of fewer stages. */
function frontOf(plans: Iterable<Plan>, taken: Plan): Plan[] {
  const ordered = [...plans].sort(
    (a, b) =>
      b.arena.bytes - a.arena.bytes ||
      b.totals.time - a.totals.time ||
      Number(a === taken) - Number(b === taken) ||
      b.stages.length - a.stages.length,
  );
  return ordered.filter(
    (plan, i) => plan === taken || !ordered.slice(i + 1).some((next) => next.totals.time <= plan.totals.time),
  );
}

function reasonFor({ plain }: Ways, taken: Plan, minRam: number | undefined): string {
  const percent = minRam === undefined ? '' : `${Number((100 * minRam).toFixed(2))} %`;
  const short = roomShort(taken);
  const lack = short > 0 ? `; it is ${grouped(short)} bytes short of ${taken.placement?.arena.name}` : '';
  if (minRam !== undefined) {
    return taken === plain
      ? `no schedule of at most ${percent} more time has a smaller arena than one layer after the other${lack}`
      : `the smallest arena that takes at most ${percent} more time than one layer after the other${lack}`;
  }
  if (taken === plain) {
    const least = `the fewest ${plain.totals.cycles === null ? 'instructions' : 'cycles'}`;
    return short > 0
      ? `no schedule fits ${taken.board.id}, and none is nearer to it than one layer after the other${lack}`
      : `one layer after the other takes ${least}; ${checkFit(plain).sentence}`;
  }
  return short > 0
    ? `no schedule fits ${taken.board.id}, and this one is nearest to it${lack}`
    : `the fastest schedule whose arena fits; one layer after the other is ${grouped(roomShort(plain))} bytes short of ${plain.placement?.arena.name}`;
}
