/**
 * Fits the costs of kernels that `plan` predicts by (src/plan/costs.ts) to measured layers. Run: `npm run bench:fit [-- <core>...]
 * [--kernels <pattern>]` (needs the tools of `bitloom doctor` and gcc), whenever a kernel has changed. Other cores keep their costs, and
 * so do kernels that the pattern does not match.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../src/package/root.js';
import type { CoreCosts } from '../src/plan/core-costs.js';
import { COSTS } from '../src/plan/costs.js';
import { CORE_NAMES, measuringBoard } from './cores.js';
import { fitCosts, measure } from './fit.js';

const TABLE = join(PACKAGE_ROOT, 'src/plan/costs.ts');

const table: Record<string, CoreCosts> = { ...COSTS };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kernels: { type: 'string' } },
});
const wanted = new RegExp(values.kernels ?? '');
for (const core of CORE_NAMES.filter((name) => positionals.length === 0 || positionals.includes(name))) {
  const name = measuringBoard(core).core!;
  const measured = await measure(core, wanted);
  if (measured.layers.length === 0) continue;
  const fitted = fitCosts(core, measured);
  table[name] = values.kernels === undefined ? fitted : withKernelsOf(table[name]!, fitted);
}

/** The costs of a core with those kernels that were fitted anew, and the functions that only they share. */
function withKernelsOf(costs: CoreCosts, fitted: CoreCosts): CoreCosts {
  const kernels = Object.entries({ ...costs.kernels, ...fitted.kernels });
  const shared = Object.entries({ ...fitted.shared, ...costs.shared });
  return {
    ...costs,
    kernels: Object.fromEntries(kernels.sort(byName)),
    shared: Object.fromEntries(shared.sort(byName)),
  };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

writeFileSync(
  TABLE,
  `/** Written by \`npm run bench:fit\`. */
import type { CoreCosts } from './core-costs.js';

export const COSTS: Readonly<Record<string, CoreCosts>> = ${JSON.stringify(table)};
`,
);
execFileSync('npx', ['biome', 'format', '--write', TABLE], { cwd: PACKAGE_ROOT });
