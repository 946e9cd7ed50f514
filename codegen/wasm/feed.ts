import type { Plan, Stream } from '../../src/plan/plan.js';
import type { FedImage } from '../feed.js';
import { stageName } from '../stages.js';
import type { Layout } from './layout.js';

/** What `feedExports` adds to a module. */
export function feedExportNames({ passes }: { readonly passes: readonly unknown[] }): readonly string[] {
  return ['next_row', 'push_row', ...(passes.length > 1 ? ['pass'] : [])];
}

/**
 * What the bindings push rows by: `next_row` says where the next row of the image goes, `push_row` computes what it allows and returns 1
 * when the image is complete, of a stream when there is a new output. Of several passes `pass` says which it is, so which columns of the row go there.
 * @param rest the calls behind the fed stages, by which the output is ready
 */
export function feedExports(plan: Plan, layout: Layout, image: FedImage, rest: string): string {
  const { rows, most, passes, passCount, bytes, stream } = image;
  const counts = layout.arena + image.offset;
  const several = passes.length > 1;
  const pass = `load<i32>(${counts + 4 * passCount})`;
  const row = several ? 'row' : `load<i32>(${counts})`;
  const places = passes.map(
    ({ offset, ringRows, rowBytes }) =>
      `${layout.arena + offset} + ring_row(${row}, ${ringRows}, ${most}) * ${rowBytes}`,
  );
  const calls = passes.map(({ stage }) => `${stageName(plan, stage)}();`);
  const wait = rows === 1 ? '' : `  if (rows % ${rows} != 0 && rows < ${most}) return 0;\n`;
  const next = `  const next = ${pass} + 1;
  memory.fill(${counts}, 0, ${bytes});
  if (next < ${passes.length}) {
    store<i32>(${counts + 4 * passCount}, next);
    return 0;
  }
`;
  const ending = several ? next : `  memory.fill(${counts}, 0, ${bytes});\n`;
  return `${several ? `export function pass(): i32 {\n  return ${pass};\n}\n\n` : ''}export function next_row(): usize {
${several ? `  const row = load<i32>(${counts});\n${byPass(places.map((place) => `return ${place};`))}` : `  return ${places[0]};\n`}}

export function push_row(): i32 {
  const rows = load<i32>(${counts}) + 1;
  store<i32>(${counts}, rows);
${wait}${byPass(calls)}${stream ? nextOutput(stream, counts) : `  if (rows < ${most}) return 0;\n${ending}`}${rest}  return 1;
}
`;
}

/** Returns unless the window's last frame has come; counts are lowered once they have gone through all rings (`Stream`). */
function nextOutput({ window, stride, periods }: Stream, counts: number): string {
  const lowered = periods.map((period, i) => {
    const count = counts + 4 * i;
    return `    store<i32>(${count}, load<i32>(${count}) - ${period});\n`;
  });
  return `  if (rows == ${window + periods[0]!}) {
${lowered.join('')}  }
  if (rows < ${window}${stride === 1 ? '' : ` || (rows - ${window}) % ${stride} != 0`}) return 0;
`;
}

/** The statement of the pass whose turn it is. */
function byPass(statements: readonly string[]): string {
  const last = statements.at(-1)!;
  if (statements.length === 1) return `  ${last}\n`;
  const chosen = statements.slice(0, -1).map((statement, i) => `if (turn == ${i}) ${statement}`);
  return `  const turn = pass();\n  ${[...chosen, last].join('\n  else ')}\n`;
}
