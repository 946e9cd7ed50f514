/** Memory over time: each buffer of the arena a rectangle over the steps at which it is live. */
import { roomOfArena } from '../../plan/fit.js';
import { type Occupant, occupantsOf, peakOf } from '../../plan/occupants.js';
import type { Plan } from '../../plan/plan.js';
import { grouped } from '../text.js';
import { escaped, label, rounded, tableRow, tag, ticks } from './markup.js';

/** How wide a step is: all the same, or by its predicted time. */
export type Pace = 'step' | 'time';

const PLOT = { left: 76, top: 46, height: 340 } as const;
const LEAST_WIDTH = 860;
/** Of a step, so that the names below fit beside each other. */
const STEP_WIDTH = 16;
const NAMES_HEIGHT = 150;
/** Rough, of a character of the labels. */
const CHARACTER = 6.1;

/** The chart. Its rectangles carry what they stand for (`data-offset`, `data-bytes`, `data-from`, `data-to`). */
export function memoryChart(plan: Plan, pace: Pace, extra = ''): string {
  const { steps, arena } = plan;
  const width = Math.max(LEAST_WIDTH, steps.length * STEP_WIDTH);
  const [edges, limit] = [edgesOf(plan, pace, width), roomOfArena(plan)];
  const top = Math.max(arena.bytes, limit !== null && limit < arena.bytes ? limit : 0, 1);
  const y = (byte: number) => PLOT.top + PLOT.height * (1 - byte / top);
  const scale = { x: (step: number) => edges[step]!, y };
  const size = { width: PLOT.left + width + 24, height: PLOT.top + PLOT.height + NAMES_HEIGHT };
  const summary = `${plan.prefix}: ${occupantsOf(plan).length} buffers in ${grouped(arena.bytes)} bytes over ${steps.length} steps`;
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'memory',
      viewBox: `0 0 ${size.width} ${size.height}`,
      style: `min-width:${size.width}px`,
      role: 'img',
      'aria-label': summary,
      'data-pace': pace,
      'data-arena': arena.bytes,
    },
    extra,
    grid(top, scale, width),
    stageBands(plan, scale),
    ...bySize(occupantsOf(plan)).map((occupant, _, all) => rectangle(plan, occupant, all, scale)),
    peakMark(plan, scale),
    limit !== null && limit < arena.bytes ? limitLine(limit, y(limit), width) : '',
    names(plan, edges),
  );
}

/** The same in words: one line a buffer. */
export function memoryTable(plan: Plan): string {
  const head = ['buffer', 'kind', 'bytes', 'at', 'from', 'to', 'why'];
  const body = occupantsOf(plan).map(({ name, kind, bytes, offset, from, to, cause }) =>
    tableRow('td', [
      escaped(name),
      kind,
      grouped(bytes),
      grouped(offset),
      escaped(plan.steps[from]?.name ?? ''),
      escaped(plan.steps[to]?.name ?? ''),
      escaped(cause),
    ]),
  );
  return tag(
    'table',
    { class: 'figures' },
    tag('thead', {}, tableRow('th', head)),
    tag('tbody', {}, ...body),
  );
}

interface Scale {
  /** Left edge of a step; of the step after the last, the right edge of the chart. */
  readonly x: (step: number) => number;
  /** Of an offset in the arena: the bottom is 0. */
  readonly y: (byte: number) => number;
}

function edgesOf({ steps, totals }: Plan, pace: Pace, width: number): readonly number[] {
  const shares = steps.map(({ cost }) =>
    pace === 'time' && totals.time > 0 ? cost.time / totals.time : 1 / steps.length,
  );
  const edges: number[] = [PLOT.left];
  for (const share of shares) edges.push(edges.at(-1)! + share * width);
  return edges;
}

/** The smaller ones lie over the larger ones that they share bytes with. */
function bySize(occupants: readonly Occupant[]): Occupant[] {
  return [...occupants].sort((a, b) => b.bytes - a.bytes);
}

function rectangle(plan: Plan, occupant: Occupant, all: readonly Occupant[], { x, y }: Scale): string {
  const { kind, name, bytes, offset, from, to, cause } = occupant;
  const [left, right, upper, lower] = [x(from), x(to + 1), y(offset + bytes), y(offset)];
  const [first, last] = [from, to].map((step) => plan.steps[step]?.name);
  const title = `${name}: ${grouped(bytes)} bytes at ${grouped(offset)}\n${from === to ? first : `${first} to ${last}`}\n${cause}`;
  const alone = stretchAlone(occupant, all);
  return tag(
    'g',
    { class: `buffer ${kind}`, tabindex: 0 },
    tag('title', {}, escaped(title)),
    tag('rect', {
      x: left,
      y: upper,
      width: right - left,
      height: lower - upper,
      'data-offset': offset,
      'data-bytes': bytes,
      'data-from': from,
      'data-to': to,
    }),
    inside(name, grouped(bytes), { left: x(alone.from), right: x(alone.to + 1), upper, lower }),
  );
}

/** The most steps in a row in which no smaller buffer lies over this one: where its name can be read; all where there are none. */
function stretchAlone(
  { from, to, offset, bytes }: Occupant,
  all: readonly Occupant[],
): { from: number; to: number } {
  const over = all.filter(
    (other) => other.bytes < bytes && other.offset < offset + bytes && offset < other.offset + other.bytes,
  );
  const isFree = (step: number) => !over.some((other) => other.from <= step && step <= other.to);
  let best: { from: number; to: number } | null = null;
  for (let start = from; start <= to; start++) {
    let end = start;
    while (end <= to && isFree(end)) end++;
    if (end > start && (!best || end - start > best.to - best.from + 1)) best = { from: start, to: end - 1 };
    start = Math.max(start, end);
  }
  return best ?? { from, to };
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly upper: number;
  readonly lower: number;
}

/** Name and bytes, where they have room, across or up. */
function inside(name: string, bytes: string, { left, right, upper, lower }: Area): string {
  const [x, y, width, height] = [(left + right) / 2, (upper + lower) / 2, right - left, lower - upper];
  const lines = [`${name} ${bytes}`, name, bytes];
  const across = lines.find((text) => text.length * CHARACTER < width - 4);
  if (across && height >= 12) return label(x, y + 4, across, { class: 'name' });
  const up = lines.find((text) => text.length * CHARACTER < height - 4);
  if (!up || width < 12) return '';
  const transform = `rotate(-90 ${rounded(x)} ${rounded(y)}) translate(0 4)`;
  return label(x, y, up, { class: 'name', transform });
}

function grid(top: number, { y }: Scale, width: number): string {
  const lines = ticks(top).flatMap((byte) => [
    tag('line', { class: 'grid', x1: PLOT.left, x2: PLOT.left + width, y1: y(byte), y2: y(byte) }),
    label(PLOT.left - 8, y(byte) + 4, grouped(byte), { class: 'axis end' }),
  ]);
  return lines.join('') + label(PLOT.left - 8, PLOT.top - 26, 'bytes', { class: 'axis end' });
}

/** Where steps run together, row by row. */
function stageBands({ stages }: Plan, { x }: Scale): string {
  return stages
    .map(({ first, last }, i) => {
      const [left, right] = [x(first), x(last + 1)];
      const name = right - left > 60 ? `stage ${i + 1}` : `${i + 1}`;
      return (
        tag('rect', {
          class: 'stage',
          x: left,
          y: PLOT.top - 6,
          width: right - left,
          height: PLOT.height + 6,
        }) + label((left + right) / 2, PLOT.top - 10, name, { class: 'axis middle' })
      );
    })
    .join('');
}

function peakMark(plan: Plan, { x, y }: Scale): string {
  const peak = peakOf(plan);
  if (!peak) return '';
  const [left, right] = [x(peak.step), x(peak.step + 1)];
  const middle = (left + right) / 2;
  const text = `peak: ${grouped(peak.liveBytes)} bytes in ${plan.steps[peak.step]!.name}`;
  const side = middle < x(plan.steps.length) / 2 ? 'start' : 'end';
  return tag(
    'g',
    { class: 'peak', 'data-step': peak.step },
    tag('rect', { x: left, y: PLOT.top, width: Math.max(right - left, 1), height: y(0) - PLOT.top }),
    tag('path', { d: `M${rounded(middle)} ${PLOT.top - 1}l-5 -9h10z` }),
    label(side === 'start' ? middle + 10 : middle - 10, PLOT.top - 26, text, { class: side }),
  );
}

function limitLine(limit: number, y: number, width: number): string {
  const text = `the board has ${grouped(limit)} for it`;
  return tag(
    'g',
    { class: 'limit' },
    tag('line', { x1: PLOT.left, x2: PLOT.left + width, y1: y, y2: y }),
    label(PLOT.left + width - 4, y - 5, text, { class: 'end' }),
  );
}

/** Of the steps, below the chart; of those that are too narrow none. */
function names({ steps }: Plan, edges: readonly number[]): string {
  let free = Number.NEGATIVE_INFINITY;
  return steps
    .map(({ name }, i) => {
      const middle = (edges[i]! + edges[i + 1]!) / 2;
      if (middle < free) return '';
      free = middle + 12;
      const y = PLOT.top + PLOT.height + 10;
      const transform = `rotate(-60 ${rounded(middle)} ${y})`;
      return label(middle, y, name, { class: 'axis end', transform });
    })
    .join('');
}
