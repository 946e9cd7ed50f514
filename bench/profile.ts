/** Which blocks of code each layer of a model runs, and how often, by the plugin of `plugin/blocks.c`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../boards/board.js';
import { qemuArguments } from '../codegen/c/kits/cortex-m.js';
import type { Graph } from '../src/graph/graph.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import type { Plan, Step } from '../src/plan/plan.js';
import { selfTestOf } from '../src/verify/cases.js';
import { type Elf, functionAt } from '../src/verify/elf.js';
import { buildFirmware } from '../src/verify/firmware.js';
import type { Sizes } from '../src/verify/job.js';
import { runProcess } from '../src/verify/process.js';
import { parseReport } from '../src/verify/protocol.js';
import { testVector } from '../src/verify/vectors.js';
import { disassemble, type Instruction } from './disassembly.js';

const TIMEOUT_SECONDS = 900;
/** Of a specialised function: how GCC names the copy for the constants that it is called with. */
const CLONES = '(\\.(isra|constprop|lto_priv)\\.\\d+)*';

/** What the functions are called, behind the prefix, that run steps and stages. */
const LOOP = /^_(run|stage_\d+)\b/;

/** Straight code, the number of its runs, and how many of them its last instruction left by a jump. */
export interface Block {
  readonly instructions: readonly Instruction[];
  readonly runs: number;
  readonly jumps: number;
}

/** A run of a model. */
export interface Profile {
  readonly steps: readonly StepProfile[];
  readonly stackBytes: number;
  readonly sizes: Sizes;
  /** The function that runs the steps. */
  readonly run: CodeOf;
}

/** A function of the image. */
export interface CodeOf {
  readonly name: string;
  readonly bytes: number;
}

/** What a step runs, from the entry of its function to that of the next; of a stage's, what all of its calls do without the loop. */
export interface StepProfile extends Interval {
  readonly step: Step;
}

interface Interval {
  /** The function that it begins with. */
  readonly mark: string;
  readonly blocks: readonly Block[];
  /** Of these, what is not the loop of a stage. */
  readonly called: readonly Block[];
  /** The model's functions of which it runs some: the step's own, and what it shares with others. */
  readonly functions: readonly CodeOf[];
}

/**
 * Runs the planned model once, as it is in use, its outputs compared with the oracle.
 * @throws Error where a byte differs
 */
export async function profile(source: Graph, plan: Plan): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'bitloom-bench-'));
  try {
    const selfTest = selfTestOf(source, plan, [testVector(source, 0)]);
    const { path, elf, sizes } = await buildFirmware({ plan, selfTest, trace: false, compiler: {}, folder });
    const listing = join(folder, 'blocks.txt');
    const marks = marksOf(plan, elf).map((address) => `mark=${address.toString(16)}`);
    const { stdout } = await runProcess(
      'qemu-system-arm',
      [
        ...machineArguments(plan.board),
        ...['-plugin', [buildPlugin(folder), `out=${listing}`, ...marks].join()],
        ...['-kernel', path],
      ],
      { cwd: folder, timeoutSeconds: TIMEOUT_SECONDS },
    );
    const report = parseReport(stdout);
    if (!report.complete || !report.runs.every(({ pass }) => pass))
      throw new Error(`${plan.prefix} on ${plan.board.core} is not what the oracle says:\n${stdout}`);
    const intervals = readIntervals(
      readFileSync(listing, 'utf8'),
      plan,
      elf,
      disassemble(path, plan.board.target.isa),
    );
    const steps = plan.stages.length > 0 ? ofStages(plan, intervals) : inOrder(plan, intervals);
    return { steps, stackBytes: report.runs[0]!.stack, sizes, run: codeOf(elf, `${plan.prefix}_run`) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inOrder({ prefix, steps }: Plan, intervals: readonly Interval[]): StepProfile[] {
  if (intervals.length !== steps.length)
    throw new Error(`${prefix} has ${steps.length} steps and ran ${intervals.length} functions`);
  return steps.map((step, i) => ({ step, ...intervals[i]! }));
}

/** Of steps that have a function for themselves; GCC may have made one of two. */
function ofStages({ prefix, steps, stages, functions }: Plan, intervals: readonly Interval[]): StepProfile[] {
  return stages.flatMap(({ layers }) =>
    layers.flatMap(({ first, last, height, most }): StepProfile[] => {
      const step = steps[first]!;
      const isShared = steps.some((other) => other !== step && other.functionIndex === step.functionIndex);
      const mark = `${prefix}_${functions[step.functionIndex]!.name}`;
      const own = intervals.filter((interval) => interval.mark.replace(/\..*/, '') === mark);
      if (isShared || first < last || own.length < height / most || own.length > height) return [];
      const blocks = own.flatMap(({ called }) => called);
      const known = new Map(own.flatMap((interval) => interval.functions.map((one) => [one.name, one])));
      return [{ step, mark, blocks, called: blocks, functions: [...known.values()] }];
    }),
  );
}

/** The entries of the specialised functions, and of the function that reads the time behind the run. */
function marksOf(plan: Plan, elf: Elf): readonly number[] {
  const names = plan.functions.map(({ name }) => `${plan.prefix}_${name}`).join('|');
  const pattern = new RegExp(`^((${names})${CLONES}|platform_now)$`);
  const functions = elf.symbols.filter(({ kind, name }) => kind === 'function' && pattern.test(name));
  return [...new Set(functions.map(({ address }) => (address & ~1) >>> 0))];
}

/** Without `-icount`, under which blocks may be cut short. */
function machineArguments({ emulator }: Board): readonly string[] {
  const all = qemuArguments(emulator.machine!, 0);
  return all.slice(0, all.indexOf('-icount'));
}

function buildPlugin(folder: string): string {
  const file = join(folder, 'blocks.so');
  const source = join(PACKAGE_ROOT, 'bench/plugin/blocks.c');
  execFileSync('gcc', ['-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-o', file, source]);
  return file;
}

/** The intervals of steps in order, of each what is not the self-test's own. */
function readIntervals(
  text: string,
  plan: Plan,
  elf: Elf,
  code: ReadonlyMap<number, Instruction>,
): readonly Interval[] {
  const model = elf.sections.find(({ name }) => name === '.model.text')!;
  const intervals: { mark: string; blocks: Block[]; called: Block[]; functions: CodeOf[] }[] = [];
  let interval: (typeof intervals)[number] | null = null;
  for (const line of text.trimEnd().split('\n')) {
    const [start, end, runs, jumps] = line.split(' ');
    if (start === 'interval') {
      const mark = functionAt(elf, Number.parseInt(end!, 16));
      interval =
        mark === null || mark === 'platform_now' ? null : { mark, blocks: [], called: [], functions: [] };
      if (interval) intervals.push(interval);
      continue;
    }
    const address = Number.parseInt(start!, 16);
    const name = functionAt(elf, address) ?? '';
    if (!interval || /^platform_/.test(name)) continue;
    const isModels = address >= model.address && address < model.address + model.bytes;
    if (isModels && name !== `${plan.prefix}_run` && !interval.functions.some((known) => known.name === name))
      interval.functions.push(codeOf(elf, name));
    const instructions = instructionsOf(code, address, Number.parseInt(end!, 16));
    const block = { instructions, runs: Number(runs), jumps: Number(jumps) };
    interval.blocks.push(block);
    if (!LOOP.test(name.slice(plan.prefix.length))) interval.called.push(block);
  }
  return intervals;
}

function codeOf({ symbols }: Elf, name: string): CodeOf {
  const bytes = symbols.find((symbol) => symbol.kind === 'function' && symbol.name === name)?.bytes ?? 0;
  return { name, bytes };
}

function instructionsOf(code: ReadonlyMap<number, Instruction>, start: number, end: number): Instruction[] {
  const instructions: Instruction[] = [];
  for (let at = start; at < end; at += instructions.at(-1)!.bytes) {
    const instruction = code.get(at);
    if (!instruction) throw new Error(`the disassembly has no instruction at 0x${at.toString(16)}`);
    instructions.push(instruction);
  }
  return instructions;
}
