/** What llvm-mca estimates of a layer's innermost work: cycles by a model of the processor's pipelines, as if every load hit the first cache. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitC } from '../codegen/c/index.js';
import { androidPlatform } from '../codegen/c/kits/bare/android.js';
import type { Plan } from '../src/plan/plan.js';
import { writeFiles } from '../src/verify/firmware.js';

const ITERATIONS = 100;

/** Multiplications of 8-bit codes that an instruction makes. */
const MACS: Readonly<Record<string, number>> = {
  smull: 8,
  smull2: 8,
  smlal: 8,
  smlal2: 8,
  sdot: 16,
  smmla: 32,
};

/** Those that widen sums. */
const WIDENING = /^sad[ad]lp\s/;

/** Of a loop over blocks of output channels, once around. */
export interface LoopEstimate {
  readonly instructionsPerMac: number;
  /** By processor, as clang calls it. */
  readonly cyclesPerMac: readonly number[];
}

/**
 * Estimates the loop over output channels of a convolution for NEON whose windows are read in place, requantization included.
 * @param macs of once around it
 * @param flags what the variant is compiled with
 * @param widening where several loops have the products: how often the one that is meant widens sums
 */
export function estimateLoop(
  plan: Plan,
  step: string,
  macs: number,
  {
    variant,
    flags,
    widening = 0,
  }: { readonly variant: string; readonly flags: readonly string[]; readonly widening?: number },
  processors: readonly string[],
): LoopEstimate {
  const folder = mkdtempSync(join(tmpdir(), 'bitloom-mca-'));
  try {
    const encoder = new TextEncoder();
    const platform = androidPlatform().map(([path, text]) => [path, encoder.encode(text)] as const);
    writeFiles(folder, new Map([...emitC(plan), ...platform]));
    const assembly = join(folder, 'variant.s');
    const own = ['-ffreestanding', '-nostdlibinc', '-isystem', 'platform/include', '-std=c99', '-O3'];
    const args = [...plan.board.compilerFlags, ...flags, ...own, '-S', '-o', assembly];
    execFileSync('clang', [...args, `${plan.prefix}_${variant}.c`], { cwd: folder });
    const { functionIndex } = plan.steps.find(({ name }) => name === step)!;
    const lines = functionLines(
      readFileSync(assembly, 'utf8'),
      `${plan.prefix}_${plan.functions[functionIndex]!.name}`,
    );
    const body = channelLoop(lines, macs, widening);
    return {
      instructionsPerMac: body.length / macs,
      cyclesPerMac: processors.map((processor) => cyclesOf(body, processor) / macs),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Labels and instructions of a function, without comments and directives. */
function functionLines(assembly: string, name: string): string[] {
  const [, rest] = assembly.split(`\n${name}:`);
  if (rest === undefined) throw new Error(`clang has inlined ${name}`);
  const lines = rest
    .slice(0, rest.indexOf('.Lfunc_end'))
    .split('\n')
    .map((line) => line.replace(/\/\/.*/, '').trim());
  return lines.filter((line) => line !== '' && (line.endsWith(':') || !line.startsWith('.')));
}

/** Instructions of once around the loop, those of a loop in it as often as the MACs need. */
function channelLoop(lines: readonly string[], macs: number, widening: number): string[] {
  const loops = lines.flatMap((line, end) => {
    const [, label] = /^(?:b|b\.\w+|cbn?z|tbn?z)\s.*?(\.LBB\w+)$/.exec(line) ?? [];
    const begin = label === undefined ? -1 : lines.indexOf(`${label}:`);
    return begin >= 0 && begin < end ? [{ begin, end }] : [];
  });
  loops.sort((a, b) => a.end - a.begin - (b.end - b.begin));
  const within = ({ begin, end }: { begin: number; end: number }) => lines.slice(begin, end + 1);
  const outer = loops.find(
    (loop) =>
      within(loop).some((line) => line.startsWith('sqrdmulh')) &&
      (widening === 0 || within(loop).filter((line) => WIDENING.test(line)).length === widening),
  );
  if (!outer) throw new Error('no loop has products and requantization');
  const inner = loops.find(({ begin, end }) => begin > outer.begin && end < outer.end);
  const repeated = inner ? within(inner) : [];
  const once = macsOf(within(outer)) - macsOf(repeated);
  const times = inner ? (macs - once) / macsOf(repeated) : 0;
  if (!Number.isInteger(times) || once + times * macsOf(repeated) !== macs)
    throw new Error(`a loop with ${once} + n * ${macsOf(repeated)} MACs cannot make ${macs}`);
  const body = inner
    ? [
        ...lines.slice(outer.begin, inner.begin),
        ...Array.from({ length: times }, () => repeated).flat(),
        ...lines.slice(inner.end + 1, outer.end + 1),
      ]
    : within(outer);
  return body.filter((line) => !line.endsWith(':'));
}

function macsOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + (MACS[line.split(/\s/)[0]!] ?? 0), 0);
}

/** Of one iteration of many. */
function cyclesOf(body: readonly string[], processor: string): number {
  const args = ['-mtriple=aarch64-linux-android', `-mcpu=${processor}`, '-mattr=+dotprod,+i8mm'];
  const report = execFileSync('llvm-mca', [...args, `-iterations=${ITERATIONS}`], {
    input: `${body.join('\n')}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return Number(/^Total Cycles: +(\d+)$/m.exec(report)![1]) / ITERATIONS;
}
