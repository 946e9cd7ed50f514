import type { Plan } from '../../src/plan/plan.js';
import { type FedStage, fedInput } from '../feed.js';
import { stageName } from '../stages.js';
import type { Layout } from './layout.js';

/**
 * What the bindings push rows by: `next_row` says where the next row of the image goes, `push_row` computes what it allows and returns 1
 * when the image is complete.
 * @param rest the calls behind the fed stage, by which the output is ready
 */
export function feedExports(plan: Plan, layout: Layout, fed: FedStage, rest: string): string {
  const { inputHeight: height, rows, feed } = fed;
  const { offset, rowBytes, ringRows } = fedInput(plan, fed);
  const counts = layout.arena + feed.offset;
  const wait = rows === 1 ? '' : `  if (rows % ${rows} != 0 && rows < ${height}) return 0;\n`;
  return `export function next_row(): usize {
  return ${layout.arena + offset} + ring_row(load<i32>(${counts}), ${ringRows}, ${height}) * ${rowBytes};
}

export function push_row(): i32 {
  const rows = load<i32>(${counts}) + 1;
  store<i32>(${counts}, rows);
${wait}  ${stageName(plan, fed)}();
  if (rows < ${height}) return 0;
  memory.fill(${counts}, 0, ${feed.bytes});
${rest}  return 1;
}
`;
}
