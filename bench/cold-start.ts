/**
 * Time from nothing to the first result in Chromium: KWS as the npm package of `build --board web`, and by LiteRT.js. Each page load is
 * that of a new browser with an empty profile: no cache of files or of compiled code. Run: `npm run bench:cold-start`, which
 * installs LiteRT.js into bench/peers. Writes bench/results/cold-start.md. With a number: so many pairs, and nothing is written.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { emitPackage } from '../codegen/wasm/package.js';
import { tensorAt } from '../src/graph/graph.js';
import { toBytes } from '../src/graph/tensor.js';
import { load, plan } from '../src/index.js';
import { evaluate } from '../src/oracle/index.js';
import { grouped } from '../src/report/text.js';
import { testVector } from '../src/verify/vectors.js';
import { Folders } from '../test/support/artifacts.js';
import { findChromium, runInChromium } from '../test/support/chromium.js';
import { markdownTable, writeResults } from './markdown.js';
import { IMPORTS, mountsOf, NOT_THERE } from './peers/chromium.js';
import type { ColdStart, ColdStarted, Engine } from './peers/cold-start.js';
import { processor } from './processor.js';
import { modelFiles } from './shared-models.js';

const MODEL = 'kws';
const PAIRS = 15;
/** How many times Bitloom's time LiteRT.js takes, at least. */
const TARGET = 10;
const NAMES: Readonly<Record<Engine, string>> = { bitloom: 'Bitloom', liteRt: '@litertjs/core' };

const [path] = modelFiles([MODEL]);
if (path === undefined) process.exit(0);
if (findChromium() === null) {
  console.log(NOT_THERE);
  process.exit(0);
}

const tflite = readFileSync(path);
const model = load(tflite, `${MODEL}.tflite`);
const { source } = model;
const vector = testVector(source, 0);
const x = tensorAt(source, source.inputs[0]);
const expected = toBytes(evaluate(source, vector)[source.outputs[0]!]!);
const folders = new Folders();
const folder = folders.write(await emitPackage(plan(model, 'web')));
writeFileSync(join(folder, `${MODEL}.tflite`), tflite);
const mounts = mountsOf(folder);
const page: Omit<ColdStart, 'engine'> = {
  module: `/model/${MODEL}.js`,
  tflite: `/model/${MODEL}.tflite`,
  input: [...toBytes(vector[0]!)],
  type: x.format.type === 'uint8' ? 'uint8' : 'int8',
  shape: x.shape,
};

function start(engine: Engine): Promise<ColdStarted> {
  const argument = JSON.stringify({ engine, ...page } satisfies ColdStart);
  const script = `const { coldStart } = await import('/model/bench/cold-start.js'); return coldStart(${argument});`;
  return runInChromium<ColdStarted>(mounts, script, { imports: IMPORTS });
}

const pairs = Number(process.argv[2] ?? PAIRS);
const runs: Record<Engine, ColdStarted[]> = { bitloom: [], liteRt: [] };
for (let i = 0; i < pairs; i++) {
  // Each is the first as often as the other.
  const order: readonly Engine[] = i % 2 === 0 ? ['bitloom', 'liteRt'] : ['liteRt', 'bitloom'];
  for (const engine of order) runs[engine].push(await start(engine));
  console.log(`pair ${i + 1}: ${ratioOf(i).toFixed(1)}`);
}
for (const { output } of runs.bitloom)
  if (!Buffer.from(output).equals(expected)) throw new Error('not the bytes of the oracle');

function ratioOf(pair: number): number {
  return runs.liteRt[pair]!.milliseconds / runs.bitloom[pair]!.milliseconds;
}

/** Least, quartiles, greatest. */
function quartiles(values: readonly number[]): readonly string[] {
  const sorted = [...values].sort((a, b) => a - b);
  return [0, 0.25, 0.5, 0.75, 1].map((part) => sorted[Math.round(part * (sorted.length - 1))]!.toFixed(1));
}

function row(engine: Engine): readonly string[] {
  const [first] = runs[engine];
  const times = runs[engine].map(({ milliseconds }) => milliseconds);
  const compressed = first!.loaded.map(([path]) => {
    const [, mount, ...rest] = path.split('/');
    return gzipSync(readFileSync(join(mounts[mount!]!, ...rest)), { level: 9 }).length;
  });
  return [
    NAMES[engine],
    ...quartiles(times),
    String(first!.loaded.length),
    grouped(sum(first!.loaded.map(([, bytes]) => bytes))),
    grouped(sum(compressed)),
    `${first!.output.filter((code, i) => code !== expected[i]).length} of ${expected.length}`,
  ];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const spread = ['least', 'lower quartile', 'median', 'upper quartile', 'greatest'];
const ratios = quartiles(Array.from({ length: pairs }, (_, i) => ratioOf(i)));
const { stdout } = spawnSync(findChromium()!, ['--version'], { encoding: 'utf8' });
const tables = [
  markdownTable(
    [
      'cold start, ms on the machine at hand',
      ...spread,
      'files',
      'bytes',
      'compressed',
      'outputs that differ from the oracle',
    ],
    (['bitloom', 'liteRt'] as const).map(row),
  ),
  markdownTable(
    ['LiteRT.js over Bitloom, by pairs', ...spread, 'target'],
    [[MODEL, ...ratios, String(TARGET)]],
  ),
];
folders.remove();
if (process.argv[2] !== undefined) console.log(tables.join('\n\n'));
else
  writeResults('cold-start', [
    `# Cold start, ${/^Chromium [\d.]+/.exec(stdout)?.[0] ?? 'Chromium'}, ${processor()}`,
    `Made by \`npm run bench:cold-start\`: ${pairs} pairs of page loads, each in a new browser, from before the engine's first ` +
      'import until the output is there; docs/benchmarks.md says how. Bytes are those of JavaScript, WebAssembly and, for LiteRT.js, the model.',
    ...tables,
  ]);
