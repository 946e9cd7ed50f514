/**
 * Measures every network of `models/`: test accuracy in the generated module's own arithmetic, flash, RAM and instructions on Cortex-M
 * boards in emulators (each compared with the oracle), and speed in WebAssembly against the int8 network in the same run.
 * Run: `npx tsx examples/low-bit/table.ts` (needs the tools of `bitloom doctor`); writes results.md.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, load, type Model, plan, verify } from '../../src/index.js';
import { type DigitSet, PIXELS } from '../digits/mnist.js';
import { DATA_SETS, type DataSet, hasFashion, loadSet } from './data.js';
import { FORMATS, type Format, LABELS } from './formats.js';

const BOARDS = { 'M0+': 'pico', M4: 'nucleo-f446re', M55: 'mps3-an547' } as const;

/** Rounds of the interleaved timing, and runs in each. */
const ROUNDS = 60;
const RUNS = 40;

interface Running {
  readonly input: Int8Array;
  run(): Int8Array;
}

const folder = mkdtempSync(join(tmpdir(), 'low-bit-'));

/** Loads the generated module as an app does. */
async function running(model: Model): Promise<Running> {
  const home = join(folder, model.name);
  for (const [path, bytes] of await build(model, plan(model, 'web'))) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), bytes);
  }
  const bindings = await import(pathToFileURL(join(home, `${model.name}.js`)).href);
  return bindings.load();
}

function accuracy(module: Running, set: DigitSet): number {
  let right = 0;
  for (let i = 0; i < set.count; i++) {
    for (let p = 0; p < PIXELS; p++) module.input[p] = set.pixels[i * PIXELS + p]! - 128;
    const logits = module.run();
    if (logits.indexOf(Math.max(...logits)) === set.labels[i]) right++;
  }
  return (100 * right) / set.count;
}

function milliseconds(module: Running): number {
  const start = process.cpuUsage();
  for (let i = 0; i < RUNS; i++) module.run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Median over rounds of the int8 network's time over the other's, run in turn. */
function speedup(int8: Running, other: Running): number {
  for (let i = 0; i < 200; i++) for (const module of [int8, other]) module.run();
  const ratios = Array.from({ length: ROUNDS }, () => milliseconds(int8) / milliseconds(other));
  return ratios.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

async function rowsOf(set: DataSet): Promise<string[]> {
  const images = loadSet(set, 't10k');
  const file = (format: Format) => new URL(`./models/${set}-${format}.tflite`, import.meta.url);
  const models = FORMATS.filter((format) => existsSync(file(format))).map((format) => ({
    format,
    model: load(readFileSync(file(format)), `${set}_${format.replace('-', '_')}.tflite`),
  }));
  const reference = models.find(({ format }) => format === 'int8');
  const int8 = reference && (await running(reference.model));
  const rows: string[] = [];
  for (const { format, model } of models) {
    const module = await running(model);
    const cells = [set, LABELS[format], `${accuracy(module, images).toFixed(2)} %`];
    const flash: string[] = [];
    const instructions: string[] = [];
    let arena = '';
    for (const board of Object.values(BOARDS)) {
      const verdict = await verify(model, board, { count: 1 });
      if (!verdict.equal) throw new Error(`${model.name} differs from the oracle on ${board}`);
      flash.push(((verdict.constantBytes + (verdict.codeBytes ?? 0)) / 1000).toFixed(1));
      instructions.push(((verdict.instructions ?? 0) / 1e6).toFixed(2));
      arena ||= (verdict.arenaBytes / 1000).toFixed(1);
    }
    cells.push(flash.join(' / '), arena, ...instructions, int8 ? speedup(int8, module).toFixed(2) : '-');
    rows.push(`| ${cells.join(' | ')} |`);
    console.log(rows.at(-1));
  }
  return rows;
}

const sets = DATA_SETS.filter((set) => set === 'digits' || hasFashion());
const lines: string[] = [];
for (const set of sets) lines.push(...(await rowsOf(set)));
rmSync(folder, { recursive: true });
const head = [
  'pictures',
  'format of the inner layers',
  'test images right',
  `flash, kB (${Object.keys(BOARDS).join(' / ')})`,
  'arena on M0+, kB',
  ...Object.keys(BOARDS).map((core) => `${core}, M instructions`),
  'WASM, times as fast as int8',
];
const text = `# Networks in five formats

Made by \`npx tsx examples/low-bit/table.ts\`. Flash is constants and code of the model; every board ran in its emulator and was equal to the oracle.
WASM: Node ${process.version}, median of ${ROUNDS} paired rounds.

| ${head.join(' | ')} |
|${head.map(() => '---').join('|')}|
${lines.join('\n')}
`;
writeFileSync(new URL('./results.md', import.meta.url), text);
