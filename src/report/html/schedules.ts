/** What a smaller arena would cost: the schedules that no other one beats in both bytes and time. */
import type { Alternative, MemoryExplanation } from '../../plan/why-memory.js';
import { millisecondsOf, overheadText } from '../memory-text.js';
import { runNames } from '../runs-text.js';
import { grouped, milliseconds } from '../text.js';
import { escaped, label, rounded, tableRow, tag, ticks } from './markup.js';

const PLOT = { left: 64, top: 20, width: 820, height: 200 } as const;
/** Axes of bytes are logarithmic where the largest is so many times the smallest. */
const WIDE = 6;

export function schedulesChart({ alternatives }: MemoryExplanation): string {
  const arenas = alternatives.map(({ plan }) => plan.arena.bytes);
  const [least, most] = [Math.min(...arenas), Math.max(...arenas)];
  const overheads = alternatives.map(({ overhead }) => 100 * overhead);
  const [low, high] = [Math.min(0, ...overheads), Math.max(1, ...overheads)];
  const bend = most > WIDE * least ? Math.log : (value: number) => value;
  const across = bend(most) - bend(least) || 1;
  const x = (bytes: number) => PLOT.left + 20 + ((PLOT.width - 60) * (bend(bytes) - bend(least))) / across;
  const y = (percent: number) => PLOT.top + PLOT.height * (1 - (percent - low) / (high - low));
  const line = alternatives.map(
    ({ plan, overhead }, i) =>
      `${i ? 'L' : 'M'}${rounded(x(plan.arena.bytes))} ${rounded(y(100 * overhead))}`,
  );
  const marks = ticks(high, 4).flatMap((percent) => [
    tag('line', { class: 'grid', x1: PLOT.left, x2: PLOT.left + PLOT.width, y1: y(percent), y2: y(percent) }),
    label(PLOT.left - 8, y(percent) + 4, percent === 0 ? '0 %' : `+${Number(percent.toFixed(2))} %`, {
      class: 'axis end',
    }),
  ]);
  const bottom = PLOT.top + PLOT.height + 18;
  const size = { width: PLOT.left + PLOT.width + 20, height: bottom + 30 };
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'schedules',
      viewBox: `0 0 ${size.width} ${size.height}`,
      role: 'img',
      'aria-label': `${alternatives.length} schedules from ${grouped(most)} to ${grouped(least)} bytes`,
    },
    ...marks,
    tag('path', { class: 'front', d: line.join('') }),
    ...alternatives.map((alternative) => point(alternative, x, y)),
    ...bytesAxis(arenas, x, bottom),
    label(PLOT.left + PLOT.width / 2, bottom + 24, 'bytes of the arena', { class: 'axis middle' }),
  );
}

function point(
  alternative: Alternative,
  x: (bytes: number) => number,
  y: (percent: number) => number,
): string {
  const { plan, overhead, taken } = alternative;
  const title = `${grouped(plan.arena.bytes)} bytes, ${overheadText(overhead)} time\n${stagesText(alternative)}`;
  return tag(
    'g',
    { class: taken ? 'point taken' : 'point', tabindex: 0 },
    tag('title', {}, escaped(title)),
    tag('circle', { cx: x(plan.arena.bytes), cy: y(100 * overhead), r: taken ? 7 : 5 }),
  );
}

/** The points' own bytes, where they do not run into each other. */
function bytesAxis(arenas: readonly number[], x: (bytes: number) => number, y: number): string[] {
  let free = Number.NEGATIVE_INFINITY;
  return [...arenas]
    .sort((a, b) => a - b)
    .flatMap((bytes) => {
      if (x(bytes) < free) return [];
      free = x(bytes) + 80;
      return [label(x(bytes), y, grouped(bytes), { class: 'axis middle' })];
    });
}

export function schedulesTable({ alternatives }: MemoryExplanation): string {
  const head = ['', 'arena, bytes', 'instructions', 'cycles', 'ms', 'more time', 'stages'];
  const rows = alternatives.map((alternative) => {
    const { plan, overhead, taken } = alternative;
    const ms = millisecondsOf(plan);
    return tableRow('td', [
      taken ? 'taken' : '',
      grouped(plan.arena.bytes),
      grouped(plan.totals.instructions),
      plan.totals.cycles === null ? '' : grouped(plan.totals.cycles),
      ms === null ? '' : milliseconds(ms),
      overheadText(overhead),
      escaped(stagesText(alternative)),
    ]);
  });
  return tag(
    'table',
    { class: 'figures' },
    tag('thead', {}, tableRow('th', head)),
    tag('tbody', {}, ...rows),
  );
}

function stagesText({ plan }: Alternative): string {
  return runNames(plan).join(', ') || 'none';
}
