import assert from 'node:assert/strict';
import { verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { planFor } from '../support/artifacts.js';
import { type Linear, linearInputs, linearLayers } from '../support/linear-layers.js';

const KINDS: readonly Linear[] = ['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED'];

describe('the assembly of ARMv6-M kernels equals the oracle', () => {
  for (const kind of KINDS) {
    it(`${kind} on a Cortex-M0+`, async function () {
      if (findTool('arm-none-eabi-gcc') === null) this.skip();
      const graph = linearLayers(kind, 5, 24);
      const vectors = [0, 1].map((run) => linearInputs(graph, run));
      const verdict = await verify(graph, planFor(graph, 'pico', 'linear'), { vectors });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }
});
