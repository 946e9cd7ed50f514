import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../../boards/board.js';
import type { SelfTest } from '../../codegen/c/kits/selftest.js';
import { streamOf } from '../../codegen/feed.js';
import { BitloomError } from '../graph/diagnostics.js';
import type { Graph } from '../graph/graph.js';
import type { Plan } from '../plan/plan.js';
import { type InputVector, selfTestOf } from './cases.js';
import type { Compiler } from './compiler.js';
import { runOnHost } from './host.js';
import type { Observation, Runner } from './job.js';
import { runInNode } from './node.js';
import { runInQemu } from './qemu.js';
import { runInQemuUser } from './qemu-user.js';
import { runInRp2040js } from './rp2040js.js';
import { testVector } from './vectors.js';
import { firstDifference, greatest, layerVerdicts, type Verdict } from './verdict.js';

export { type InputVector, selfTestOf } from './cases.js';
export type { Compiler } from './compiler.js';
export { loadInputs } from './input.js';
export { checkTools, type Tool } from './tools.js';
export { testVector } from './vectors.js';
export type { Difference, LayerVerdict, Verdict } from './verdict.js';

export interface VerifyOptions {
  /** Inferences that follow each other; else generated ones (`testVector`). */
  readonly vectors?: readonly InputVector[];
  /** How many to generate; 3 unless given. */
  readonly count?: number;
  /** Observe and time every layer. Without it layers are observed only when an output differs. */
  readonly layers?: boolean;
  /** Keep the build folder and name it in the verdict. */
  readonly keep?: boolean;
  /** Of the C code of all boards but those that run WASM; that of the generated Makefile unless given. */
  readonly compiler?: Compiler;
}

const DEFAULT_COUNT = 3;
/** Vectors built into one image where the board's emulator sets no limit. */
const CHUNK_BYTES = 4 << 20;

const RUNNERS: Readonly<Record<Board['emulator']['runner'], Runner>> = {
  qemu: runInQemu,
  'qemu-user': runInQemuUser,
  rp2040js: runInRp2040js,
  host: runOnHost,
  node: runInNode,
};

/**
 * Builds the planned model, runs it on what stands for the board, and compares every byte with the oracle.
 *
 * @param source the graph as imported: what outputs must equal
 * @param plan what is built; its layers must equal the planned graph's
 * @throws BitloomError BL302 or BL401 when it does not build, BL501 and BL502 when a tool is missing or fails, BL503 when a
 * vector does not match the model
 */
export async function verify(source: Graph, plan: Plan, options: VerifyOptions = {}): Promise<Verdict> {
  const vectors =
    options.vectors ?? Array.from({ length: countOf(plan, options) }, (_, k) => testVector(source, k));
  const folder = mkdtempSync(join(tmpdir(), `bitloom-${plan.prefix}-`));
  try {
    const parts: Part[] = [];
    for (const chunk of streamOf(plan) ? [vectors] : chunks(source, plan.board, vectors)) {
      parts.push(await verifyChunk(source, plan, chunk, options, join(folder, String(parts.length))));
      if (!parts.at(-1)!.equal) break;
    }
    return combine(plan, parts, options.keep ? folder : null);
  } catch (error) {
    // There is no verdict to name it.
    if (options.keep && error instanceof BitloomError)
      throw new BitloomError(error.code, error.problem, `${error.wayOut}. The build is kept in ${folder}`);
    throw error;
  } finally {
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** How many vectors to generate: of a stream, windows that follow each other, of which the first alone shows no output's share. */
function countOf(plan: Plan, { count = DEFAULT_COUNT }: VerifyOptions): number {
  return streamOf(plan) ? Math.max(2, count) : count;
}

/** What one image showed. */
interface Part {
  readonly selfTest: SelfTest;
  readonly equal: boolean;
  readonly plain: Observation;
  readonly traced: Observation | null;
}

async function verifyChunk(
  source: Graph,
  plan: Plan,
  vectors: readonly InputVector[],
  { layers, compiler = {} }: VerifyOptions,
  folder: string,
): Promise<Part> {
  const selfTest = selfTestOf(source, plan, vectors);
  const runner = RUNNERS[plan.board.emulator.runner];
  const observe = (trace: boolean) => {
    const build = join(folder, trace ? 'traced' : 'plain');
    mkdirSync(build, { recursive: true });
    return runner({ plan, selfTest, trace, compiler, folder: build });
  };
  const plain = await observe(false);
  const outputsEqual = plain.runs.every(({ equal }) => equal);
  const traced = layers || !outputsEqual ? await observe(true) : null;
  const equal =
    outputsEqual &&
    [...(traced?.runs ?? []), ...(traced?.layers ?? [])].every((seen) => seen.equal) &&
    traced?.arena?.guarded !== false;
  return { selfTest, equal, plain, traced };
}

function combine(plan: Plan, parts: readonly Part[], folder: string | null): Verdict {
  const { board, totals } = plan;
  const runs = parts.flatMap(({ plain }) => plain.runs);
  const stream = streamOf(plan);
  // The first run of a stream fills its window.
  const timed = stream ? runs.slice(1) : runs;
  const { sizes } = parts[0]!.plain;
  const failed = parts.at(-1)!;
  const before = parts.slice(0, -1).reduce((sum, { selfTest }) => sum + selfTest.length, 0);
  const dumps = [...(failed.traced?.dumps ?? []), ...failed.plain.dumps];
  const found = firstDifference(plan, failed.selfTest, dumps);
  const traced = parts.flatMap((part) => (part.traced ? [part.traced] : []));
  const seen = { ...parts[0]!.plain, layers: traced.flatMap(({ layers }) => layers) };
  return {
    model: plan.prefix,
    board: board.id,
    runner: runnerName(board),
    equal: failed.equal,
    vectors: runs.length,
    framesPerOutput: stream?.stride ?? null,
    instructions: greatest(timed.map(({ instructions }) => instructions)),
    processors: processorsOf(plan, parts),
    cycles: greatest(timed.map(({ cycles }) => cycles)),
    macs: totals.macs,
    arenaBytes: totals.arenaBytes,
    touchedBytes: greatest(traced.map(({ arena }) => arena?.touched ?? null)),
    guarded: traced.some(({ arena }) => arena) ? traced.every(({ arena }) => arena?.guarded !== false) : null,
    stackBytes: greatest(runs.map(({ stackBytes }) => stackBytes)),
    codeBytes: sizes.codeBytes,
    constantBytes: sizes.constantBytes ?? totals.constantBytes,
    imageBytes: sizes.imageBytes,
    layers: traced.length > 0 ? layerVerdicts(plan, seen) : [],
    firstDifference: found && { ...found, vector: found.vector + before },
    folder,
  };
}

function processorsOf(plan: Plan, parts: readonly Part[]): Verdict['processors'] {
  const all = parts.map(({ plain }) => plain.processors ?? []);
  const from = streamOf(plan) ? 1 : 0;
  return (all[0] ?? []).map(({ processor }, i) => ({
    processor,
    instructions: greatest(all.flatMap((seen) => seen[i]?.runs ?? []).slice(from)),
  }));
}

function runnerName({ emulator }: Board): string {
  switch (emulator.runner) {
    case 'qemu':
      return `QEMU ${emulator.machine}`;
    case 'qemu-user':
      return `qemu-${emulator.machine}`;
    case 'rp2040js':
      return 'rp2040js';
    case 'host':
      return 'host C compiler';
    case 'node':
      return `Node ${process.version}`;
  }
}

/** Vectors in groups that fit into one image. A model with states needs its sequence whole. */
function chunks(
  source: Graph,
  board: Board,
  vectors: readonly InputVector[],
): readonly (readonly InputVector[])[] {
  if (source.tensors.some(({ state }) => state)) return [vectors];
  const test = board.emulator.regions?.find(({ kind }) => kind === 'test');
  // Outputs and checksums share the room: half of it is for inputs.
  const limit = (test?.bytes ?? CHUNK_BYTES) / 2;
  const groups: InputVector[][] = [[]];
  let used = 0;
  for (const vector of vectors) {
    const bytes = vector.reduce((sum, data) => sum + data.byteLength, 0);
    if (used > 0 && used + bytes > limit) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)!.push(vector);
    used += bytes;
  }
  return groups;
}
