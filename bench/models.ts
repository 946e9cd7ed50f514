/**
 * Instructions, RAM and flash of whole models on Cortex-M0+, M4 and M55, and WASM latency, as tables.
 * Run: `npm run bench` (needs the tools of `bitloom doctor`). Writes bench/results/models.md and .json.
 *
 * Models: examples/digits and, when ../shared lies beside the checkout, everything in shared/models/tflite.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BitloomError, load, type Model, plan, type Verdict, verify } from '../src/index.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import { checkFit } from '../src/plan/fit.js';
import { grouped } from '../src/report/text.js';
import { measureLatency } from './wasm-latency.js';

/** The core's name and the boards that stand for it, the first that the model fits is used. */
const CORES = [
  { core: 'M0+', boards: ['pico'] },
  { core: 'M4', boards: ['nucleo-f446re', 'mps2-an386'] },
  { core: 'M55', boards: ['mps3-an547'] },
] as const;

interface Row {
  readonly model: string;
  readonly macs: number;
  readonly arenaBytes: number;
  readonly constantBytes: number;
  readonly cores: Readonly<Record<string, Verdict | string>>;
  readonly wasmBytes: number;
  readonly wasmMilliseconds: number;
}

function modelFiles(): string[] {
  const shared = join(PACKAGE_ROOT, '../shared/models/tflite');
  const files = [join(PACKAGE_ROOT, 'examples/digits/digits.tflite')];
  if (!existsSync(shared)) {
    console.log('skipped: the shared models, because ../shared/models is not there');
    return files;
  }
  return [
    ...files,
    ...readdirSync(shared)
      .sort()
      .map((file) => join(shared, file)),
  ];
}

async function measureCore(model: Model, boards: readonly string[]): Promise<Verdict | string> {
  const plans = boards.map((id) => plan(model, id));
  const fitting = plans.find((planned) => checkFit(planned).fits);
  if (!fitting) return 'does not fit';
  try {
    const verdict = await verify(model, fitting.board, { count: 1 });
    return verdict.equal ? verdict : 'DIFFERENT';
  } catch (error) {
    if (error instanceof BitloomError) return error.code;
    throw error;
  }
}

async function measure(file: string): Promise<Row> {
  const model = load(readFileSync(file), basename(file));
  const cores: Record<string, Verdict | string> = {};
  for (const { core, boards } of CORES) cores[core] = await measureCore(model, boards);
  const web = plan(model, 'web');
  const { bytes, milliseconds } = await measureLatency(model, web);
  const { macs, arenaBytes, constantBytes } = web.totals;
  console.log(`${model.name}: done`);
  return {
    model: model.name,
    macs,
    arenaBytes,
    constantBytes,
    cores,
    wasmBytes: bytes,
    wasmMilliseconds: milliseconds,
  };
}

function markdown(rows: readonly Row[]): string {
  const figure = (value: Verdict | string | undefined, pick: (v: Verdict) => number | null) => {
    if (value === undefined || typeof value === 'string') return value ?? '';
    const picked = pick(value);
    return picked === null ? '-' : grouped(picked);
  };
  const perMac = (value: Verdict | string | undefined) =>
    value === undefined || typeof value === 'string' || value.instructions === null || value.macs === 0
      ? ''
      : ` (${(value.instructions / value.macs).toFixed(2)})`;
  const names = CORES.map(({ core }) => core);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const instructions = rows.map((row) =>
    line([
      row.model,
      grouped(row.macs),
      ...names.map((core) => figure(row.cores[core], (v) => v.instructions) + perMac(row.cores[core])),
      row.wasmMilliseconds.toFixed(3),
    ]),
  );
  const memory = rows.map((row) =>
    line([
      row.model,
      grouped(row.arenaBytes),
      figure(row.cores.M4, (v) => v.stackBytes),
      grouped(row.constantBytes),
      ...names.map((core) => figure(row.cores[core], (v) => v.codeBytes)),
      figure(row.cores.M4, (v) => v.imageBytes),
      grouped(row.wasmBytes),
    ]),
  );
  return [
    '# Benchmark results',
    '',
    'Made by `npm run bench`. Instructions are executed ones (QEMU `-icount`, rp2040js), exact and repeatable; every run was',
    'compared with the oracle. WASM milliseconds are the median of 200 runs on the machine at hand: compare ratios only.',
    '',
    '## Executed instructions of one inference (per MAC)',
    '',
    line(['model', 'MAC', ...names, `WASM ms, Node ${process.version}`]),
    line(['---', '---:', ...names.map(() => '---:'), '---:']),
    ...instructions,
    '',
    '## Bytes',
    '',
    "Code is the model's own functions; image is all flash of the M4 self-test firmware without its test vectors.",
    '',
    line([
      'model',
      'arena',
      'stack M4',
      'constants',
      ...names.map((core) => `code ${core}`),
      'image M4',
      '.wasm',
    ]),
    line(['---', '---:', '---:', '---:', ...names.map(() => '---:'), '---:', '---:']),
    ...memory,
    '',
  ].join('\n');
}

const rows: Row[] = [];
for (const file of modelFiles()) rows.push(await measure(file));
const text = markdown(rows);
writeFileSync(join(PACKAGE_ROOT, 'bench/results/models.md'), text);
writeFileSync(join(PACKAGE_ROOT, 'bench/results/models.json'), `${JSON.stringify(rows, null, 2)}\n`);
console.log(`\n${text}`);
