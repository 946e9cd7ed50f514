import assert from 'node:assert/strict';
import { checkGraph } from '../../../src/graph/check.js';
import { toBytes } from '../../../src/graph/tensor.js';
import type { Plan } from '../../../src/plan/plan.js';
import type { Tiling } from '../../../src/plan/tiles/lower.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders } from '../../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../../support/host-c.js';
import { imageNetwork, outputBytes } from '../../support/image-networks.js';
import { loadAll, runWasm } from '../../support/node-wasm.js';
import { planTiled } from '../../support/tiled.js';

const NETWORKS = 60;
const CHUNK = 20;
const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

function describeTiles(seed: number, { steps }: Plan, { first, last, grid, stage }: Tiling): string {
  return `network ${seed}: layers ${first} to ${last} (${steps[first]!.name}), ${grid.rows} x ${grid.columns} by ${stage?.rows}`;
}

describe('strips and patches of random branching networks give the bytes of whole layers', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const seeds = Array.from({ length: NETWORKS }, (_, i) => i + 1);
  const chunks = Array.from({ length: NETWORKS / CHUNK }, (_, i) => seeds.slice(i * CHUNK, (i + 1) * CHUNK));

  for (const chunk of chunks) {
    const which = `networks ${chunk[0]} to ${chunk.at(-1)}`;

    it(`${which}, in the oracle`, () => {
      for (const { seed, inputs, outputs, graph } of chunk.map(imageNetwork)) {
        const found = planTiled(graph, 'host', seed);
        if (!found) continue;
        checkGraph(found.plan.graph);
        for (const [i, input] of inputs.entries())
          assert.deepEqual(
            outputBytes(found.plan.graph, input),
            outputs[i],
            describeTiles(seed, found.plan, found.tiling),
          );
      }
    });

    it(`${which}, in C`, function () {
      if (findTool('gcc') === null) this.skip();
      this.timeout(300_000);
      for (const { seed, graph, inputs, outputs } of chunk.map(imageNetwork)) {
        const found = planTiled(graph, ['pico', 'nucleo-f446re', 'host'][seed % 3]!, seed);
        if (!found) continue;
        const program = buildHostProgram(found.plan, folders, SANITIZERS);
        const runs = inputs.map((input) => Buffer.concat(input.map(toBytes)));
        for (const [i, actual] of runHostProgram(program, found.plan, runs).entries())
          assert.deepEqual(actual, outputs[i], describeTiles(seed, found.plan, found.tiling));
      }
    });

    it(`${which}, in WASM`, async function () {
      this.timeout(300_000);
      for (const { seed, graph, inputs, outputs } of chunk.map(imageNetwork)) {
        const found = planTiled(graph, 'web', seed);
        if (!found) continue;
        for (const model of await loadAll(found.plan, folders)) {
          for (const [i, input] of inputs.entries())
            assert.deepEqual(
              runWasm(model, input.map(toBytes)),
              outputs[i],
              describeTiles(seed, found.plan, found.tiling),
            );
        }
      }
    });
  }
});
