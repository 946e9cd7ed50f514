import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import {
  type Linear,
  linearInputs,
  linearLayers,
  nodeOfByte,
  outputBytes,
} from '../support/linear-layers.js';
import { loadAll, runWasm } from '../support/node-wasm.js';

const KINDS: readonly Linear[] = [
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'TRANSPOSE_CONV',
  'FULLY_CONNECTED',
  'BATCH_MATMUL',
];
/** Around the blocks of 8 and 32 outputs that the WASM kernels of int8 take. */
const TILES = { types: ['s8'], channels: [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33] } as const;
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const RUNS = [0, 1, 2];

function assertEqual(graph: Graph, actual: Uint8Array, expected: Uint8Array): void {
  const at = expected.findIndex((byte, i) => byte !== actual[i]);
  assert.equal(at, -1, `${nodeOfByte(graph, at)} differs`);
  assert.equal(actual.length, expected.length);
}

const kernelsOf = (plan: Plan) => new Set(plan.steps.map(({ call }) => call.kernel));

describe('sums of products equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  /** As planned for a board, under sanitizers on this machine. */
  function assertHostC(graph: Graph, board: string): void {
    const inputs = RUNS.map((run) => linearInputs(graph, run));
    const plan = planFor(graph, board, 'linear');
    const program = buildHostProgram(plan, folders, SANITIZERS);
    const runs = runHostProgram(
      program,
      plan,
      inputs.map((tensors) => Buffer.concat(tensors.map(toBytes))),
    );
    for (const run of RUNS) assertEqual(graph, runs[run]!, outputBytes(graph, evaluate(graph, inputs[run]!)));
  }

  /** As planned for the web, in each module that this engine runs. */
  async function assertWasm(graph: Graph): Promise<Plan> {
    const plan = planFor(graph, 'web', 'linear');
    for (const model of await loadAll(plan, folders)) {
      for (const run of RUNS) {
        const inputs = linearInputs(graph, run);
        assertEqual(graph, runWasm(model, inputs.map(toBytes)), outputBytes(graph, evaluate(graph, inputs)));
      }
    }
    return plan;
  }

  it("CONV_2D by Winograd's kernel in C as planned for mps2-an386", function () {
    if (findTool('gcc') === null) this.skip();
    const options = { types: ['s8'], channels: [8, 12, 16, 17, 20, 32], windows: '3x3' } as const;
    assertHostC(linearLayers('CONV_2D', 4, 12, options), 'mps2-an386');
  });

  for (const kind of KINDS) {
    for (const [board, seed] of [
      ['host', 1],
      ['host', 2],
      ['pico', 1],
      ['pico', 2],
      ['mps2-an386', 3],
      ['mps2-an386', 4],
    ] as const) {
      it(`${kind} in C as planned for ${board}, graph ${seed}`, function () {
        if (findTool('gcc') === null) this.skip();
        assertHostC(linearLayers(kind, seed, 12), board);
      });
    }

    for (const [name, options] of Object.entries({ types: {}, blocks: TILES })) {
      it(`${kind} in WASM, all ${name}`, async () => {
        await assertWasm(linearLayers(kind, 3, 24, options));
      });
    }
  }

  it('CONV_2D of one pixel in WASM, by the kernels of one row', async () => {
    const graph = linearLayers('CONV_2D', 6, 32, { ...TILES, windows: 'whole' });
    const { steps } = await assertWasm(graph);
    // Of few weights some happen to need few bits.
    assert.ok(steps.every(({ call }) => call.kernel.startsWith('fully_connected_s8_')));
    const shapes = steps.map(({ call }) => call.shape.filter_offsets);
    assert.ok(shapes.includes(0) && shapes.includes(1));
  });

  it('FULLY_CONNECTED of many inputs and outputs in WASM', async () => {
    const options = { types: ['s8'], channels: [33, 64, 71, 98, 131], inputs: 700 } as const;
    const kernels = kernelsOf(await assertWasm(linearLayers('FULLY_CONNECTED', 10, 12, options)));
    assert.ok(kernels.has('fully_connected_s8_simd'));
  });

  it('DEPTHWISE_CONV_2D of 3x3 in WASM', async () => {
    const graph = linearLayers('DEPTHWISE_CONV_2D', 5, 48, { ...TILES, taps: [3] });
    const kernels = kernelsOf(await assertWasm(graph));
    assert.ok(kernels.has('depthwise_conv_2d_s8_3x3') && kernels.has('depthwise_conv_2d_s8_tile'));
  });

  it('CONV_2D of 1x1 in WASM', async () => {
    const channels = [1, 2, 3, 4, 6, 7, 8, 13, 16, 17, 40, 67];
    const kernels = kernelsOf(
      await assertWasm(linearLayers('CONV_2D', 8, 64, { ...TILES, channels, windows: '1x1' })),
    );
    assert.ok(kernels.has('conv_2d_s8_pointwise'));
  });

  it('CONV_2D of 1x1 in WASM by bands of pixels', async () => {
    const channels = [513, 2049];
    await assertWasm(linearLayers('CONV_2D', 7, 6, { ...TILES, channels, windows: '1x1' }));
  });

  it('CONV_2D in WASM by parts of a band', async () => {
    const channels = [129];
    const { steps } = await assertWasm(linearLayers('CONV_2D', 9, 20, { ...TILES, channels, taps: [3, 4] }));
    const parts = steps.filter(({ call: { kernel, shape, scalars } }) => {
      const pixels = scalars.output_height! * scalars.output_width!;
      return kernel === 'conv_2d_s8_tile' && shape.bytes === 1 && scalars.part_pixels! < pixels;
    });
    assert.ok(parts.length > 2);
  });
});
