import assert from 'node:assert/strict';
import wabt from 'wabt';
import { concat } from '../../codegen/wasm/binary.js';
import { checkModule } from '../../codegen/wasm/check.js';
import { emitWasm, wasmText } from '../../codegen/wasm/index.js';
import { dataSectionAt } from '../../codegen/wasm/link.js';
import { PROBE, PROBE_RESULTS, PROBE_TEXT, SIMD_PROBE, SIMD_PROBE_TEXT } from '../../codegen/wasm/probe.js';
import { RELAXED_NEEDS } from '../../src/kernels/kernel.js';
import type { Artifact } from '../../src/plan/artifact.js';
import type { Plan } from '../../src/plan/plan.js';
import { Folders, planFor, text } from '../support/artifacts.js';
import { linearLayers } from '../support/linear-layers.js';
import { importWasm } from '../support/node-wasm.js';
import { lowBitLayers } from '../support/random-low-bit.js';

const RELAXED = /relaxed_dot/;

const vectors = (weights: 'binary' | 'ternary', activations: 'binary' | 'int8') =>
  lowBitLayers(1, 2, { operators: ['FULLY_CONNECTED'], weights: [weights], activations: [activations] });

const needsOf = ({ functions }: Plan) => functions.map(({ call }) => call.relaxed?.needs);

describe('a module with relaxed SIMD', () => {
  const folders = new Folders();
  after(() => folders.remove());
  let plan: Plan;
  let artifact: Artifact;

  before(async () => {
    plan = planFor(
      linearLayers('CONV_2D', 1, 2, { types: ['s8'], channels: [8], windows: '1x1' }),
      'web',
      'model',
    );
    artifact = await emitWasm(plan);
  });

  it('stands beside the one without, where a kernel gains by it', async () => {
    assert.deepEqual(
      [...artifact.keys()].filter((file) => file.endsWith('.wasm')),
      ['model.wasm', 'model.relaxed.wasm'],
    );
    const words = linearLayers('FULLY_CONNECTED', 1, 1, { types: ['s16'] });
    const plain = await emitWasm(planFor(words, 'web', 'model'));
    assert.ok(!plain.has('model.relaxed.wasm'));
    assert.doesNotMatch(text(plain, 'model.js'), /relaxed/);
  });

  for (const [kind, kernel] of [
    ['CONV_2D', 'conv_2d_s8_tile'],
    ['DEPTHWISE_CONV_2D', 'depthwise_conv_2d_s8_3x3'],
  ] as const) {
    it(`multiplies bytes by ${kernel} where weights are such`, () => {
      const { steps } = planFor(linearLayers(kind, 1, 24, { types: ['s8'], taps: [3] }), 'web', 'model');
      const calls = steps.map(({ call }) => call).filter((call) => call.kernel === kernel);
      const [bytes, others] = [1, 0].map((value) => calls.filter(({ shape }) => shape.bytes === value));
      assert.ok(bytes!.length > 0 && bytes!.every(({ relaxed }) => relaxed?.needs === 'dot_u8'));
      assert.ok(others!.length > 0 && others!.every(({ relaxed }) => relaxed === undefined));
    });
  }

  it('is the only one to have such instructions', async () => {
    const [base, relaxed] = ['model.wasm', 'model.relaxed.wasm'].map((path) => artifact.get(path)!);
    await checkModule(base!, 'simd');
    assert.doesNotMatch(await wasmText(base!), RELAXED);
    await assert.rejects(checkModule(relaxed!, 'simd'));
    assert.match(await wasmText(relaxed!), RELAXED);
  });

  for (const [need, made, bytes] of [
    ['dot_u8', () => plan, 'signed by unsigned bytes'],
    [
      'dot_u7',
      () => planFor(vectors('ternary', 'int8'), 'web', 'codes'),
      'signed bytes by those of seven bits',
    ],
  ] as const) {
    it(`is loaded where the engine sums up products of ${bytes}, all bits kept`, async () => {
      const { instance } = await WebAssembly.instantiate(Uint8Array.from(PROBE)).catch(() => ({
        instance: null,
      }));
      const dot = instance?.exports.dot as ((a: number, b: number) => number) | undefined;
      const exact = dot !== undefined && PROBE_RESULTS[need].every(([a, b, sum]) => dot(a, b) === sum);
      const asking = made();
      assert.equal(
        RELAXED_NEEDS.find((known) => needsOf(asking).includes(known)),
        need,
      );
      const { runsRelaxed } = await importWasm(asking, folders);
      assert.equal(runsRelaxed!(), exact);
    });
  }

  it('is loaded by every engine that has it, where it takes only what is the same on all of them', async () => {
    const tables = planFor(vectors('binary', 'binary'), 'web', 'tables');
    const files = await emitWasm(tables);
    const main = files.get('tables.wasm')!;
    const constants = main.subarray(dataSectionAt(main));
    const relaxed = await wasmText(concat([files.get('tables.relaxed.wasm')!, constants]));
    assert.match(relaxed, /i8x16\.relaxed_swizzle/);
    assert.doesNotMatch(relaxed, RELAXED);
    const { runsRelaxed } = await importWasm(tables, folders);
    assert.equal(runsRelaxed!(), WebAssembly.validate(Uint8Array.from(PROBE)));
  });

  it('is asked for by the module that the source shows, as SIMD is', async () => {
    for (const [source, probe] of [
      [PROBE_TEXT, PROBE],
      [SIMD_PROBE_TEXT, SIMD_PROBE],
    ] as const) {
      const module = (await wabt()).parseWat('probe.wat', source, { simd: true, relaxed_simd: true });
      assert.deepEqual(Buffer.from(module.toBinary({}).buffer), Buffer.from(probe));
    }
  });
});
