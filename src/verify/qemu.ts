import { qemuArguments } from '../../codegen/c/kits/cortex-m.js';
import type { Plan } from '../plan/plan.js';
import { buildFirmware, observe } from './firmware.js';
import type { Job, Observation } from './job.js';
import { runProcess } from './process.js';
import { requireTools } from './tools.js';

/** Instructions a second under -icount on a slow machine; vector instructions are much slower. */
const SLOWEST_RATE = { scalar: 50e6, vector: 5e6 };
/** Of start-up, console and a machine that is busy with other things. */
const LEAST_TIMEOUT_SECONDS = 60;
/** How far a prediction of instructions may be off. */
const MARGIN = 4;

/**
 * Runs the firmware in QEMU with 2^shift ns of virtual time an instruction, so that the machine's timer counts
 * instructions: exactly, with more than one tick for each.
 */
export async function runInQemu(job: Job): Promise<Observation> {
  requireTools(['arm-none-eabi-gcc', 'make', 'qemu-system-arm']);
  const { plan, folder, selfTest } = job;
  const { machine, timer } = plan.board.emulator;
  if (!machine || !timer) throw new Error(`board '${plan.board.id}' names no QEMU machine or timer`);
  const firmware = await buildFirmware(job);
  const shift = icountShift(plan, timer.hertz);
  const vector = plan.board.target.isa === 'armv8.1-m.main+mve';
  const rate = vector ? SLOWEST_RATE.vector : SLOWEST_RATE.scalar;
  const timeoutSeconds = LEAST_TIMEOUT_SECONDS + (selfTest.length * MARGIN * plan.totals.instructions) / rate;
  const finished = await runProcess(
    'qemu-system-arm',
    [...qemuArguments(machine, shift), '-kernel', firmware.path],
    { cwd: folder, timeoutSeconds },
  );
  const trouble = finished.timedOut
    ? `no end after ${Math.round(timeoutSeconds)} s`
    : emulatorTrouble(finished.stderr);
  const nanosecondsPerTick = 1e9 / timer.hertz;
  return observe(
    job,
    { text: finished.stdout, by: `QEMU's ${machine}`, trouble },
    (ticks) => Math.round((ticks * nanosecondsPerTick) / 2 ** shift),
    firmware,
  );
}

/** The largest shift up to 7 at which the 32-bit timer does not wrap within a run. */
function icountShift({ totals }: Plan, hertz: number): number {
  for (let shift = 7; shift > 0; shift--) {
    const ticksPerInstruction = (2 ** shift * hertz) / 1e9;
    if (totals.instructions * MARGIN * ticksPerInstruction < 2 ** 32) return shift;
  }
  return 0;
}

/** QEMU's first line. A core that cannot even enter its fault handler locks up. */
function emulatorTrouble(stderr: string): string {
  const line = stderr.trim().split('\n')[0] ?? '';
  return /Lockup/.test(line) ? `${line} (as after a stack overflow)` : line;
}
