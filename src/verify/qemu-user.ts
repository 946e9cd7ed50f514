import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { emitFirmware } from '../../codegen/c/kits/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import { PACKAGE_ROOT } from '../package/root.js';
import { makeVariables } from './compiler.js';
import { make, observe, writeFiles } from './firmware.js';
import type { Job, Observation } from './job.js';
import { runProcess } from './process.js';
import { requireTools, type ToolName } from './tools.js';

const SIZES = { codeBytes: null, constantBytes: null, imageBytes: null };
const LEAST_TIMEOUT_SECONDS = 60;
/** Instructions a second on a slow machine, of vectors. */
const SLOWEST_RATE = 5e6;

/** Where the plugin's build is, and how long that may take. */
const PLUGIN = 'boards/common/plugin_qemu_user.c';
const PLUGIN_TIMEOUT_SECONDS = 60;

/**
 * Runs the self-test, a Linux program, on each of the board's processors; the first on which bytes differ is reported, else the
 * last. A plugin counts instructions.
 */
export async function runInQemuUser(job: Job): Promise<Observation> {
  const { plan, selfTest, trace, compiler, folder } = job;
  const { machine, processors } = plan.board.emulator;
  if (!machine || !processors) throw new Error(`board '${plan.board.id}' names no machine or processors`);
  const program = `qemu-${machine}` as ToolName;
  requireTools(['cc', 'clang', 'ld.lld', 'make', program, ...(machine === 'arm' ? GCC : [])]);
  writeFiles(folder, emitFirmware(plan, emitC(plan), selfTest));
  const build = trace ? 'build/trace' : 'build';
  await make(
    folder,
    ['all', `BUILD=${build}`, ...(trace ? ['TRACE=1'] : []), ...makeVariables(compiler)],
    plan.board.id,
  );
  const plugin = await buildPlugin(folder);
  const timeoutSeconds = LEAST_TIMEOUT_SECONDS + (selfTest.length * plan.totals.instructions) / SLOWEST_RATE;
  const observations: Observation[] = [];
  for (const processor of processors) {
    const image = join(folder, build, `${plan.prefix}-selftest`);
    const args = ['-cpu', processor, '-plugin', plugin, image];
    const { stdout, stderr, timedOut } = await runProcess(program, args, { cwd: folder, timeoutSeconds });
    const trouble = timedOut ? `no end after ${Math.round(timeoutSeconds)} s` : (stderr.split('\n')[0] ?? '');
    const output = { text: stdout, by: `${program} as ${processor}`, trouble };
    const observation = observe(job, output, (ticks) => ticks, { elf: null, sizes: SIZES });
    observations.push(observation);
    if (![...observation.runs, ...observation.layers].every(({ equal }) => equal)) break;
  }
  return {
    ...observations.at(-1)!,
    processors: observations.map(({ runs }, i) => ({
      processor: processors[i]!,
      runs: runs.map(({ instructions }) => instructions),
    })),
  };
}

/** Of its library 32-bit ARM takes division. */
const GCC: readonly ToolName[] = ['arm-none-eabi-gcc'];

/** For QEMU to load, so for this machine. */
async function buildPlugin(folder: string): Promise<string> {
  const plugin = join(folder, 'plugin.so');
  const args = ['-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-o', plugin, join(PACKAGE_ROOT, PLUGIN)];
  const { status, stderr } = await runProcess('cc', args, {
    cwd: folder,
    timeoutSeconds: PLUGIN_TIMEOUT_SECONDS,
  });
  if (status !== 0)
    throw new BitloomError(
      'BL502',
      `cc cannot build a plugin for qemu-user: ${stderr.split('\n')[0]}`,
      "'bitloom doctor' says which compiler it is",
    );
  return plugin;
}
