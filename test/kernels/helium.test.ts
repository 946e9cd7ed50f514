import assert from 'node:assert/strict';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { load, verify as verifyModel } from '../../src/index.js';
import { checkTools, verify } from '../../src/verify/index.js';
import { planFor } from '../support/artifacts.js';
import { type Linear, linearInputs, linearLayers } from '../support/linear-layers.js';
import { INPUT_PATTERNS, randomInputs, singleOperatorModel } from '../support/random-model.js';

/** Around the blocks of 8 and 16 channels that kernels take, and more than one of them. */
const HELIUM = { types: ['s8'], channels: [1, 3, 5, 8, 15, 16, 17, 32, 40] } as const;
const RUNS = [0, 1, 2];

/** Kernels for Helium that graphs of random layers of a kind must reach. */
const REACHED: Readonly<Partial<Record<Linear, readonly string[]>>> = {
  CONV_2D: ['conv_2d_s8_mve_gathered', 'conv_2d_s8_mve_pixels', 'conv_2d_s8_mve_windows'],
  DEPTHWISE_CONV_2D: ['conv_2d_s8_mve_gathered', 'conv_2d_s8_mve_pixels', 'depthwise_conv_2d_s8_mve'],
  FULLY_CONNECTED: ['conv_2d_s8_mve_pixels', 'fully_connected_s8_mve'],
};

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

describe('kernels for Helium equal the oracle in QEMU', () => {
  for (const [kind, ids] of Object.entries(REACHED)) {
    it(kind, async function () {
      if (missing) this.skip();
      this.timeout(60_000);
      const graph = linearLayers(kind as Linear, 10, 120, HELIUM);
      const plan = planFor(graph, 'mps3-an547', 'helium');
      const kernels = new Set(plan.functions.map(({ call }) => call.kernel));
      // Layers of few weights may have them in four bits, and take other rows.
      assert.deepEqual(
        ids.filter((id) => !kernels.has(id)),
        [],
      );
      const verdict = await verify(graph, plan, { vectors: RUNS.map((run) => linearInputs(graph, run)) });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }

  for (const operator of ['ADD', 'SUB', 'AVERAGE_POOL_2D'] as const) {
    it(operator, async function () {
      if (missing) this.skip();
      this.timeout(60_000);
      for (const seed of [1, 2, 3]) {
        const model = singleOperatorModel(operator, { seed, type: 'INT8' });
        const vectors = INPUT_PATTERNS.map((pattern, run) => randomInputs(model, run, pattern));
        const verdict = await verifyModel(load(writeTflite(model), `${operator}.tflite`), 'mps3-an547', {
          vectors,
        });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      }
    });
  }
});
