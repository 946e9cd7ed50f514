/**
 * Times of LiteRT.js and onnxruntime-web over that of Bitloom's module, in one process. Run: `npm run bench:wasm`, which installs
 * the peers into bench/peers, under the Node at hand, under Node 24 and in headless Chromium. Writes
 * bench/results/wasm-<engine>.md. With names of models: only those, and nothing is written.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { emitWasm } from '../codegen/wasm/index.js';
import { tensorAt } from '../src/graph/graph.js';
import { toBytes } from '../src/graph/tensor.js';
import { load, plan } from '../src/index.js';
import { evaluate } from '../src/oracle/index.js';
import type { Plan } from '../src/plan/plan.js';
import { grouped } from '../src/report/text.js';
import { testVector } from '../src/verify/vectors.js';
import { Folders } from '../test/support/artifacts.js';
import { findChromium } from '../test/support/chromium.js';
import { markdownTable, writeResults } from './markdown.js';
import { compareInChromium, NOT_THERE } from './peers/chromium.js';
import type { Comparison } from './peers/compare.js';
import { compareEngines, type Engines, type Subject } from './peers/engines.js';
import { loadEngines } from './peers/node.js';
import { onnxModel, onnxShape, toOnnx } from './peers/onnx.js';
import { processor } from './processor.js';
import { modelFiles } from './shared-models.js';

/** Targets: how many times the peer's time, at least. LiteRT.js refuses person_detect and the open batch of sww. */
const MODELS: Readonly<Record<string, { readonly liteRt?: number; readonly onnxRuntime?: number }>> = {
  kws: { liteRt: 2.2, onnxRuntime: 8 },
  vww: { liteRt: 1.8, onnxRuntime: 7 },
  ic: { liteRt: 2.2, onnxRuntime: 3.5 },
  ad: { liteRt: 2.8, onnxRuntime: 11 },
  'mobilenet_v2_1.0_224': { liteRt: 1.5, onnxRuntime: 4 },
  micro_speech_quantized: {},
};
/** Target for the module of KWS, compressed, without weights. */
const KWS_BYTES = 6000;

const HEAD = [
  'model',
  'ms on the machine at hand',
  'LiteRT.js: median of paired ratios',
  'least / least',
  'target',
  'outputs that differ',
  'onnxruntime-web: median of paired ratios',
  'least / least',
  'target',
  'outputs that differ',
  'module, compressed, without weights',
];

type Compare = (subject: Subject, folder: string, module: string) => Promise<Comparison>;

async function measure(path: string, compare: Compare): Promise<string[]> {
  const tflite = readFileSync(path);
  const model = load(tflite, basename(path));
  const planned = plan(model, 'web');
  const x = tensorAt(model.source, model.source.inputs[0]);
  const y = tensorAt(model.source, model.source.outputs[0]);
  const vector = testVector(model.source, 0);
  const input = toBytes(vector[0]!);
  const folder = folders.write(await emitWasm(planned));
  const subject: Subject = {
    module: pathToFileURL(`${folder}/${planned.prefix}.js`).href,
    tflite,
    input,
    type: x.format.type === 'uint8' ? 'uint8' : 'int8',
    shape: x.shape,
    onnx: { model: onnxModel(model.source), input: toOnnx(x, input), shape: onnxShape(x) },
  };
  const { times, outputs } = await compare(subject, folder, `${planned.prefix}.js`);
  const expected = toBytes(evaluate(model.source, vector)[model.source.outputs[0]!]!);
  if (!Buffer.from(expected).equals(outputs.bitloom!))
    throw new Error(`${model.name}: not the oracle's bytes`);
  const own = times.bitloom!;
  const target = MODELS[basename(path, '.tflite')] ?? {};
  const peer = (name: 'liteRt' | 'onnxRuntime', codes: Uint8Array) => {
    const differing = codes.filter((code, i) => code !== outputs[name]![i]).length;
    return [
      median(own.map((milliseconds, i) => times[name]![i]! / milliseconds)).toFixed(2),
      (Math.min(...times[name]!) / Math.min(...own)).toFixed(2),
      target[name] === undefined ? '' : `${target[name]}`,
      `${differing} of ${codes.length}`,
    ];
  };
  console.log(`${model.name}: done`);
  return [
    model.name,
    median(own).toFixed(3),
    ...peer('liteRt', expected),
    ...peer('onnxRuntime', toOnnx(y, expected)),
    grouped(await codeBytes(planned)),
  ];
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Bytes of the module as the web transfers it, with weights that compress to nothing. */
async function codeBytes(planned: Plan): Promise<number> {
  const constants = planned.constants.map((block) => ({
    ...block,
    data: block.data.slice().fill(0 as never),
    ...(block.compact && { compact: { ...block.compact, data: new Int8Array(block.compact.data.length) } }),
  }));
  const artifact = await emitWasm({ ...planned, constants });
  return gzipSync(artifact.get(`${planned.prefix}.wasm`)!, { level: 9 }).length;
}

/** Where the engines run: a name for the file, one for its title, and how to compare there. */
async function host(chromium: boolean): Promise<{ file: string; title: string; compare: Compare }> {
  if (chromium) {
    const { stdout } = spawnSync(findChromium()!, ['--version'], { encoding: 'utf8' });
    const title = /^Chromium [\d.]+/.exec(stdout)?.[0] ?? 'Chromium';
    return { file: 'chromium', title, compare: compareInChromium };
  }
  const engines: Engines = await loadEngines();
  const major = process.versions.node.split('.')[0];
  return {
    file: `node${major}`,
    title: `Node ${process.version}`,
    compare: (subject) => compareEngines(engines, subject),
  };
}

const { values, positionals } = parseArgs({
  options: { chromium: { type: 'boolean' } },
  allowPositionals: true,
});
if (values.chromium && findChromium() === null) {
  console.log(NOT_THERE);
  process.exit(0);
}
const folders = new Folders();
const { file, title, compare } = await host(values.chromium === true);
const rows: string[][] = [];
const names = positionals.length > 0 ? positionals : Object.keys(MODELS);
for (const path of modelFiles(names)) rows.push(await measure(path, compare));
folders.remove();
if (positionals.length > 0) console.log(markdownTable(HEAD, rows));
else
  writeResults(`wasm-${file}`, [
    `# WASM, ${title}, ${processor()}`,
    'Made by `npm run bench:wasm`. Time of a peer over that of Bitloom, one thread each; docs/benchmarks.md says how. A target is the least ' +
      `ratio to reach; that of the module of KWS is ${grouped(KWS_BYTES)} bytes.`,
    markdownTable(HEAD, rows),
  ]);
process.exit(0);
