/** A kit from the model to what its programs print. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moduleNames } from '../../../codegen/c/kits/react-native/names.js';
import { build, type Model, plan as planOf } from '../../../src/index.js';
import type { Plan } from '../../../src/plan/plan.js';
import { writeFiles } from '../../../src/verify/firmware.js';
import { parseReport } from '../../../src/verify/protocol.js';
import { type By, buildKit } from './build.js';
import { instructionsOf, printed } from './machine.js';
import { buildModules, bundledSelfTest, runOf } from './react-native.js';

export interface Check {
  readonly by: By;
  /** Of the self-test: every byte of every run. */
  readonly equal: boolean;
  /** Of its last run; null on the host. */
  readonly instructions: number | null;
  /** What the example printed; null where it is an app's screen. */
  readonly example: string | null;
}

/** Of a module called from JavaScript. */
async function checkModule(plan: Plan, kit: string, scratch: string): Promise<Check> {
  const { module } = moduleNames(plan);
  const call = runOf(join(buildModules([kit], scratch), module));
  const selfTest = await bundledSelfTest(kit, module, call, scratch);
  return { by: 'stubs', equal: selfTest(), instructions: null, example: null };
}

/** Builds a kit from a clean folder, runs its self-test and its example in the emulator of the board. */
export async function checkKit(model: Model, board: string, kit: string): Promise<Check> {
  const folder = mkdtempSync(join(tmpdir(), `bitloom-${kit}-`));
  try {
    const plan = planOf(model, board);
    // Some frameworks call a component by its folder.
    const own = join(folder, model.name);
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    writeFiles(own, await build(model, plan, { kit }));
    if (kit === 'react-native') return await checkModule(plan, own, scratch);
    const built = buildKit(kit, plan, own, scratch);
    const { emulator = [] } = built;
    const outputOf = async (image: string, input: Uint8Array) => {
      const path = join(image.startsWith('/') ? '' : own, image);
      if (plan.board.hardware) return printed(plan, path, input);
      const [program, ...args] = [...emulator, path];
      return spawnSync(program!, args, { input, encoding: 'utf8', timeout: 120_000 }).stdout;
    };
    const report = parseReport(await outputOf(built.image.selftest, new Uint8Array()));
    const time = report.runs.at(-1);
    // Kits for frameworks know one clock, which they call cycles: in the emulator it is the timer as well.
    const clock = time && time.ticks > 0 ? 'ticks' : 'cycles';
    const spent = time && time[clock] - report.overhead[clock];
    const instructions = () => {
      if (spent === undefined || (!plan.board.hardware && emulator.length === 0)) return null;
      return emulator.length > 0 ? spent : instructionsOf(plan, spent);
    };
    return {
      by: built.by,
      equal: report.complete && report.runs.length > 0 && report.runs.every(({ pass }) => pass),
      instructions: instructions(),
      example: (await outputOf(built.image.example, readFileSync(join(own, built.input)))).trim(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
