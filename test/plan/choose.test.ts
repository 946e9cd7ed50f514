import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor } from '../../src/graph/tensor.js';
import { checkFit } from '../../src/plan/fit.js';
import { planModel } from '../../src/plan/index.js';
import { OBJECTIVES, type Objective } from '../../src/plan/objective.js';
import type { Plan } from '../../src/plan/plan.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const FILTER = perTensor('int8', 0.01, 0);

/** Convolutions of 1x1, from channels to channels, of an image that halves before each. */
function pyramid(...channels: readonly number[]): Graph {
  const sketch = new Sketch();
  let x = sketch.input('x', [1, 32, 32, channels[0]!]);
  channels.slice(1).forEach((outputs, i) => {
    const inputs = channels[i]!;
    const size = 32 >> i;
    // Of many values, so that kernels of narrow weights take no part.
    const data = Int8Array.from({ length: outputs * inputs }, (_, k) => ((k * 37) % 251) - 125);
    const filter = sketch.constant([outputs, 1, 1, inputs], data, FILTER);
    const one = { height: 1, width: 1 };
    const attributes = {
      stride: { height: 2, width: 2 },
      dilation: one,
      padding: { top: 0, bottom: 0, left: 0, right: 0 },
      clamp: ALL_BYTES,
    };
    x = sketch.node('CONV_2D', attributes, [x, filter], [`y${i}`, [1, size / 2, size / 2, outputs]]);
  });
  return sketch.graph(x);
}

/** Two kernels of a Cortex-M0+ suit each layer: one in fewer instructions, the other with half the constants. */
const GRAPH = pyramid(8, 32, 128);
const PICO = loadBoard('pico');

/** The plan on a Pico with that much flash. */
function planned(optimize: Objective, flash = 2 ** 21, graph = GRAPH): Plan {
  const regions = PICO.regions.map((r) => (r.kind === 'flash' ? { ...r, bytes: flash } : r));
  return planModel(graph, { ...PICO, regions }, { prefix: 'm', modelHash: '', optimize });
}

const kernels = ({ steps }: Plan) => steps.map(({ call }) => call.kernel);
const flashOf = (plan: Plan) => checkFit(plan).uses.find(({ region }) => region.kind === 'flash')!.bytes;

describe('choice of kernels', () => {
  it('is for speed unless told otherwise', () => {
    const plan = planModel(GRAPH, PICO, { prefix: 'm', modelHash: '' });
    assert.deepEqual(kernels(plan), kernels(planned('speed')));
    assert.equal(plan.optimize, 'speed');
  });

  it('takes the fastest rows for speed and the smallest for size, and something between for a balance', () => {
    const [speed, balanced, size] = OBJECTIVES.map((optimize) => planned(optimize));
    assert.ok(speed!.totals.cycles! < size!.totals.cycles!);
    assert.ok(flashOf(speed!) > flashOf(size!));
    assert.ok(speed!.totals.cycles! <= balanced!.totals.cycles!);
    assert.ok(balanced!.totals.cycles! <= size!.totals.cycles!);
    assert.ok(flashOf(speed!) >= flashOf(balanced!) && flashOf(balanced!) >= flashOf(size!));
  });

  it('takes smaller rows until a model fits, those first that lose least time for a byte', () => {
    const speed = planned('speed');
    const tight = planned('speed', flashOf(speed) - 1);
    assert.ok(checkFit(tight).fits);
    const kept = kernels(tight).filter((kernel, i) => kernel === kernels(speed)[i]);
    assert.equal(kept.length, 1);
  });

  it('lets every model fit that fits by its smallest rows', () => {
    const size = planned('size');
    for (const optimize of OBJECTIVES) {
      const tightest = planned(optimize, flashOf(size));
      assert.ok(checkFit(tightest).fits, optimize);
      const short = planned(optimize, flashOf(size) - 1);
      assert.ok(!checkFit(short).fits, optimize);
      assert.deepEqual(kernels(short), kernels(size), optimize);
    }
  });
});

describe('choice of kernels for both modules of the web', () => {
  const WEB = loadBoard('web');

  /** FULLY_CONNECTED of a row, by weights of so many values. */
  function dense(inputs: number, outputs: number, values: readonly number[]): Graph {
    const sketch = new Sketch();
    const data = Int8Array.from({ length: outputs * inputs }, (_, k) => values[(k * 37) % values.length]!);
    const operands = [sketch.input('x', [1, inputs]), sketch.constant([outputs, inputs], data, FILTER)];
    return sketch.graph(sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, operands, ['y', [1, outputs]]));
  }

  const chosen = (graph: Graph, optimize: Objective = 'speed') =>
    kernels(planModel(graph, WEB, { prefix: 'm', modelHash: '', optimize }))[0];

  const TRITS = [-1, 0, 1];
  const NIBBLES = Array.from({ length: 16 }, (_, i) => i - 8);

  it('takes what is faster in both together: int8 by bytes is, than nibbles, for which that without relaxed SIMD has no use', () => {
    assert.equal(chosen(dense(512, 256, NIBBLES)), 'fully_connected_s8_simd');
    assert.equal(chosen(dense(512, 256, TRITS)), 'fully_connected_s8_sum_tables');
  });

  it('makes tables of inputs only for many outputs', () => {
    assert.equal(chosen(dense(512, 16, TRITS)), 'fully_connected_s8_simd');
  });

  it('keeps weights packed for a balance of time and bytes', () => {
    assert.equal(chosen(dense(512, 256, NIBBLES), 'balanced'), 'fully_connected_s8_nibbles');
  });
});
