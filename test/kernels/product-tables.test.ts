import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { Folders } from '../support/artifacts.js';
import { loadAll, runWasm } from '../support/node-wasm.js';
import { planBy } from '../support/plan-by.js';
import {
  inputMemory,
  type LowBitOptions,
  lowBitInputs,
  lowBitLayers,
  nodeOfMemory,
  outputMemory,
} from '../support/random-low-bit.js';

const RUNS = [0, 1, 2];

/** Activations of the formats, and weights of as many values as their tables hold. */
const FORMATS: Readonly<Record<string, LowBitOptions>> = {
  binary: { activations: ['binary'], weights: ['binary'] },
  uint2: { activations: ['uint2'], weights: ['binary', 'ternary', 'int2', 'half int2'] },
  uint4: {
    activations: ['uint4'],
    weights: ['binary', 'ternary', 'int2', 'int3', 'int4', 'half int2', 'half int3'],
  },
};

/** Around blocks of 16 channels, fours of them and words; sums that leave 8 bits and 16. */
const SHAPES: Readonly<Record<string, LowBitOptions>> = {
  windows: {
    operators: ['CONV_2D'],
    channels: [1, 3, 15, 16, 17, 33, 48, 65, 100],
    taps: [1, 2, 3],
    mostPixels: 4,
  },
  'many inputs': {
    operators: ['FULLY_CONNECTED'],
    channels: [1, 15, 16, 17, 48, 63, 64, 65, 130],
    depths: [1, 7, 63, 64, 65, 1000, 9001],
  },
};
const LAYERS = 14;

describe('product tables equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  async function assertEqual(graph: Graph, plan: Plan): Promise<void> {
    const models = await loadAll(plan, folders);
    for (const run of RUNS) {
      const inputs = lowBitInputs(graph, run);
      const expected = outputMemory(graph, evaluate(graph, inputs));
      for (const model of models) {
        const actual = runWasm(model, inputMemory(graph, inputs));
        const at = expected.findIndex((byte, i) => byte !== actual[i]);
        assert.equal(at, -1, `${nodeOfMemory(graph, at)} differs`);
      }
    }
  }

  for (const [format, formats] of Object.entries(FORMATS)) {
    for (const [shape, shapes] of Object.entries(SHAPES)) {
      it(`${format}, ${shape}`, async () => {
        const graph = lowBitLayers(41, LAYERS, { ...formats, ...shapes });
        const plan = planBy(graph, 'web', /_product_tables/);
        const reached = plan.steps.filter(({ call }) => /_product_tables/.test(call.kernel));
        assert.ok(reached.length > graph.nodes.length / 3, `${reached.length} layers`);
        await assertEqual(graph, plan);
      });
    }
  }
});
