/** What each step costs, and where the constants lie in flash. */
import { outputOf } from '../../graph/graph.js';
import type { Plan, Step } from '../../plan/plan.js';
import { grouped } from '../text.js';
import { escaped, label, tableRow, tag } from './markup.js';

/** A line a step; bars compare it with the greatest of its column. */
export function layerTable(plan: Plan): string {
  const { steps, totals } = plan;
  const hasCycles = totals.cycles !== null;
  const flash = ({ cost }: Step) => cost.constantBytes + cost.codeBytes;
  const columns: readonly (readonly [string, (step: Step) => number])[] = [
    ['instructions', ({ cost }) => cost.instructions],
    ...(hasCycles ? ([['cycles', ({ cost }: Step) => cost.cycles ?? 0]] as const) : []),
    ['MAC', ({ cost }) => cost.macs],
    ['bytes of flash', flash],
    ['live bytes of RAM', ({ cost }) => cost.liveBytes],
  ];
  const greatest = columns.map(([, of]) => Math.max(1, ...steps.map(of)));
  const rows = steps.map((step, i) =>
    tableRow('td', [
      tag('span', { class: 'number' }, String(i + 1)),
      escaped(step.name),
      escaped(step.call.kernel),
      outputOf(plan.graph, step.node).shape.join('×'),
      ...columns.map(([name, of], c) => barCell(name, of(step), greatest[c]!)),
    ]),
  );
  const total = tableRow('td', [
    '',
    'total',
    '',
    '',
    grouped(totals.instructions),
    ...(hasCycles ? [grouped(totals.cycles!)] : []),
    grouped(totals.macs),
    grouped(totals.constantBytes + totals.codeBytes),
    grouped(totals.arenaBytes),
  ]);
  const head = ['', 'step', 'kernel', 'output', ...columns.map(([name]) => name)];
  return tag(
    'table',
    { class: 'figures layers' },
    tag('thead', {}, tableRow('th', head)),
    tag('tbody', {}, ...rows),
    tag('tfoot', {}, total),
  );
}

function barCell(name: string, value: number, greatest: number): string {
  const share = (100 * value) / greatest;
  const kind = name.includes('RAM') ? 'ram' : name.includes('flash') ? 'flash' : 'time';
  const bar = tag('i', { class: `bar ${kind}`, style: `width:${share.toFixed(1)}%` });
  return tag('span', { class: 'track' }, bar) + grouped(value);
}

const STRIP = { width: 940, height: 54 } as const;

/** All packed constants one beside the other, as wide as they are large, in their order in flash. */
export function constantsStrip({ constants, totals }: Plan): string {
  const whole = constants.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (whole === 0) return tag('p', {}, 'There are no constants.');
  let x = 0;
  const blocks = constants.map(({ name, data }) => {
    const width = (STRIP.width * data.byteLength) / whole;
    const middle = x + width / 2;
    const title = `${name}: ${grouped(data.byteLength)} bytes, ${((100 * data.byteLength) / whole).toFixed(1)} %`;
    const drawn = tag(
      'g',
      { tabindex: 0, class: 'constant' },
      tag('title', {}, escaped(title)),
      tag('rect', { x, y: 0, width, height: STRIP.height }),
      width > 6.1 * name.length + 8 ? label(middle, 24, name, { class: 'name' }) : '',
      width > 60 ? label(middle, 40, grouped(data.byteLength), { class: 'name' }) : '',
    );
    x += width;
    return drawn;
  });
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'constants',
      viewBox: `0 0 ${STRIP.width} ${STRIP.height}`,
      role: 'img',
      'aria-label': `${constants.length} constants of ${grouped(totals.constantBytes)} bytes`,
    },
    ...blocks,
  );
}
