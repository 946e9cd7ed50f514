import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { importWasm, runWasm } from '../support/node-wasm.js';
import {
  inputMemory,
  lowBitInputs,
  lowBitLayers,
  nodeOfMemory,
  outputMemory,
  planWith,
} from '../support/random-low-bit.js';

const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const RUNS = [0, 1];
const LAYERS = 50;
const GRAPHS = Array.from({ length: 10 }, (_, i) => i + 1);

describe('500 random low-bit layers equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  function assertEqual(graph: Graph, actual: Uint8Array, run: number): void {
    const expected = outputMemory(graph, evaluate(graph, lowBitInputs(graph, run)));
    const at = expected.findIndex((byte, i) => byte !== actual[i]);
    assert.equal(at, -1, `${nodeOfMemory(graph, at)} differs`);
    assert.equal(actual.length, expected.length);
  }

  function assertHostC(graph: Graph, plan: Plan): void {
    const program = buildHostProgram(plan, folders, SANITIZERS);
    const inputs = RUNS.map((run) => Buffer.concat(inputMemory(graph, lowBitInputs(graph, run))));
    const outputs = runHostProgram(program, plan, inputs);
    for (const run of RUNS) assertEqual(graph, outputs[run]!, run);
  }

  async function assertWasm(graph: Graph, plan: Plan): Promise<void> {
    const model = await (await importWasm(plan, folders)).load();
    for (const run of RUNS) {
      assertEqual(graph, runWasm(model, inputMemory(graph, lowBitInputs(graph, run))), run);
    }
  }

  for (const seed of GRAPHS) {
    it(`graph ${seed}, in C`, function () {
      if (findTool('gcc') === null) this.skip();
      const graph = lowBitLayers(seed, LAYERS);
      assertHostC(graph, planFor(graph, seed % 2 === 0 ? 'host' : 'pico', 'low_bit'));
    });

    it(`graph ${seed}, in WASM`, async () => {
      const graph = lowBitLayers(seed, LAYERS);
      await assertWasm(graph, planFor(graph, 'web', 'low_bit'));
    });
  }

  it('by the general kernel alone', async function () {
    const graph = lowBitLayers(11, LAYERS);
    await assertWasm(graph, planWith(graph, 'web', 'conv_2d_unpacked'));
    if (findTool('gcc') === null) this.skip();
    assertHostC(graph, planWith(graph, 'host', 'conv_2d_unpacked'));
  });
});
