import assert from 'node:assert/strict';
import { toBytes } from '../../../src/graph/tensor.js';
import type { Plan } from '../../../src/plan/plan.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders } from '../../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../../support/host-c.js';
import { imageNetwork } from '../../support/image-networks.js';
import { loadAll, runWasm } from '../../support/node-wasm.js';
import { planStaged } from '../../support/staged.js';

const NETWORKS = 100;
const CHUNK = 20;
const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

function describePlan({ stages, steps }: Plan): string {
  return stages
    .map(({ first, last, rows }) => `${steps[first]!.name}..${steps[last]!.name} by ${rows}`)
    .join(', ');
}

describe('stages of random branching networks give the bytes of whole layers', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const seeds = Array.from({ length: NETWORKS }, (_, i) => i + 1);
  const chunks = Array.from({ length: NETWORKS / CHUNK }, (_, i) => seeds.slice(i * CHUNK, (i + 1) * CHUNK));

  for (const chunk of chunks) {
    it(`networks ${chunk[0]} to ${chunk.at(-1)}, in C`, function () {
      if (findTool('gcc') === null) this.skip();
      this.timeout(300_000);
      for (const { seed, graph, inputs, outputs } of chunk.map(imageNetwork)) {
        const plan = planStaged(graph, ['pico', 'nucleo-f446re', 'host'][seed % 3]!, seed);
        const program = buildHostProgram(plan, folders, SANITIZERS);
        const runs = inputs.map((input) => Buffer.concat(input.map(toBytes)));
        for (const [i, actual] of runHostProgram(program, plan, runs).entries())
          assert.deepEqual(actual, outputs[i], `network ${seed}: ${describePlan(plan)}`);
      }
    });

    it(`networks ${chunk[0]} to ${chunk.at(-1)}, in WASM`, async function () {
      this.timeout(300_000);
      for (const { seed, graph, inputs, outputs } of chunk.map(imageNetwork)) {
        const plan = planStaged(graph, 'web', seed);
        for (const model of await loadAll(plan, folders)) {
          for (const [i, input] of inputs.entries())
            assert.deepEqual(
              runWasm(model, input.map(toBytes)),
              outputs[i],
              `network ${seed}: ${describePlan(plan)}`,
            );
        }
      }
    });
  }
});
