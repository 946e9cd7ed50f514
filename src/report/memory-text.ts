import type { Occupant } from '../plan/occupants.js';
import type { Plan } from '../plan/plan.js';
import type { Alternative, MemoryExplanation } from '../plan/why-memory.js';
import { runNames } from './runs-text.js';
import { grouped, milliseconds, table } from './text.js';

/** Who needs the arena at its peak, and what other schedules would cost. */
export function memoryText({ plan, peak, alternatives, reason }: MemoryExplanation): string {
  const { steps, arena, prefix, board } = plan;
  const lines = [`memory of ${prefix} on ${board.id}`, ''];
  if (peak) {
    const { first, last } = peak.stage ?? { first: peak.step, last: peak.step };
    const during = peak.stage
      ? `the stage ${steps[first]!.name} to ${steps[last]!.name} runs, in ${steps[peak.step]!.name}`
      : `${steps[peak.step]!.name} runs`;
    const shared = peak.live.reduce((sum, { bytes }) => sum + bytes, 0) - peak.liveBytes;
    const saved = shared > 0 ? `; ${grouped(shared)} of them are in two buffers` : '';
    const gaps = arena.bytes > peak.liveBytes ? ` of an arena of ${grouped(arena.bytes)}` : '';
    lines.push(`peak: ${grouped(peak.liveBytes)} bytes${gaps} while ${during}${saved}`);
    lines.push('', liveTable(plan, peak.live), '');
  }
  lines.push(alternativesTable(alternatives), '', reason);
  return lines.join('\n');
}

/** The explanation as plain data for `plan --why --json`. */
export function memoryData({ plan, peak, alternatives, reason }: MemoryExplanation): object {
  const nameAt = (step: number) => plan.steps[step]?.name ?? null;
  return {
    model: plan.prefix,
    board: plan.board.id,
    arenaBytes: plan.arena.bytes,
    peak: peak && {
      step: nameAt(peak.step),
      stage: peak.stage && { first: nameAt(peak.stage.first), last: nameAt(peak.stage.last) },
      liveBytes: peak.liveBytes,
      buffers: peak.live.map(({ name, kind, cause, bytes, offset, from, to }) => ({
        name,
        kind,
        cause,
        bytes,
        offset,
        first: nameAt(from),
        last: nameAt(to),
      })),
    },
    alternatives: alternatives.map(({ plan: other, overhead, taken }) => ({
      taken,
      arenaBytes: other.arena.bytes,
      instructions: other.totals.instructions,
      cycles: other.totals.cycles,
      milliseconds: millisecondsOf(other),
      overhead,
      stages: other.stages.map(({ first, last, rows }) => ({
        first: other.steps[first]!.name,
        last: other.steps[last]!.name,
        rows,
      })),
    })),
    reason,
  };
}

/** Predicted; null where the core's cycles or clock are not known. */
export function millisecondsOf({ totals, board }: Pick<Plan, 'totals' | 'board'>): number | null {
  return totals.cycles === null || board.clockHertz === null
    ? null
    : (1000 * totals.cycles) / board.clockHertz;
}

/** +1.2 %: of more time than layer by layer. */
export function overheadText(share: number): string {
  const percent = (100 * share).toFixed(1);
  return Number(percent) === 0 ? '0 %' : `${share > 0 ? '+' : ''}${percent} %`;
}

function liveTable({ steps }: Plan, live: readonly Occupant[]): string {
  return table(
    [
      { title: 'buffer', align: 'left' },
      { title: 'bytes', align: 'right' },
      { title: 'at', align: 'right' },
      { title: 'from', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'why', align: 'left' },
    ],
    live.map(({ name, bytes, offset, from, to, cause }) => [
      name,
      grouped(bytes),
      grouped(offset),
      steps[from]!.name,
      steps[to]!.name,
      cause,
    ]),
  );
}

function alternativesTable(alternatives: readonly Alternative[]): string {
  const hasCycles = alternatives.every(({ plan }) => plan.totals.cycles !== null);
  const hasTime = alternatives.every(({ plan }) => millisecondsOf(plan) !== null);
  return table(
    [
      { title: '', align: 'left' },
      { title: 'arena', align: 'right' },
      { title: 'instructions', align: 'right' },
      ...(hasCycles ? [{ title: 'cycles', align: 'right' } as const] : []),
      ...(hasTime ? [{ title: 'ms', align: 'right' } as const] : []),
      { title: 'more time', align: 'right' },
      { title: 'stages', align: 'left' },
    ],
    alternatives.map(({ plan, overhead, taken }) => [
      taken ? '>' : '',
      grouped(plan.arena.bytes),
      grouped(plan.totals.instructions),
      ...(hasCycles ? [grouped(plan.totals.cycles!)] : []),
      ...(hasTime ? [milliseconds(millisecondsOf(plan)!)] : []),
      overheadText(overhead),
      runNames(plan).join(', ') || 'none',
    ]),
  );
}
