import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { verify } from '../../src/verify/index.js';
import { checkTools, findTool } from '../../src/verify/tools.js';
import { Folders, planFor } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { importWasm, runWasm } from '../support/node-wasm.js';
import {
  inputMemory,
  type LowBitOptions,
  lowBitInputs,
  lowBitLayers,
  nodeOfMemory,
  outputMemory,
  planWith,
} from '../support/random-low-bit.js';

const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const RUNS = [0, 1];
const LAYERS = 50;
/** Boards and seeds of their layers: Cortex-M0+ in rp2040js; M3, M4 and M55 in QEMU. */
const FIRMWARE = { pico: 31, 'mps2-an385': 32, 'mps2-an386': 33, 'mps3-an547': 34 } as const;
const FEW_CHANNELS = [1, 3, 4, 8, 9, 17, 32, 33] as const;
const missing = new Set(checkTools().flatMap(({ tool, found }) => (found ? [] : [tool])));

/** Bits of lanes, and weights that need so many. */
const LANES = [
  [1, ['binary']],
  [2, ['ternary', 'int2', 'half int2']],
  [4, ['int3', 'int4', 'half int4']],
] as const;

/** Kernels that few random layers reach: each computes all that it accepts. */
const SPECIAL: readonly {
  readonly kernel: RegExp;
  readonly layers: LowBitOptions;
  readonly boards: readonly string[];
  /** Boards as planned for which they also run in C on this machine. */
  readonly portable: readonly string[];
}[] = [
  {
    kernel: /^conv_2d_b1_popcount$/,
    layers: {
      operators: ['CONV_2D', 'CONV_2D', 'FULLY_CONNECTED'],
      weights: ['binary'],
      activations: ['binary'],
      channels: [1, 3, 31, 32, 33, 64, 96, 130],
      depths: [1, 33, 96, 100, 960, 961, 1000, 2000],
    },
    boards: ['pico', 'mps2-an386', 'mps3-an547'],
    portable: ['host'],
  },
  {
    kernel: /^conv_2d_u2_popcount$/,
    layers: {
      operators: ['CONV_2D', 'CONV_2D', 'FULLY_CONNECTED'],
      weights: ['binary'],
      activations: ['uint2'],
      channels: [1, 3, 15, 16, 17, 32, 48, 96],
      depths: [1, 17, 64, 96, 470, 960, 961, 1000],
    },
    boards: ['pico', 'mps2-an386', 'mps3-an547'],
    portable: ['host'],
  },
  {
    kernel: /^depthwise_conv_2d_panel$/,
    layers: {
      operators: ['DEPTHWISE_CONV_2D'],
      weights: ['ternary', 'int4', 'int8'],
      activations: ['int8', 'uint4', 'uint2', 'binary'],
      channels: [1, 3, 7, 8, 16, 17, 33, 40],
      mostPixels: 5,
    },
    boards: ['pico', 'mps2-an386'],
    portable: ['host'],
  },
  ...LANES.map(([bits, weights]) => ({
    kernel: new RegExp(`^conv_2d_w${bits}_lanes`),
    layers: {
      operators: ['CONV_2D', 'CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED'],
      weights,
      activations: ['int8', 'uint4', 'uint2', 'binary'],
      channels: [1, 3, 4, 7, 16, 17, 33],
      depths: [1, 17, 64, 300, 961],
      mostPixels: 5,
    } satisfies LowBitOptions,
    boards: ['pico', 'mps2-an385', 'mps2-an386'],
    portable: ['pico', 'mps2-an386'],
  })),
];
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

  for (const [board, seed] of Object.entries(FIRMWARE)) {
    it(`50 layers in firmware for ${board}`, async function () {
      if (missing.has('arm-none-eabi-gcc') || (board !== 'pico' && missing.has('qemu-system-arm')))
        this.skip();
      this.timeout(300_000);
      const graph = lowBitLayers(seed, 50, { mostPixels: 4, channels: FEW_CHANNELS });
      const verdict = await verify(graph, planFor(graph, board, 'low_bit'), {
        vectors: [lowBitInputs(graph, 1)],
      });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }

  for (const { kernel, layers, boards, portable } of SPECIAL) {
    for (const board of boards) {
      it(`${kernel.source} in firmware for ${board}`, async function () {
        if (missing.has('arm-none-eabi-gcc') || (board !== 'pico' && missing.has('qemu-system-arm')))
          this.skip();
        this.timeout(300_000);
        const graph = lowBitLayers(21, 24, layers);
        const plan = planWith(graph, board, kernel);
        assert.ok(plan.functions.some(({ call }) => kernel.test(call.kernel)));
        const verdict = await verify(graph, plan, { vectors: RUNS.map((run) => lowBitInputs(graph, run)) });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      });
    }

    for (const board of portable) {
      it(`${kernel.source} in C as planned for ${board}`, function () {
        if (findTool('gcc') === null) this.skip();
        const graph = lowBitLayers(22, LAYERS, layers);
        assertHostC(graph, planWith(graph, board, kernel));
      });
    }
  }

  it('by the general kernel alone', async function () {
    const graph = lowBitLayers(11, LAYERS);
    await assertWasm(graph, planWith(graph, 'web', /^conv_2d_unpacked$/));
    if (findTool('gcc') === null) this.skip();
    assertHostC(graph, planWith(graph, 'host', /^conv_2d_unpacked$/));
  });
});
