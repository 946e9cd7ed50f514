/**
 * Time of LiteRT.js over that of Bitloom's module, in one process. Run: `npm run bench:wasm`, which installs the peer into
 * bench/peers, under the Node at hand and under Node 24. Writes bench/results/wasm-node<version>.md.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { emitWasm } from '../codegen/wasm/index.js';
import { load, plan } from '../src/index.js';
import type { Plan } from '../src/plan/plan.js';
import { grouped } from '../src/report/text.js';
import { testVector } from '../src/verify/vectors.js';
import { Folders } from '../test/support/artifacts.js';
import { importWasm } from '../test/support/node-wasm.js';
import { markdownTable, writeResults } from './markdown.js';
import { liteRtRunner, loadLiteRt, type Runner } from './peers/litert.js';
import { modelFiles } from './shared-models.js';

/** LiteRT.js refuses person_detect. */
const MODELS = ['kws', 'vww', 'ic', 'ad', 'sww', 'micro_speech_quantized', 'mobilenet_v2_1.0_224'];
const WARM_UP_RUNS = 120;
const ROUNDS = 60;
/** A sample is as many runs as take this long: the clock is too coarse for short ones. */
const SAMPLE_MILLISECONDS = 2;
/** Long models get fewer warm-up runs and rounds. */
const BUDGET_MILLISECONDS = 20_000;

async function bitloomRunner(planned: Plan, folders: Folders, input: Int8Array): Promise<Runner> {
  const model = await (await importWasm(planned, folders)).load();
  const run = () => {
    (model.input as Int8Array).set(input);
    model.run();
  };
  return {
    run,
    output: async () => {
      run();
      return Int8Array.from(model.output as Int8Array);
    },
  };
}

/** Milliseconds of one run, out of `runs`. */
async function time(runner: Runner, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) {
    // No turn of the event loop for what does not need one.
    const pending = runner.run();
    if (pending) await pending;
  }
  return (performance.now() - start) / runs;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Times of both in each of many rounds, which of them goes first by chance. */
async function compare(own: Runner, peer: Runner): Promise<{ own: number[]; peer: number[] }> {
  const runners = { own, peer };
  const runs = { own: 1, peer: 1 };
  for (const key of ['own', 'peer'] as const) {
    const first = await time(runners[key], 2);
    const each = await time(runners[key], Math.ceil(Math.min(WARM_UP_RUNS, BUDGET_MILLISECONDS / 4 / first)));
    runs[key] = Math.max(1, Math.ceil(SAMPLE_MILLISECONDS / each));
  }
  const times = { own: [] as number[], peer: [] as number[] };
  const start = performance.now();
  while (times.own.length < ROUNDS && performance.now() - start < BUDGET_MILLISECONDS) {
    const order = Math.random() < 0.5 ? (['own', 'peer'] as const) : (['peer', 'own'] as const);
    for (const key of order) times[key].push(await time(runners[key], runs[key]));
  }
  return times;
}

/** Bytes of the module as the web transfers it, with weights that compress to nothing. */
async function codeBytes(planned: Plan): Promise<number> {
  const constants = planned.constants.map((block) => ({
    ...block,
    data: block.data.slice().fill(0 as never),
  }));
  const artifact = await emitWasm({ ...planned, constants });
  return gzipSync(artifact.get(`${planned.prefix}.wasm`)!, { level: 9 }).length;
}

async function measure(engine: Awaited<ReturnType<typeof loadLiteRt>>, path: string): Promise<string[]> {
  const bytes = readFileSync(path);
  const model = load(bytes, basename(path));
  const planned = plan(model, 'web');
  const input = testVector(model.source, 0)[0] as Int8Array;
  const own = await bitloomRunner(planned, folders, input);
  const peer = await liteRtRunner(engine, bytes, input);
  const times = await compare(own, peer);
  const [a, b] = [await own.output(), await peer.output()];
  const differ = a.reduce((sum, value, i) => sum + (value === b[i] ? 0 : 1), 0);
  const ratios = times.own.map((milliseconds, i) => times.peer[i]! / milliseconds);
  console.log(`${model.name}: done`);
  return [
    model.name,
    median(times.own).toFixed(3),
    median(ratios).toFixed(2),
    (Math.min(...times.peer) / Math.min(...times.own)).toFixed(2),
    `${differ} of ${a.length}`,
    grouped(await codeBytes(planned)),
  ];
}

const folders = new Folders();
const engine = await loadLiteRt();
const rows: string[][] = [];
const names = process.argv.slice(2);
for (const path of modelFiles(names.length > 0 ? names : MODELS)) rows.push(await measure(engine, path));
folders.remove();
writeResults(`wasm-node${process.versions.node.split('.')[0]}`, [
  `# WASM, Node ${process.version}`,
  'Made by `npm run bench:wasm`. One thread; LiteRT.js as it chooses its build. docs/benchmarks.md says how.',
  markdownTable(
    [
      'model',
      'ms on the machine at hand',
      'LiteRT.js: median of paired ratios',
      'least / least',
      'outputs that differ from LiteRT.js',
      'module, compressed, without weights',
    ],
    rows,
  ),
]);
process.exit(0);
