import assert from 'node:assert/strict';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { load, verify as verifyModel } from '../../src/index.js';
import { verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { planFor } from '../support/artifacts.js';
import { type Linear, linearInputs, linearLayers } from '../support/linear-layers.js';
import { INPUT_PATTERNS, randomGraphModel, randomInputs } from '../support/random-model.js';

/** Around the vectors of 16 inputs and the blocks of 8 channels that kernels take, and more than one of them. */
const NEON = { types: ['s8'], channels: [1, 3, 7, 8, 9, 15, 16, 17, 32, 40] } as const;
const TOOLS = ['cc', 'clang', 'ld.lld', 'make', 'qemu-aarch64', 'qemu-arm', 'arm-none-eabi-gcc'];

/** Of 64-bit ARM each variant runs: on processors without dot products, with them, and with i8mm. */
const BOARDS = ['android-arm64-v8a', 'android-armeabi-v7a'] as const;

/** Kernels for NEON that random layers of a kind must reach. */
const REACHED: Readonly<Partial<Record<Linear, readonly string[]>>> = {
  CONV_2D: ['conv_2d_s8_neon_gathered', 'conv_2d_s8_neon_pixels'],
  DEPTHWISE_CONV_2D: ['depthwise_conv_2d_s8_neon'],
  FULLY_CONNECTED: ['conv_2d_s8_neon_gathered', 'conv_2d_s8_neon_pixels'],
};

describe('kernels for NEON equal the oracle in qemu-user', () => {
  before(function () {
    const missing = TOOLS.filter((tool) => findTool(tool) === null);
    if (missing.length === 0) return;
    console.log(`      skipped: kernels for NEON need ${missing.join(' and ')}`);
    this.skip();
  });

  for (const [kind, ids] of Object.entries(REACHED))
    for (const board of BOARDS)
      it(`${kind} on ${board}`, async () => {
        const graph = linearLayers(kind as Linear, 11, 60, NEON);
        const plan = planFor(graph, board, 'neon');
        const kernels = new Set(plan.functions.map(({ call }) => call.kernel));
        assert.deepEqual(
          ids.filter((id) => !kernels.has(id)),
          [],
        );
        const verdict = await verify(graph, plan, { vectors: [0, 1].map((run) => linearInputs(graph, run)) });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      });

  for (const board of BOARDS)
    it(`random networks on ${board}`, async () => {
      for (const seed of [901, 902, 903]) {
        const model = randomGraphModel(seed);
        const vectors = INPUT_PATTERNS.map((pattern, run) => randomInputs(model, run, pattern));
        const verdict = await verifyModel(load(writeTflite(model), 'graph.tflite'), board, {
          vectors,
          layers: true,
        });
        assert.ok(verdict.equal, `${seed}: ${JSON.stringify(verdict.firstDifference)}`);
      }
    });
}).timeout(300_000);
