import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { elementCount, perTensor, plain, type TypedArray, toBytes } from '../../src/graph/tensor.js';
import { conv2dWinogradKernel } from '../../src/kernels/convolution/conv_2d_winograd.js';
import { compactWinograd, packWinograd, winogradFits } from '../../src/kernels/weights/winograd-patches.js';
import { evaluate } from '../../src/oracle/index.js';
import { Folders, planFor } from '../support/artifacts.js';
import { linearInputs, nodeOfByte, outputBytes } from '../support/linear-layers.js';
import { importWasm, runWasm } from '../support/node-wasm.js';
import { Random } from '../support/random/random.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const ONE = { height: 1, width: 1 };
const CHANNELS = [8, 9, 15, 16, 17, 23, 24, 31, 32, 40];
const WEB = { backend: 'wasm', isa: 'wasm-simd128' } as const;

interface Shape {
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Adds a convolution by 3x3 with an input of its own. `extreme`: weights are the ends of their range. */
function addLayer(sketch: Sketch, random: Random, name: string, shape: Shape, extreme: boolean, bias = 5000) {
  const { height, width, inputs, outputs } = shape;
  const side = (size: number) => {
    const [before, after] = random.pick([
      [1, 1],
      [0, 0],
      [2, 0],
      [0, 1],
      [2, 2],
    ] as const);
    return { before, after, size: size + before + after - 2 };
  };
  const [y, x] = [side(height), side(width)];
  const batches = random.integer(1, 2);
  const zero = random.integer(-128, 127);
  const scales = Array.from({ length: outputs }, () =>
    Math.fround(random.powerOfTwo(-3, 0) / (inputs * 9 * (extreme ? 128 : 20))),
  );
  const weights = Int8Array.from({ length: outputs * 9 * inputs }, () =>
    extreme ? random.pick([-128, 127]) : random.integer(-128, 127),
  );
  const one = random.chance(0.5);
  return sketch.node(
    'CONV_2D',
    {
      stride: ONE,
      dilation: ONE,
      padding: { top: y.before, bottom: y.after, left: x.before, right: x.after },
      clamp: random.pick([ALL_BYTES, { min: zero, max: 127 }, { min: -90, max: 31 }]),
    },
    [
      sketch.input(
        `x_${name}`,
        [batches, height, width, inputs],
        perTensor('int8', 1, random.integer(-128, 127)),
      ),
      sketch.constant([outputs, 3, 3, inputs], weights, {
        type: 'int8',
        scales: one ? [scales[0]!] : scales,
        zeroPoints: one ? [0] : scales.map(() => 0),
        axis: one ? null : 0,
      }),
      sketch.constant(
        [outputs],
        Int32Array.from({ length: outputs }, () => random.integer(-bias, bias)),
        plain('int32'),
      ),
    ],
    [`y_${name}`, [batches, y.size, x.size, outputs], perTensor('int8', Math.fround(1), zero)],
  );
}

function randomLayers(seed: number, count: number): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  const outputs = Array.from({ length: count }, (_, i) => {
    const shape = {
      height: random.integer(3, 11),
      width: random.integer(3, 11),
      inputs: random.pick(CHANNELS),
      outputs: random.pick(CHANNELS),
    };
    return addLayer(sketch, random, String(i), shape, random.chance(0.4));
  });
  return sketch.graph(...outputs);
}

/** Whether the row takes such a layer, with biases up to `bias`. */
function accepted(shape: Shape, bias: number): boolean {
  const sketch = new Sketch();
  const graph = sketch.graph(addLayer(sketch, new Random(1), '0', shape, true, bias));
  return conv2dWinogradKernel.accepts(graph, graph.nodes[0]!, WEB);
}

describe('convolutions by minimal filtering', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const seed of [1, 2]) {
    it(`equal the oracle, graph ${seed}`, async () => {
      const graph = randomLayers(seed, 24);
      const plan = planFor(graph, 'web', 'winograd');
      for (const size of [2, 4]) {
        const steps = plan.steps.filter(({ call }) => call.shape.size === size);
        assert.ok(steps.length >= 4, `${steps.length} layers by patches of ${size}`);
      }
      const model = await (await importWasm(plan, folders)).load();
      for (const run of [0, 1, 2, 3]) {
        const inputs: TypedArray[] = linearInputs(graph, run);
        const expected = outputBytes(graph, evaluate(graph, inputs));
        const actual = runWasm(model, inputs.map(toBytes));
        const at = expected.findIndex((byte, i) => byte !== actual[i]);
        assert.equal(at, -1, `${nodeOfByte(graph, at)} differs`);
      }
    });
  }

  it('are chosen where they pay', () => {
    const layer = (size: number, inputs: number, outputs: number) =>
      accepted({ height: size, width: size, inputs, outputs }, 0);
    assert.ok(layer(8, 16, 16));
    assert.ok(layer(32, 64, 64));
    assert.ok(!layer(4, 3, 16), 'the transforms cost more than they save');
    assert.ok(!layer(8, 16, 7), 'less than a block of channels');
  });

  it('are refused where sums times 64 or 4 might not fit', () => {
    assert.ok(winogradFits(2 ** 25 - 1, 4) && !winogradFits(2 ** 25, 4));
    assert.ok(winogradFits(2 ** 29 - 1, 2) && !winogradFits(2 ** 29, 2));
    assert.ok(accepted({ height: 8, width: 8, inputs: 32, outputs: 32 }, 2 ** 24));
    assert.ok(!accepted({ height: 8, width: 8, inputs: 32, outputs: 32 }, 2 ** 30));
  });

  it('have filters of 16 bits for every filter of 8 bits', () => {
    for (const fill of [-128, 127]) {
      for (const size of [2, 4] as const) {
        const weights = new Int8Array(8 * 9 * 2).fill(fill);
        const filters = { weights, depth: 2, order: [0, 1, 2, 3, 4, 5, 6, 7] };
        const most = size === 2 ? 9 : 144;
        assert.equal(
          packWinograd(filters, size).reduce((a, b) => Math.max(a, Math.abs(b)), 0),
          most * Math.abs(fill),
        );
        assert.equal(compactWinograd(filters, size).data.length, elementCount([8, 9, 2]));
      }
    }
  });
});
