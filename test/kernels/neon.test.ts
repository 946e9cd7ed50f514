import assert from 'node:assert/strict';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { perTensor } from '../../src/graph/tensor.js';
import { load, verify as verifyModel } from '../../src/index.js';
import { packGroups } from '../../src/kernels/weights/groups_neon.js';
import { verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { planFor } from '../support/artifacts.js';
import { type Linear, linearInputs, linearLayers } from '../support/linear-layers.js';
import { Random } from '../support/random/random.js';
import { type LowBitOptions, lowBitInputs, lowBitLayers } from '../support/random-low-bit.js';
import { INPUT_PATTERNS, randomGraphModel, randomInputs } from '../support/random-model.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

/** Around the vectors of 16 inputs and the blocks of 8 channels that kernels take, and more than one of them. */
const NEON = { types: ['s8'], channels: [1, 3, 7, 8, 9, 15, 16, 17, 32, 40] } as const;
const TOOLS = ['cc', 'clang', 'ld.lld', 'make', 'qemu-aarch64', 'qemu-arm', 'arm-none-eabi-gcc'];

/** Of 64-bit ARM each variant runs: on processors without dot products, with them, and with i8mm. */
const BOARDS = ['android-arm64-v8a', 'android-armeabi-v7a'] as const;

/** Kernels for NEON that random layers of a kind must reach. */
const REACHED: Readonly<Partial<Record<Linear, readonly string[]>>> = {
  CONV_2D: ['conv_2d_s8_neon_gathered', 'conv_2d_s8_neon_pixels'],
  DEPTHWISE_CONV_2D: ['depthwise_conv_2d_s8_neon'],
  FULLY_CONNECTED: ['conv_2d_s8_neon_gathered', 'conv_2d_s8_neon_pixels'],
};

/** Around words of packed codes, vectors and blocks. */
const WIDTHS = [1, 3, 8, 9, 16, 17, 31, 32, 40, 64, 96] as const;

const LOW_BIT: Readonly<Record<string, LowBitOptions>> = {
  conv_2d_neon_endings: {
    weights: ['ternary', 'int4', 'wide ternary', 'codebook', 'int8'],
    activations: ['int8', 'uint4', 'uint2', 'binary'],
    channels: WIDTHS,
  },
  conv_2d_b1_popcount_neon: { weights: ['binary'], activations: ['binary'], channels: WIDTHS },
};

describe('kernels for NEON equal the oracle in qemu-user', () => {
  before(function () {
    const missing = TOOLS.filter((tool) => findTool(tool) === null);
    if (missing.length === 0) return;
    console.log(`      skipped: kernels for NEON need ${missing.join(' and ')}`);
    this.skip();
  });

  for (const [kind, ids] of Object.entries(REACHED))
    for (const board of BOARDS)
      it(`${kind} on ${board}`, async () => {
        const graph = linearLayers(kind as Linear, 11, 60, NEON);
        const plan = planFor(graph, board, 'neon');
        const kernels = new Set(plan.functions.map(({ call }) => call.kernel));
        assert.deepEqual(
          ids.filter((id) => !kernels.has(id)),
          [],
        );
        const verdict = await verify(graph, plan, { vectors: [0, 1].map((run) => linearInputs(graph, run)) });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      });

  // Kernels of activations below 8 bits, and of sums that end by thresholds or as they are.
  for (const [kernel, options] of Object.entries(LOW_BIT))
    for (const board of BOARDS)
      it(`${kernel} on ${board}`, async () => {
        const graph = lowBitLayers(5, 16, {
          ...options,
          operators: ['CONV_2D', 'FULLY_CONNECTED'],
          mostPixels: 5,
        });
        const plan = planFor(graph, board, 'neon');
        assert.ok(plan.functions.some(({ call }) => call.kernel === kernel));
        const verdict = await verify(graph, plan, { vectors: [0, 1].map((run) => lowBitInputs(graph, run)) });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      });

  it('as many products in lanes of 16 bits as fit, with the inputs that fill them', async () => {
    // Of each order the magnitudes of three halves, three, and two: at most 255 together, more in any other order.
    const orders = ['046 135 27', '017 356 24', '023 167 45', '047 256 13', '026 345 17', '012 457 36'];
    const halves = [
      Array.from({ length: 8 }, (_, half) => 127 + (half & 1)),
      new Array<number>(8).fill(31),
      ...orders.map((order) =>
        Array.from('01234567', (half) => (order.split(' ')[2]!.includes(half) ? 127 : 85)),
      ),
    ];
    const random = new Random(7);
    const channels = 4 * halves.length + 3;
    const weights = Int8Array.from({ length: 64 * channels }, (_, i) => {
      const magnitude = (halves[Math.floor(i / 256)] ?? halves[2]!)[Math.floor((i % 64) / 8)]!;
      return magnitude === 128 || random.chance(0.5) ? -magnitude : magnitude;
    });
    assert.deepEqual([...packGroups(weights, channels, 64)].slice(0, 9), [0, 1, 2, 3, 4, 5, 6, 7, 2]);
    const sketch = new Sketch();
    const filter = sketch.constant([channels, 64], weights, perTensor('int8', 1 / 4096, 0));
    const x = sketch.input('x', [channels + 2, 64], perTensor('int8', 1, 0));
    const output = ['y', [channels + 2, channels], perTensor('int8', 1, -3)] as const;
    const graph = sketch.graph(
      sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, [x, filter, null], output),
    );
    // A row for each channel, of the greatest sums or the least.
    const extremes = [1, -1].map((sign) =>
      Int8Array.from({ length: 64 * (channels + 2) }, (_, i) => (sign * (weights[i] ?? 1) > 0 ? 127 : -128)),
    );
    const verdict = await verify(graph, planFor(graph, 'android-arm64-v8a', 'neon'), {
      vectors: extremes.map((data) => [data]),
    });
    assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
  });

  for (const board of BOARDS)
    it(`random networks on ${board}`, async () => {
      for (const seed of [901, 902, 903]) {
        const model = randomGraphModel(seed);
        const vectors = INPUT_PATTERNS.map((pattern, run) => randomInputs(model, run, pattern));
        const verdict = await verifyModel(load(writeTflite(model), 'graph.tflite'), board, {
          vectors,
          layers: true,
        });
        assert.ok(verdict.equal, `${seed}: ${JSON.stringify(verdict.firstDifference)}`);
      }
    });
}).timeout(300_000);
