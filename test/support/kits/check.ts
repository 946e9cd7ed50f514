/** A kit from the model to what its programs print. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Model, plan as planOf } from '../../../src/index.js';
import { writeFiles } from '../../../src/verify/firmware.js';
import { parseReport } from '../../../src/verify/protocol.js';
import { type By, buildKit } from './build.js';
import { instructionsOf, printed } from './machine.js';

export interface Check {
  readonly by: By;
  /** Of the self-test: every byte of every run. */
  readonly equal: boolean;
  /** Of its last run; null on the host. */
  readonly instructions: number | null;
  /** What the example printed. */
  readonly example: string;
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
    const built = buildKit(kit, plan, own, scratch);
    const outputOf = async (image: string, input: Uint8Array) =>
      plan.board.hardware
        ? await printed(plan, join(image.startsWith('/') ? '' : own, image), input)
        : spawnSync(join(own, image), { input, encoding: 'utf8' }).stdout;
    const report = parseReport(await outputOf(built.image.selftest, new Uint8Array()));
    const time = report.runs.at(-1);
    // Kits for frameworks know one clock, which they call cycles: in the emulator it is the timer as well.
    const clock = time && time.ticks > 0 ? 'ticks' : 'cycles';
    const spent = time && time[clock] - report.overhead[clock];
    return {
      by: built.by,
      equal: report.complete && report.runs.length > 0 && report.runs.every(({ pass }) => pass),
      instructions: plan.board.hardware && spent !== undefined ? instructionsOf(plan, spent) : null,
      example: (await outputOf(built.image.example, readFileSync(join(own, built.input)))).trim(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
