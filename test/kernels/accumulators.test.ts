import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { verify } from '../../src/verify/index.js';
import { checkTools, findTool } from '../../src/verify/tools.js';
import { Folders } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { importWasm, runWasm } from '../support/node-wasm.js';
import { planBy } from '../support/plan-by.js';
import {
  inputMemory,
  lowBitInputs,
  lowBitLayers,
  nodeOfMemory,
  outputMemory,
} from '../support/random-low-bit.js';

const RUNS = [0, 1, 2];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const ROWS = /^fully_connected_s8_s32/;

/** Around blocks of four and sixteen outputs, words and pairs of inputs; weights of two, three and all values. */
function layers(seed: number): Graph {
  return lowBitLayers(seed, 16, {
    operators: ['FULLY_CONNECTED'],
    activations: ['int8'],
    endings: ['accumulator int32'],
    weights: ['binary', 'ternary', 'int8'],
    channels: [1, 2, 3, 4, 5, 15, 16, 17, 33],
    depths: [1, 2, 3, 4, 7, 16, 19, 64, 130],
  });
}

/** Each layer by one of the rows in turn. */
function planOf(graph: Graph, board: string): Plan {
  const plan = planBy(graph, board, ROWS);
  const reached = plan.steps.filter(({ call }) => ROWS.test(call.kernel));
  assert.equal(reached.length, graph.nodes.length);
  return plan;
}

describe('FULLY_CONNECTED to its accumulators equals the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  function assertEqual(graph: Graph, run: number, actual: Uint8Array): void {
    const expected = outputMemory(graph, evaluate(graph, lowBitInputs(graph, run)));
    const at = expected.findIndex((byte, i) => byte !== actual[i]);
    assert.equal(at, -1, `${nodeOfMemory(graph, at)} differs`);
  }

  it('in WASM', async () => {
    const graph = layers(1);
    const { load } = await importWasm(planOf(graph, 'web'), folders);
    const model = await load();
    for (const run of RUNS)
      assertEqual(graph, run, runWasm(model, inputMemory(graph, lowBitInputs(graph, run))));
  });

  for (const board of ['host', 'mps2-an386', 'pico']) {
    it(`in C as planned for ${board}`, function () {
      if (findTool('gcc') === null) this.skip();
      const graph = layers(2);
      const plan = planOf(graph, board);
      const program = buildHostProgram(plan, folders, SANITIZERS);
      const inputs = RUNS.map((run) => Buffer.concat(inputMemory(graph, lowBitInputs(graph, run))));
      const outputs = runHostProgram(program, plan, inputs);
      for (const run of RUNS) assertEqual(graph, run, outputs[run]!);
    });
  }

  for (const board of ['mps2-an386', 'mps3-an547', 'pico']) {
    it(`in assembly on ${board}`, async function () {
      if (checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool)))
        this.skip();
      const graph = layers(3);
      const vectors = RUNS.slice(0, 2).map((run) => lowBitInputs(graph, run));
      const verdict = await verify(graph, planOf(graph, board), { vectors });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }
});
