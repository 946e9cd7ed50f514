/**
 * Fits the costs of kernels that `plan` predicts by (src/plan/costs.ts) to measured layers. Run: `npm run bench:fit [-- <core>...]`
 * (needs the tools of `bitloom doctor` and gcc), whenever a kernel has changed. Other cores keep their costs.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/package/root.js';
import { ANY_KERNEL, type KernelCost, workOf } from '../src/plan/cost-model.js';
import { COSTS } from '../src/plan/costs.js';
import { planModel } from '../src/plan/index.js';
import { CORE_NAMES, type CoreName, measuringBoard } from './cores.js';
import { FAMILIES, layersOf } from './layer-grid.js';
import { fitRelative } from './least-squares.js';
import { profile } from './profile.js';
import { cyclesOf, instructionsOf } from './timing.js';

const SEEDS = [1, 2];
/** Below this a kernel gets a multiple of its formula only. */
const LEAST_SAMPLES = 8;
const TABLE = join(PACKAGE_ROOT, 'src/plan/costs.ts');

interface Sample {
  readonly kernel: string;
  readonly work: readonly number[];
  readonly instructions: number;
  readonly cycles: number;
}

async function measure(core: CoreName): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const family of Object.keys(FAMILIES)) {
    for (const seed of SEEDS) {
      const graph = layersOf(family, seed);
      const plan = planModel(graph, measuringBoard(core), { prefix: family, modelHash: '' });
      for (const { step, blocks } of (await profile(graph, plan)).steps) {
        samples.push({
          kernel: step.call.kernel,
          work: workOf(graph, step.call),
          instructions: instructionsOf(blocks),
          cycles: cyclesOf(core, blocks),
        });
      }
    }
  }
  return samples;
}

function coefficientsOf(samples: readonly Sample[], key: 'instructions' | 'cycles'): readonly number[] {
  const values = samples.map((sample) => sample[key]);
  const rows = samples.map(({ work }) =>
    samples.length < LEAST_SAMPLES ? work.map((part, i) => (i === work.length - 1 ? part : 0)) : work,
  );
  return fitRelative(rows, values).map((coefficient) => Number(coefficient.toPrecision(4)));
}

/** The formula as it is, and the median of cycles an instruction. */
function formulaOnly(samples: readonly Sample[]): KernelCost {
  const ratios = samples.map(({ cycles, instructions }) => cycles / instructions).sort((a, b) => a - b);
  const share = (factor: number) => [0, 0, 0, 0, 0, factor];
  return { instructions: share(1), cycles: share(Number(ratios[ratios.length >> 1]!.toPrecision(4))) };
}

/** The greatest relative error of a fit on what it was fitted to. */
function worst(samples: readonly Sample[], { instructions }: KernelCost): number {
  return Math.max(
    ...samples.map((sample) =>
      Math.abs(sample.work.reduce((sum, w, i) => sum + w * instructions[i]!, 0) / sample.instructions - 1),
    ),
  );
}

const table: Record<string, Record<string, KernelCost>> = { ...COSTS };
const wanted = process.argv.slice(2);
for (const core of CORE_NAMES.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const samples = await measure(core);
  const costs: Record<string, KernelCost> = {
    [ANY_KERNEL]: formulaOnly(samples),
  };
  for (const kernel of [...new Set(samples.map((sample) => sample.kernel))].sort()) {
    const own = samples.filter((sample) => sample.kernel === kernel);
    costs[kernel] = {
      instructions: coefficientsOf(own, 'instructions'),
      cycles: coefficientsOf(own, 'cycles'),
    };
    console.log(
      `${core} ${kernel}: ${own.length} layers, at most ${(100 * worst(own, costs[kernel])).toFixed(1)} % off`,
    );
  }
  table[measuringBoard(core).core!] = costs;
}
writeFileSync(
  TABLE,
  `/** Written by \`npm run bench:fit\`. */
export const COSTS: Record<string, Record<string, { instructions: number[]; cycles: number[] }>> =
  ${JSON.stringify(table)};
`,
);
execFileSync('npx', ['biome', 'format', '--write', TABLE], { cwd: PACKAGE_ROOT });
