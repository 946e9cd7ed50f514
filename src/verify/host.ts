import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { emitFirmware } from '../../codegen/c/kits/index.js';
import { makeVariables } from './compiler.js';
import { make, observe, writeFiles } from './firmware.js';
import type { Job, Observation } from './job.js';
import { runProcess } from './process.js';
import { requireTools } from './tools.js';

/** Without and with optimisation; both stop at memory errors and undefined behaviour. */
const LEVELS = ['-O0', '-O3'];
const SIZES = { codeBytes: null, constantBytes: null, imageBytes: null };
const LEAST_TIMEOUT_SECONDS = 60;
/** Sanitized, unoptimised code on a slow machine. */
const SLOWEST_RATE = 20e6;

/** Runs the self-test on this machine at each level, or with the job's flags; the first level at which bytes differ is reported. */
export async function runOnHost(job: Job): Promise<Observation> {
  requireTools(['cc', 'make']);
  const { plan, selfTest, trace, compiler, folder } = job;
  const levels = compiler.cflags ? [compiler.cflags] : LEVELS;
  writeFiles(folder, emitFirmware(plan, emitC(plan), selfTest));
  const timeoutSeconds = LEAST_TIMEOUT_SECONDS + (selfTest.length * plan.totals.instructions) / SLOWEST_RATE;
  let observation: Observation | null = null;
  for (const level of levels) {
    const build = `build/${trace ? 'trace' : 'run'}${level.replaceAll(/\s+/g, '')}`;
    const variables = makeVariables({ ...compiler, cflags: level });
    const flags = [
      ...variables,
      `BUILD=${build}`,
      ...(compiler.cflags ? [] : ['SANITIZE=1']),
      ...(trace ? ['TRACE=1'] : []),
    ];
    await make(folder, ['all', ...flags], plan.board.id);
    const program = join(folder, build, `${plan.prefix}-selftest`);
    const { stdout, stderr, timedOut } = await runProcess(program, [], { cwd: folder, timeoutSeconds });
    const trouble = timedOut ? `no end after ${Math.round(timeoutSeconds)} s` : sanitizerReport(stderr);
    const output = { text: stdout, by: `${compiler.cc ?? "the host's C compiler"} at ${level}`, trouble };
    observation = observe(job, output, null, { elf: null, sizes: SIZES });
    if (![...observation.runs, ...observation.layers].every(({ equal }) => equal)) break;
  }
  return observation!;
}

/** `kernels/x.h:12:3: runtime error: ...` or `ERROR: AddressSanitizer: ...` */
function sanitizerReport(stderr: string): string {
  const lines = stderr.split('\n');
  return (lines.find((line) => /runtime error:|ERROR: \w+Sanitizer/.test(line)) ?? lines[0] ?? '').trim();
}
