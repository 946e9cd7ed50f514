/** The board's memories and what fills them, and the totals of a run. */
import type { Fit, Use } from '../../plan/fit.js';
import { partsIn } from '../../plan/placement.js';
import type { Plan } from '../../plan/plan.js';
import { millisecondsOf } from '../memory-text.js';
import { grouped, milliseconds } from '../text.js';
import { cards } from './document.js';
import { escaped, tag } from './markup.js';

export function totalsCards(plan: Plan): string {
  const { totals, arena, steps } = plan;
  const ms = millisecondsOf(plan);
  return cards([
    ['arena', grouped(arena.bytes), arena.lowerBound === arena.bytes ? 'bytes, proved least' : 'bytes'],
    ['constants', grouped(totals.constantBytes), 'bytes'],
    ['code', `≈ ${grouped(totals.codeBytes)}`, 'bytes'],
    ...(ms === null
      ? []
      : [['time', `≈ ${milliseconds(ms)}`, `ms at ${plan.board.clockHertz! / 1e6} MHz`] as const]),
    ['instructions', `≈ ${short(totals.instructions)}`, `in ${steps.length} steps`],
    ['MAC', short(totals.macs), ''],
  ]);
}

/** A bar for each memory; nothing for boards without limits. */
export function memoryGauges(plan: Plan, { uses }: Fit): string {
  return uses.map((use) => gauge(plan, use)).join('');
}

function gauge({ placement, totals }: Plan, { region, bytes }: Use): string {
  const whole = Math.max(region.bytes, bytes);
  const percent = (value: number) => `${((100 * value) / whole).toFixed(2)}%`;
  const parts = partsIn(placement!, totals, region);
  const share = Math.round((100 * bytes) / region.bytes);
  const full = bytes > region.bytes;
  const text = `${region.name}: ${grouped(bytes)} of ${grouped(region.bytes)} bytes (${share} %)`;
  const filled = parts.map(({ what, bytes: own }) =>
    tag('i', {
      class: `part ${what.replaceAll(' ', '-')}`,
      style: `width:${percent(own)}`,
      title: `${what}: ${grouped(own)} bytes`,
    }),
  );
  const limit = full
    ? tag('u', { style: `left:${percent(region.bytes)}`, title: 'all that the board has' })
    : '';
  const list = parts.map(({ what, bytes: own }) => `${what} ${grouped(own)}`).join(', ');
  return tag(
    'div',
    { class: full ? 'gauge full' : 'gauge' },
    tag('p', {}, tag('b', {}, escaped(text)), ` ${escaped(list)}`),
    tag('div', { class: 'fill', role: 'img', 'aria-label': text }, ...filled, limit),
  );
}

/** 345,600,000 -> 345.6 M. */
function short(value: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(4)} ${unit}`;
  }
  return String(value);
}
