/**
 * How far the codes of ONNX models agree with those of ONNX Runtime, which requantizes in float32 and rounds half to even where
 * Bitloom multiplies integers. Run: `npm --prefix bench/peers install` once, then `node --import=tsx bench/onnxruntime.ts`.
 * With `--record`, what it gives for whole networks is written where `test/import/onnx/onnxruntime.test.ts` reads it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tensorAt } from '../src/graph/graph.js';
import { plain } from '../src/graph/tensor.js';
import { readOnnx } from '../src/import/onnx/file.js';
import { importOnnx } from '../src/import/onnx/index.js';
import { evaluate } from '../src/oracle/index.js';
import { dynamicNetwork } from '../test/support/dynamic-networks.js';
import { noise } from '../test/support/node-cases.js';
import {
  networkInput,
  onnxNetworks,
  operatorSamples,
  RECORDED_INPUTS,
  type Sample,
} from '../test/support/onnx-networks.js';
import { placesOf } from '../test/support/onnx-testdata.js';

interface Runtime {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(
        feeds: Readonly<Record<string, unknown>>,
      ): Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
    }>;
  };
  readonly Tensor: new (type: string, data: unknown, shape: readonly number[]) => unknown;
  readonly env: { readonly wasm: { numThreads: number }; logLevel: string };
}

const ENTRY = fileURLToPath(
  new URL('peers/node_modules/onnxruntime-web/dist/ort.node.min.mjs', import.meta.url),
);
const SHARED = fileURLToPath(new URL('../../shared/models/onnx', import.meta.url));
const RECORD = fileURLToPath(new URL('../test/import/onnx/onnxruntime.json', import.meta.url));

const runtime = (await import(pathToFileURL(ENTRY).href)) as Runtime;
runtime.env.wasm.numThreads = 1;
runtime.env.logLevel = 'error';

/** `disabled`: as written, float operators between QuantizeLinear and DequantizeLinear. */
async function run(
  model: Uint8Array,
  type: string,
  data: Float32Array | Uint8Array,
  shape: readonly number[],
  graphOptimizationLevel: 'all' | 'disabled',
): Promise<number[]> {
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel,
  });
  const outputs = await session.run({ [session.inputNames[0]!]: new runtime.Tensor(type, data, shape) });
  return Array.from(outputs[session.outputNames[0]!]!.data);
}

const recorded: Record<string, number[][]> = {};
const shared = existsSync(SHARED) ? readdirSync(SHARED).filter((name) => !name.includes('dequant')) : [];
const networks = [
  ...shared.map((name) => [name, readFileSync(join(SHARED, name))] as const),
  ...Object.entries(onnxNetworks()),
];
for (const [name, bytes] of networks) {
  recorded[name] = [];
  for (let seed = 1; seed <= RECORDED_INPUTS; seed++) {
    const { type, data, shape } = networkInput(name, seed);
    recorded[name].push(await run(bytes, type, data, shape, name.endsWith('.onnx') ? 'all' : 'disabled'));
  }
}
if (process.argv.includes('--record')) writeFileSync(RECORD, `${JSON.stringify(recorded)}\n`);

console.log(
  'keyword-spotting network                          same class   greatest difference of a probability',
);
for (const [name, expected] of Object.entries(recorded).filter(([file]) => file.endsWith('.onnx'))) {
  const graph = importOnnx(readFileSync(join(SHARED, name)), name);
  const top = (values: readonly number[]) => values.indexOf(Math.max(...values));
  let [same, worst] = [0, 0];
  for (const [i, values] of expected.entries()) {
    const { data } = networkInput(name, i + 1);
    const actual = Array.from(evaluate(graph, [data as Float32Array])[graph.outputs[0]!]!, Number);
    if (top(values) === top(actual)) same++;
    worst = Math.max(worst, ...values.map((value, k) => Math.abs(value - actual[k]!)));
  }
  console.log(`${name.padEnd(50)} ${same} of ${expected.length}   ${(256 * worst).toFixed(1)} / 256`);
}

console.log('operator                        outputs   differ   by more than 1');
for (const [name, samples] of Object.entries(operatorSamples())) {
  let [total, differ, more] = [0, 0, 0];
  for (const sample of samples) {
    const [expected, actual] = [
      await run(sample.model, sample.type, sample.input, sample.shape, 'all'),
      ours(sample),
    ];
    for (const [i, code] of expected.entries()) {
      total++;
      if (code !== actual[i]) differ++;
      if (Math.abs(code - actual[i]!) > 1) more++;
    }
  }
  console.log(
    `${name.padEnd(30)} ${String(total).padStart(8)} ${((100 * differ) / total).toFixed(3).padStart(8)} % ${String(more).padStart(6)}`,
  );
}

console.log('dynamic quantization            outputs   differ in any bit');
for (const image of [false, true]) {
  let [total, differ] = [0, 0];
  for (let seed = 0; seed < 30; seed++) {
    const perChannel = seed % 3 === 0;
    const model = dynamicNetwork({ seed, image, weights: seed % 2 ? 'int8' : 'uint8', perChannel });
    const graph = importOnnx(model, 'network');
    const shape = readOnnx(model, 'network').inputs[0]!.shape as readonly number[];
    const data = noise(plain('float32'), shape, seed) as Float32Array;
    const expected = await run(model, 'float32', data, shape, 'disabled');
    const places = placesOf(shape, tensorAt(graph, graph.inputs[0]).shape);
    const actual = evaluate(graph, [Float32Array.from(places, (place) => data[place]!)]);
    total += expected.length;
    differ += expected.filter((real, i) => !Object.is(real, actual[graph.outputs[0]!]![i])).length;
  }
  console.log(
    `${(image ? 'images' : 'rows').padEnd(30)} ${String(total).padStart(8)} ${String(differ).padStart(8)}`,
  );
}

function ours({ model, input }: Sample): number[] {
  const graph = importOnnx(model, basename('sample'));
  return Array.from(evaluate(graph, [input])[graph.outputs[0]!]!, Number);
}
