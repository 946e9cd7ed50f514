import assert from 'node:assert/strict';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { load, plan as planModel } from '../../src/index.js';
import { verify } from '../../src/verify/index.js';
import { checkTools } from '../../src/verify/tools.js';
import { planFor } from '../support/artifacts.js';
import { type LayerOptions, type Linear, linearInputs, linearLayers } from '../support/linear-layers.js';
import { INPUT_PATTERNS, randomInputs, singleOperatorModel } from '../support/random-model.js';

/** Around the blocks of 2 and 4 channels that kernels take, and more than one round of their loops. */
const CHANNELS = [1, 3, 4, 5, 8, 12, 16, 17, 32, 33] as const;
/** Those that Winograd's kernel takes, for the most part. */
const BY_3 = [8, 12, 16, 20, 24, 33, 48] as const;
const RUNS = [0, 1];

interface Case {
  readonly name: string;
  readonly kind: Linear;
  readonly seed: number;
  readonly layers: number;
  readonly options?: LayerOptions;
  /** Kernels with assembly that the random layers must reach. */
  readonly reached: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'CONV_2D', kind: 'CONV_2D', seed: 4, layers: 40, reached: ['conv_2d_s8_simd32'] },
  {
    name: 'CONV_2D by 3x3',
    kind: 'CONV_2D',
    seed: 76,
    layers: 30,
    options: { windows: '3x3', channels: BY_3 },
    reached: ['conv_2d_s8_simd32', 'conv_2d_s8_winograd'],
  },
  {
    name: 'DEPTHWISE_CONV_2D',
    kind: 'DEPTHWISE_CONV_2D',
    seed: 4,
    layers: 80,
    reached: ['conv_2d_s8_simd32', 'depthwise_conv_2d_s8_simd32'],
  },
  {
    name: 'FULLY_CONNECTED',
    kind: 'FULLY_CONNECTED',
    seed: 4,
    layers: 40,
    reached: ['conv_2d_s8_simd32', 'fully_connected_s8_simd32'],
  },
];

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

describe('kernels for the DSP extension equal the oracle in QEMU', () => {
  for (const { name, kind, seed, layers, options, reached } of CASES) {
    it(name, async function () {
      if (missing) this.skip();
      this.timeout(120_000);
      const graph = linearLayers(kind, seed, layers, { types: ['s8'], channels: CHANNELS, ...options });
      const plan = planFor(graph, 'mps2-an386', 'simd32');
      const kernels = new Set(plan.functions.map(({ call }) => call.kernel));
      assert.deepEqual(
        reached.filter((id) => !kernels.has(id)),
        [],
      );
      const verdict = await verify(graph, plan, { vectors: RUNS.map((run) => linearInputs(graph, run)) });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }

  it('AVERAGE_POOL_2D', async function () {
    if (missing) this.skip();
    this.timeout(60_000);
    for (let seed = 1, reached = 0; reached < 3; seed++) {
      const random = singleOperatorModel('AVERAGE_POOL_2D', { seed, type: 'INT8' });
      const model = load(writeTflite(random), 'pool.tflite');
      const plan = planModel(model, 'nucleo-f446re');
      if (!plan.functions.some(({ call }) => call.kernel === 'average_pool_s8_simd32')) continue;
      reached++;
      const vectors = INPUT_PATTERNS.map((pattern, run) => randomInputs(random, run, pattern));
      const verdict = await verify(model.graph, plan, { vectors });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    }
  });
});
