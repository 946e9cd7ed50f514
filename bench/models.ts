/**
 * Instructions, estimated cycles, RAM and flash of whole models on every core, and WASM latency, as tables.
 * Run: `npm run bench:models [-- <model>...]` (needs the tools of `bitloom doctor` and gcc). Writes bench/results/models.md.
 */
import { BitloomError, type Model, plan, verify } from '../src/index.js';
import { checkFit } from '../src/plan/fit.js';
import { grouped } from '../src/report/text.js';
import { CORE_NAMES, type CoreName, measuringBoard } from './cores.js';
import { markdownTable, writeResults } from './markdown.js';
import { type Profile, profile } from './profile.js';
import { BOARD_MEGACYCLES, CMSIS_NN_INSTRUCTIONS } from './published.js';
import { sharedModels } from './shared-models.js';
import { cyclesOf, instructionsOf } from './timing.js';
import { measureLatency } from './wasm-latency.js';

interface Figures {
  readonly instructions: number;
  readonly cycles: number;
  readonly profile: Profile;
}

interface Row {
  readonly model: string;
  readonly macs: number;
  readonly arenaBytes: number;
  readonly constantBytes: number;
  /** None where the model does not fit the emulated machine. */
  readonly cores: ReadonlyMap<CoreName, Figures>;
  /** Modelled by rp2040js; none where the model does not fit a Raspberry Pi Pico. */
  readonly rp2040Cycles: number | null;
  readonly wasm: { readonly bytes: number; readonly milliseconds: number };
}

async function measureCore(model: Model, core: CoreName): Promise<Figures | null> {
  const planned = plan(model, measuringBoard(core));
  if (!checkFit(planned).fits) return null;
  try {
    const measured = await profile(model.source, planned);
    const sum = (of: (blocks: (typeof measured.steps)[number]['blocks']) => number) =>
      measured.steps.reduce((total, { blocks }) => total + of(blocks), 0);
    return {
      instructions: sum(instructionsOf),
      cycles: sum((blocks) => cyclesOf(core, blocks)),
      profile: measured,
    };
  } catch (error) {
    // What the plan predicts of code is not exact.
    if (error instanceof BitloomError && error.code === 'BL302') return null;
    throw error;
  }
}

async function rp2040Cycles(model: Model): Promise<number | null> {
  const planned = plan(model, 'pico');
  if (!checkFit(planned).fits) return null;
  const { equal, cycles } = await verify(model, planned.board, { count: 1 });
  if (!equal) throw new Error(`${model.name} on the pico is not what the oracle says`);
  return cycles;
}

async function measure(model: Model): Promise<Row> {
  const cores = new Map<CoreName, Figures>();
  for (const core of CORE_NAMES) {
    const figures = await measureCore(model, core);
    if (figures) cores.set(core, figures);
  }
  const web = plan(model, 'web');
  const { macs, arenaBytes, constantBytes } = web.totals;
  const row = {
    model: model.name,
    macs,
    arenaBytes,
    constantBytes,
    cores,
    rp2040Cycles: await rp2040Cycles(model),
    wasm: await measureLatency(model, web),
  };
  console.log(`${model.name}: done`);
  return row;
}

const figure = (value: number | null | undefined) =>
  value === null || value === undefined ? '-' : grouped(value);
const ratio = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(2));

function instructionTable(rows: readonly Row[]): string {
  return markdownTable(
    ['model', 'MAC', ...CORE_NAMES],
    rows.map(({ model, macs, cores }) => [
      model,
      grouped(macs),
      ...CORE_NAMES.map((core) => {
        const found = cores.get(core);
        return found ? `${grouped(found.instructions)} (${(found.instructions / macs).toFixed(2)})` : '-';
      }),
    ]),
  );
}

function peerTable(rows: readonly Row[]): string {
  const known = rows.filter(({ model }) => CMSIS_NN_INSTRUCTIONS[model]);
  return markdownTable(
    ['model', ...CORE_NAMES.filter((core) => core !== 'M3')],
    known.map(({ model, cores }) => [
      model,
      ...CORE_NAMES.filter((core) => core !== 'M3').map((core) => {
        const peer = CMSIS_NN_INSTRUCTIONS[model]![core];
        const own = cores.get(core)?.instructions;
        return ratio(peer && own ? peer / own : undefined);
      }),
    ]),
  );
}

function cycleTable(rows: readonly Row[]): string {
  return markdownTable(
    ['model', ...CORE_NAMES.flatMap((core) => (core === 'M0+' ? [core, 'M0+ in rp2040js'] : [core]))],
    rows.map(({ model, cores, rp2040Cycles }) => [
      model,
      ...CORE_NAMES.flatMap((core) => {
        const cycles = figure(cores.get(core)?.cycles);
        return core === 'M0+' ? [cycles, figure(rp2040Cycles)] : [cycles];
      }),
    ]),
  );
}

function boardTable(rows: readonly Row[]): string {
  const names = ['kws', 'vww', 'ic', 'ad'];
  const estimate = (model: string, core: CoreName) =>
    rows.find((row) => row.model === model)?.cores.get(core)?.cycles;
  return markdownTable(
    ['published', 'core', ...names],
    BOARD_MEGACYCLES.map(({ entry, core, models }) => [
      entry,
      core,
      ...names.map((name) => {
        const own = estimate(name, core);
        const published = models[name]!;
        return own ? `${published} (${(published / (own / 1e6)).toFixed(2)})` : String(published);
      }),
    ]),
  );
}

function byteTable(rows: readonly Row[]): string {
  return markdownTable(
    [
      'model',
      'arena web',
      'stack M4',
      'constants web',
      ...CORE_NAMES.map((core) => `code ${core}`),
      'image M4',
      '.wasm',
    ],
    rows.map(({ model, arenaBytes, constantBytes, cores, wasm }) => [
      model,
      grouped(arenaBytes),
      figure(cores.get('M4')?.profile.stackBytes),
      grouped(constantBytes),
      ...CORE_NAMES.map((core) => figure(cores.get(core)?.profile.sizes.codeBytes)),
      figure(cores.get('M4')?.profile.sizes.imageBytes),
      grouped(wasm.bytes),
    ]),
  );
}

const rows: Row[] = [];
for (const model of sharedModels(process.argv.slice(2))) rows.push(await measure(model));
writeResults('models', [
  '# Whole models',
  'Made by `npm run bench:models`. docs/benchmarks.md says how. Every run was compared with the oracle.',
  '## Executed instructions of one inference (per MAC)',
  instructionTable(rows),
  '## Instructions of TensorFlow Lite Micro with CMSIS-NN, as a multiple of these',
  peerTable(rows),
  '## Estimated cycles, flash without wait states',
  cycleTable(rows),
  '## Millions of cycles of other products on real boards (as a multiple of the estimate above)',
  boardTable(rows),
  '## Bytes',
  "Code is the model's own functions; image is all flash of the M4 self-test firmware without its test vectors.",
  byteTable(rows),
  '## WASM',
  'Median of 200 runs on the machine at hand; wasm.md has ratios that mean something elsewhere.',
  markdownTable(
    ['model', `ms, Node ${process.version}`],
    rows.map(({ model, wasm }) => [model, wasm.milliseconds.toFixed(3)]),
  ),
]);
