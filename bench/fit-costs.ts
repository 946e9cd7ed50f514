/**
 * Fits the costs of kernels that `plan` predicts by (src/plan/costs.ts) to measured layers. Run: `npm run bench:fit [-- <core>...]`
 * (needs the tools of `bitloom doctor` and gcc), whenever a kernel has changed. Other cores keep their costs.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/package/root.js';
import type { CoreCosts } from '../src/plan/core-costs.js';
import { COSTS } from '../src/plan/costs.js';
import { CORE_NAMES, measuringBoard } from './cores.js';
import { fitCosts, measure } from './fit.js';

const TABLE = join(PACKAGE_ROOT, 'src/plan/costs.ts');

const table: Record<string, CoreCosts> = { ...COSTS };
const wanted = process.argv.slice(2);
for (const core of CORE_NAMES.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  table[measuringBoard(core).core!] = fitCosts(core, await measure(core));
}
writeFileSync(
  TABLE,
  `/** Written by \`npm run bench:fit\`. */
import type { CoreCosts } from './core-costs.js';

export const COSTS: Readonly<Record<string, CoreCosts>> = ${JSON.stringify(table)};
`,
);
execFileSync('npx', ['biome', 'format', '--write', TABLE], { cwd: PACKAGE_ROOT });
