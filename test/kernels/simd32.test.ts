import assert from 'node:assert/strict';
import { verify } from '../../src/verify/index.js';
import { checkTools } from '../../src/verify/tools.js';
import { planFor } from '../support/artifacts.js';
import { type LayerOptions, type Linear, linearInputs, linearLayers } from '../support/linear-layers.js';

/** Around the blocks of 2 and 4 channels that kernels take, and more than one round of their loops. */
const CHANNELS = [1, 3, 4, 5, 8, 12, 16, 17, 32, 33] as const;
const RUNS = [0, 1];

/** So many random layers, and the kernels with assembly that they must reach. */
const CASES: readonly (readonly [string, Linear, number, LayerOptions, readonly string[]])[] = [
  ['CONV_2D', 'CONV_2D', 40, {}, ['conv_2d_s8_simd32']],
  ['CONV_2D by 3x3', 'CONV_2D', 60, { windows: '3x3' }, ['conv_2d_s8_simd32', 'conv_2d_s8_winograd']],
  ['DEPTHWISE_CONV_2D', 'DEPTHWISE_CONV_2D', 80, {}, ['conv_2d_s8_simd32', 'depthwise_conv_2d_s8_simd32']],
  ['FULLY_CONNECTED', 'FULLY_CONNECTED', 40, {}, ['conv_2d_s8_simd32', 'fully_connected_s8_simd32']],
];

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

describe('kernels for the DSP extension equal the oracle in QEMU', () => {
  for (const [name, kind, count, options, reached] of CASES) {
    it(name, async function () {
      if (missing) this.skip();
      this.timeout(60_000);
      const graph = linearLayers(kind, 4, count, { types: ['s8'], channels: CHANNELS, ...options });
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
});
