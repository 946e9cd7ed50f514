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

/** Around blocks of 16 channels, fours of them and words. */
const WINDOWS: LowBitOptions = {
  operators: ['CONV_2D'],
  channels: [1, 3, 15, 16, 17, 33, 48, 65, 100],
  taps: [1, 2, 3],
  mostPixels: 4,
};
/** Around the same; sums that leave 8 bits and 16. */
const MANY_INPUTS: LowBitOptions = {
  operators: ['FULLY_CONNECTED'],
  channels: [1, 15, 16, 17, 48, 63, 64, 65, 130],
  depths: [1, 7, 63, 64, 65, 1000, 9001],
};

/** Kernels, and formats and shapes that most of them compute. */
const SUITES: readonly {
  readonly kernels: RegExp;
  readonly formats: Readonly<Record<string, LowBitOptions>>;
  readonly shapes: Readonly<Record<string, LowBitOptions>>;
}[] = [
  {
    kernels: /_product_tables/,
    formats: {
      binary: { activations: ['binary'], weights: ['binary'] },
      uint2: { activations: ['uint2'], weights: ['binary', 'ternary', 'int2', 'half int2'] },
      uint4: {
        activations: ['uint4'],
        weights: ['binary', 'ternary', 'int2', 'int3', 'int4', 'half int2', 'half int3'],
      },
    },
    shapes: { windows: WINDOWS, 'many inputs': MANY_INPUTS },
  },
  {
    kernels: /_sum_tables/,
    formats: {
      'two values': { activations: ['int8'], weights: ['binary'] },
      'four values': { activations: ['int8'], weights: ['ternary', 'wide ternary', 'int2', 'half int2'] },
    },
    shapes: { 'a row': { ...MANY_INPUTS, depths: [1, 3, 7, 8, 63, 64, 65, 1000, 2730, 4096], rows: [1] } },
  },
  {
    kernels: /_nibbles/,
    formats: {
      'four bits': { activations: ['int8'], weights: ['ternary', 'int3', 'int4', 'half int3', 'half int4'] },
    },
    shapes: { 'a row': { ...MANY_INPUTS, depths: [1, 3, 7, 8, 63, 64, 65, 1000, 4096], rows: [1] } },
  },
  {
    kernels: /_fields/,
    formats: {
      'three values': {
        activations: ['int8'],
        weights: ['binary', 'ternary', 'wide ternary'],
        endings: ['multiplier int8'],
      },
    },
    shapes: {
      pixels: {
        operators: ['CONV_2D'],
        channels: [9, 16, 17, 24, 33, 64],
        depths: [],
        taps: [1],
        plain: true,
      },
      rows: {
        operators: ['FULLY_CONNECTED'],
        channels: [9, 16, 17, 24, 33, 64],
        depths: [7, 64, 129, 1000, 3001],
        rows: [2, 3, 4, 9, 130],
      },
    },
  },
];
const LAYERS = 14;

/** Windows enough for tables of two pixels, and blocks of channels by one, two and four. */
const PAIRS: LowBitOptions = {
  operators: ['CONV_2D'],
  activations: ['binary'],
  weights: ['binary'],
  channels: [32, 33, 64, 65, 100],
  taps: [2, 3],
  plain: true,
  mostPixels: 9,
};

describe('WASM kernels of low-bit weights equal the oracle', () => {
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

  it('where tables are of two pixels', async () => {
    const graph = lowBitLayers(41, LAYERS, PAIRS);
    const plan = planBy(graph, 'web', /conv_2d_product_tables/);
    const paired = plan.steps.map(({ call }) => call).filter(({ shape }) => shape.paired);
    for (const member of ['wide', 'pair', 'odd', 'corrected'])
      for (const value of [0, 1])
        assert.ok(
          paired.some(({ shape }) => shape[member] === value),
          `none where ${member} is ${value}`,
        );
    assert.ok(
      paired.some(({ scalars }) => scalars.groups! % 6 === 3),
      'none of an odd number of threes',
    );
    assert.ok(
      paired.some(
        ({ scalars }) =>
          scalars.groups! > scalars.tap_groups! * scalars.filter_height! * scalars.filter_width!,
      ),
      'none filled up',
    );
    await assertEqual(graph, plan);
  });

  for (const { kernels, formats, shapes } of SUITES) {
    for (const [format, formatOptions] of Object.entries(formats)) {
      for (const [shape, shapeOptions] of Object.entries(shapes)) {
        it(`${kernels.source}: ${format}, ${shape}`, async () => {
          const graph = lowBitLayers(41, LAYERS, { ...formatOptions, ...shapeOptions });
          const plan = planBy(graph, 'web', kernels);
          const reached = plan.steps.filter(({ call }) => kernels.test(call.kernel));
          assert.ok(reached.length > graph.nodes.length / 3, `${reached.length} layers`);
          await assertEqual(graph, plan);
        });
      }
    }
  }
});
