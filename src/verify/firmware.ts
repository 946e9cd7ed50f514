import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { emitFirmware } from '../../codegen/c/kits/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import type { Artifact } from '../plan/artifact.js';
import { makeVariables } from './compiler.js';
import { type Elf, functionAt, readElf, sectionBytes } from './elf.js';
import type { Job, Observation, Sizes } from './job.js';
import { runProcess } from './process.js';
import { type Fault, parseReport, type SelfTestReport, type Time } from './protocol.js';
import { requireTools } from './tools.js';

const BUILD_TIMEOUT_SECONDS = 600;
/** STKOF of the CFSR: Armv8-M checks the stack pointer against its limit. */
const STACK_OVERFLOW = 1 << 20;

/** The emulator's image of a job, built by the Makefile that users get. */
export interface Firmware {
  readonly path: string;
  readonly elf: Elf;
  readonly sizes: Sizes;
}

/** @throws BitloomError BL401 or BL302 when it does not build, BL501 when tools are missing */
export async function buildFirmware({ plan, selfTest, trace, compiler, folder }: Job): Promise<Firmware> {
  requireTools(['arm-none-eabi-gcc', 'make']);
  writeFiles(folder, emitFirmware(plan, emitC(plan), selfTest));
  const build = trace ? 'build/trace' : 'build';
  const variables = [`BUILD=${build}`, ...(trace ? ['TRACE=1'] : []), ...makeVariables(compiler)];
  await make(folder, ['emulator', ...variables], plan.board.id);
  const path = join(folder, build, `${plan.prefix}-emulator.elf`);
  const elf = readElf(readFileSync(path));
  return { path, elf, sizes: sizesOf(elf) };
}

/** @throws BitloomError BL302 where the linker ran out of memory, BL401 with the compiler's first error */
export async function make(folder: string, targets: readonly string[], boardId: string): Promise<void> {
  const args = ['--no-print-directory', '-j2', ...targets];
  const options = { cwd: folder, timeoutSeconds: BUILD_TIMEOUT_SECONDS, env: { LC_ALL: 'C' } };
  const { status, stderr, timedOut } = await runProcess('make', args, options);
  if (status === 0) return;
  const overflow = /region `(\w+)' overflowed by (\d+) bytes/.exec(stderr);
  if (overflow) {
    throw new BitloomError(
      'BL302',
      `the linked image is ${overflow[2]} bytes too large for the ${overflow[1]} of ${boardId}`,
      'bitloom plan says what takes the memory',
    );
  }
  const first = stderr.split('\n').find((line) => /error|Error/.test(line)) ?? stderr.split('\n')[0];
  const problem = timedOut ? `no end after ${BUILD_TIMEOUT_SECONDS} s` : first?.trim() || 'make failed';
  throw new BitloomError(
    'BL401',
    problem,
    "'bitloom doctor' says which compiler it is; with --keep, run make in the build folder to see all of it",
  );
}

export function writeFiles(folder: string, files: Artifact): void {
  for (const [path, bytes] of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

function sizesOf(elf: Elf): Sizes {
  const image = elf.sections.filter(({ allocated, stored, name }) => allocated && stored && name !== '.test');
  return {
    codeBytes: sectionBytes(elf, '.model.text') + sectionBytes(elf, '.model.hot'),
    constantBytes: sectionBytes(elf, '.model.rodata'),
    imageBytes: image.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/**
 * What the console's text says, in instructions.
 * @param instructionsOf converts ticks of the timer; null where they are none
 * @throws BitloomError BL502 when the self-test did not come to its end
 */
export function observe(
  job: Job,
  output: { readonly text: string; readonly by: string; readonly trouble: string },
  instructionsOf: ((ticks: number) => number) | null,
  { elf, sizes }: { readonly elf: Elf | null; readonly sizes: Sizes },
): Observation {
  const report = parseReport(output.text);
  checkComplete(job, report, output, elf);
  const { overhead } = report;
  // Each count is exact after rounding; a difference of ticks would not be.
  const instructions = (time: Time) =>
    instructionsOf && Math.max(0, instructionsOf(time.ticks) - instructionsOf(overhead.ticks));
  return {
    runs: report.runs.map((run) => ({
      equal: run.pass,
      instructions: instructions(run),
      cycles: run.cycles === 0 ? null : run.cycles - overhead.cycles,
      stackBytes: instructionsOf ? run.stack : null,
    })),
    layers: report.layers.map((layer) => ({
      run: layer.run,
      layer: layer.layer,
      equal: layer.pass,
      instructions: instructions(layer),
    })),
    dumps: report.dumps,
    sizes,
    arena: report.arena,
  };
}

function checkComplete(
  { selfTest, plan }: Job,
  report: SelfTestReport,
  { text, by, trouble }: { readonly text: string; readonly by: string; readonly trouble: string },
  elf: Elf | null,
): void {
  if (report.complete && report.runs.length === selfTest.length) return;
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const reason = report.fault ? describeFault(report.fault, elf) : trouble || `it ended after '${last}'`;
  throw new BitloomError(
    'BL502',
    `the self-test of '${plan.prefix}' did not finish in ${by}: ${reason}`,
    'Please report it with the model; --keep keeps the build folder',
  );
}

/** `exception 3 at 0x1234 in kws_run` */
export function describeFault({ exception, pc, status }: Fault, elf: Elf | null): string {
  const name = elf && functionAt(elf, pc);
  const kind = status & STACK_OVERFLOW ? 'stack overflow' : `exception ${exception}`;
  return `${kind} at 0x${pc.toString(16)}${name ? ` in ${name}` : ''}`;
}
