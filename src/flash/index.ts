/** Writes generated firmware to boards by the tools that people have, and reads the self-test's verdict from there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from '../../boards/flasher.js';
import { BitloomError } from '../graph/diagnostics.js';
import { shellCommand } from '../package/shell.js';
import { readElf } from '../verify/elf.js';
import { describeFault, make } from '../verify/firmware.js';
import { runProcess } from '../verify/process.js';
import type { SelfTestReport } from '../verify/protocol.js';
import { requireTools } from '../verify/tools.js';
import { copyToDrive } from './drive.js';
import { Listener } from './hear.js';
import { readImage, writeImage } from './image.js';
import { type KitProject, kitCommandsOf, runnableCommands } from './kit-project.js';
import { imagePath, type Project } from './project.js';
import { choosePort, openPort } from './serial.js';
import { chooseFlasher, type FlashOptions, flashSteps, type Steps } from './steps.js';

export { readImage, WRITTEN_FORMATS, type WrittenFormat, writeImage } from './image.js';
export { kitCommandsOf, openKitProject } from './kit-project.js';
export { imagePath, openProject, type Project, projectFor } from './project.js';
export type { FlashOptions } from './steps.js';
export { checkFlashTools } from './tools.js';

/** Writing some hundred kilobytes by the slowest tool. */
const WRITE_TIMEOUT_SECONDS = 300;
/** Of a board at the speed after reset, with the largest models: minutes of emulated time are seconds there. */
const VERDICT_TIMEOUT_SECONDS = 60;

/** What was done. */
export interface Flashed {
  readonly model: string;
  readonly board: string;
  readonly tool: string;
  /** Shell commands, the build first. */
  readonly commands: readonly string[];
  /** What the board's self-test said; null where nobody waited for it. */
  readonly verdict: BoardVerdict | null;
}

export interface BoardVerdict {
  /** Every byte of every inference. */
  readonly equal: boolean;
  readonly inferences: number;
  /** Of the slowest inference, as the core counted them; null where it cannot. */
  readonly cycles: number | null;
}

/** The commands that `flash` would run, the build first. Nothing is looked at but the project and which tools are here. */
export function flashCommandsOf(project: Project, options: FlashOptions): readonly string[] {
  const steps = flashSteps(project, chooseFlasher(project, options, true), options, true);
  return allCommands(project, steps);
}

/**
 * Builds the project, writes its image to the board and, with `verify`, waits for the verdict of its self-test.
 * @throws BitloomError BL302, BL401, BL501 and BL602 before the board is touched; BL504 where it was not written, BL505 where no verdict
 * came, BL506 where the serial port cannot be used
 */
export async function flash(project: Project, options: FlashOptions): Promise<Flashed> {
  const { folder, model, board } = project;
  const flasher = chooseFlasher(project, options, false);
  const steps = flashSteps(project, flasher, options, false);
  requireTools(['arm-none-eabi-gcc', 'make']);
  await make(folder, ['all'], board.id);
  const report = options.verify ? await writeAndHear(project, steps, options) : await write(project, steps);
  const verdict = report && verdictOf(project, report);
  return { model, board: board.id, tool: flasher.tool, commands: allCommands(project, steps), verdict };
}

/**
 * Builds the self-test of a kit's project and writes it to the board, by the tools of its framework.
 * @throws BitloomError BL501, BL506 and BL602 before the board is touched; BL504 where it was not written
 */
export async function flashKit(project: KitProject, options: FlashOptions): Promise<Flashed> {
  const { folder, model, board } = project;
  const commands = runnableCommands(project, options);
  for (const command of commands) await runTool(command, folder);
  const shown = kitCommandsOf({ ...project, commands: () => commands }, options);
  return { model, board: board.id, tool: commands.at(-1)![0]!, commands: shown, verdict: null };
}

function allCommands({ folder }: Project, { commands }: Steps): readonly string[] {
  return [['make', '-C', folder], ...commands].map(shellCommand);
}

async function writeAndHear(project: Project, steps: Steps, { port }: FlashOptions): Promise<SelfTestReport> {
  if (steps.listens) return hearProgram(project, steps);
  const stream = openPort(choosePort(port));
  try {
    const listener = new Listener([stream], project.model);
    await write(project, steps, () => listener.forget());
    return await listener.report(VERDICT_TIMEOUT_SECONDS);
  } finally {
    stream.destroy();
  }
}

/** @param begins called just before the board is written */
async function write(project: Project, { copy, commands }: Steps, begins = () => {}): Promise<null> {
  if (copy) {
    if (copy.file.endsWith('.uf2')) makeUf2(project);
    begins();
    copyToDrive(copy.file, copy.drive);
    return null;
  }
  begins();
  for (const command of commands) await runTool(command);
  return null;
}

function makeUf2(project: Project): void {
  const elf = imagePath(project, 'elf');
  const image = readImage(elf, readFileSync(elf));
  writeFileSync(imagePath(project, 'uf2'), writeImage(image, 'uf2', project.hardware.uf2Family));
}

async function runTool(command: Command, cwd = process.cwd()): Promise<void> {
  const [program, ...args] = command;
  const options = { cwd, timeoutSeconds: WRITE_TIMEOUT_SECONDS };
  const { status, stdout, stderr, timedOut } = await runProcess(program!, args, options);
  if (timedOut) throw notWritten(command, `no end after ${WRITE_TIMEOUT_SECONDS} s`);
  if (status !== 0) throw notWritten(command, complaint(`${stderr}\n${stdout}`));
}

/** The last command prints what the board does, until it is told to end. */
async function hearProgram({ model }: Project, { commands }: Steps): Promise<SelfTestReport> {
  for (const command of commands.slice(0, -1)) await runTool(command);
  const command = commands.at(-1)!;
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (error) => reject(notWritten(command, error.message)));
  });
  const listener = new Listener([child.stdout, child.stderr], model);
  try {
    return await Promise.race([listener.report(WRITE_TIMEOUT_SECONDS), failed]);
  } catch (error) {
    if (child.exitCode) throw notWritten(command, complaint(listener.text));
    throw error;
  } finally {
    end(child);
  }
}

function end(child: ChildProcess): void {
  if (child.exitCode === null) child.kill('SIGTERM');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function notWritten(command: Command, reason: string): BitloomError {
  return new BitloomError(
    'BL504',
    `${command[0]}: ${reason}`,
    `Connect the board, or take another --tool; to see all of it: ${shellCommand(command)}`,
  );
}

/** The line of a tool's output that says most. */
function complaint(text: string): string {
  const lines = text.split('\n').flatMap((line) => line.trim() || []);
  return (
    lines.find((line) => /error|fail|unable|cannot|no .*(found|device)/i.test(line)) ??
    lines.at(-1) ??
    'it failed'
  );
}

function verdictOf(project: Project, report: SelfTestReport): BoardVerdict {
  if (report.fault) {
    const elf = readElf(readFileSync(imagePath(project, 'elf')));
    throw new BitloomError(
      'BL505',
      `the self-test of '${project.model}' died: ${describeFault(report.fault, elf)}`,
      "'bitloom verify' tells whether it does in the emulator too; if not, look at the board's power and clocks",
    );
  }
  const cycles = Math.max(...report.runs.map((run) => run.cycles - report.overhead.cycles));
  return {
    equal: report.runs.length > 0 && report.runs.every(({ pass }) => pass),
    inferences: report.runs.length,
    cycles: cycles > 0 ? cycles : null,
  };
}
