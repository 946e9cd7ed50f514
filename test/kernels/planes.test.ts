import assert from 'node:assert/strict';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { checkTools, verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { linearInputs, linearLayers, outputBytes } from '../support/linear-layers.js';

const SQUARES = { types: ['s8'], channels: [4, 8, 12, 20], windows: 'squares' } as const;
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const RUNS = [0, 1];

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

describe('depthwise filters over planes of widened channels equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const board of ['nucleo-f446re', 'nrf5340-dk']) {
    it(`in QEMU, as planned for ${board}`, async function () {
      if (missing) this.skip();
      this.timeout(60_000);
      const graph = linearLayers('DEPTHWISE_CONV_2D', 11, 40, SQUARES);
      const plan = planFor(graph, board, 'planes');
      const planes = plan.functions.filter(
        ({ call }) => call.kernel === 'depthwise_conv_2d_s8_simd32_planes',
      );
      const filters = new Set(planes.map(({ call: { shape } }) => `${shape.filter_size}/${shape.stride}`));
      assert.deepEqual([...filters].sort(), ['3/1', '5/1', '5/2', '7/1', '7/2']);
      const verdict = await verify(graph, plan, { vectors: RUNS.map((run) => linearInputs(graph, run)) });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }

  for (const seed of [12, 13]) {
    it(`in portable C, graph ${seed}`, function () {
      if (findTool('gcc') === null) this.skip();
      const graph = linearLayers('DEPTHWISE_CONV_2D', seed, 30, SQUARES);
      const plan = planFor(graph, 'mps2-an386', 'planes');
      const inputs = RUNS.map((run) => linearInputs(graph, run));
      const bytes = inputs.map((tensors) => Buffer.concat(tensors.map(toBytes)));
      const outputs = runHostProgram(buildHostProgram(plan, folders, SANITIZERS), plan, bytes);
      for (const run of RUNS)
        assert.deepEqual(
          Buffer.from(outputs[run]!),
          Buffer.from(outputBytes(graph, evaluate(graph, inputs[run]!))),
        );
    });
  }
});
