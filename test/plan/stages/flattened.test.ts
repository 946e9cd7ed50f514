import assert from 'node:assert/strict';
import { checkGraph } from '../../../src/graph/check.js';
import type { Graph } from '../../../src/graph/graph.js';
import { perTensor, toBytes } from '../../../src/graph/tensor.js';
import { withoutFlattening } from '../../../src/plan/flatten.js';
import type { Plan } from '../../../src/plan/plan.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders } from '../../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../../support/host-c.js';
import { outputBytes } from '../../support/image-networks.js';
import { linearInputs } from '../../support/linear-layers.js';
import { loadAll, runWasm } from '../../support/node-wasm.js';
import { Random } from '../../support/random/random.js';
import { lines, Sketch } from '../../support/sketch.js';
import { planStaged } from '../../support/staged.js';

const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** A pool, whose rows come a few at a time, and a fully connected layer over its image. */
function flattened(seed: number): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  const [height, width, channels] = [random.integer(4, 11), random.integer(1, 6), random.integer(1, 9)];
  const format = perTensor('int8', 0.05, random.integer(-128, 127));
  const image = sketch.input('image', [1, height, width, channels], format);
  const rows = height - 2;
  const pool = sketch.node(
    'MAX_POOL_2D',
    {
      filter: { height: 3, width: 1 },
      stride: { height: 1, width: 1 },
      padding: { top: 0, bottom: 0, left: 0, right: 0 },
      clamp: { min: -128, max: 127 },
    },
    [image],
    ['pool', [1, rows, width, channels], format],
  );
  const inputs = rows * width * channels;
  const outputs = random.pick([1, 3, 4, 8, 16, 17, 33]);
  const flat = sketch.node('RESHAPE', {}, [pool], ['flat', [1, inputs], format]);
  const weights = Int8Array.from({ length: outputs * inputs }, () => random.integer(-128, 127));
  const filter = sketch.constant([outputs, inputs], weights, perTensor('int8', 0.01, random.pick([0, 0, 7])));
  const biases = Int32Array.from({ length: outputs }, () => random.integer(-9999, 9999));
  const bias = random.chance(0.7) ? sketch.constant([outputs], biases, perTensor('int32', 0.0005, 0)) : null;
  // So that codes spread: those of the input and weights have a deviation of about 100 and 74; the last has a multiplier above 1.
  const scale = (random.pick([1, 1, 1, 1 / 4000]) * 0.0005 * 100 * 74 * Math.sqrt(inputs)) / 50;
  const clamp = random.pick([
    { min: -128, max: 127 },
    { min: -20, max: 90 },
  ]);
  const output = [
    'output',
    [1, outputs],
    perTensor('int8', Math.fround(scale), random.integer(-128, 127)),
  ] as const;
  return sketch.graph(sketch.node('FULLY_CONNECTED', { clamp }, [flat, filter, bias], output));
}

function inputsOf(graph: Graph, seed: number) {
  return [seed, 100 + seed].map((run) => linearInputs(graph, run));
}

/** The stage ends with the fully connected layer, whose sums outlive each call. */
function assertByRows({ stages, steps }: Plan): void {
  const { first, last } = stages[0]!;
  assert.deepEqual([first, last], [0, 1]);
  assert.equal(steps[1]!.call.accumulates, 'all');
}

describe('a fully connected layer over a whole image', () => {
  const folders = new Folders();
  after(() => folders.remove());

  it('reads the image as it is, without a RESHAPE', () => {
    const graph = withoutFlattening(flattened(1));
    checkGraph(graph);
    assert.deepEqual(
      lines(graph).map((line) => line.replace(/, .*\)/, ')')),
      ['MAX_POOL_2D(image) -> pool', 'FULLY_CONNECTED(pool) -> output'],
    );
    assert.equal(withoutFlattening(graph).nodes.length, 2);
  });

  it('adds up the products of its rows as they come, in C', function () {
    if (findTool('gcc') === null) this.skip();
    this.timeout(120_000);
    for (let seed = 1; seed <= 6; seed++) {
      const source = flattened(seed);
      const plan = planStaged(withoutFlattening(source), ['host', 'nucleo-f446re'][seed % 2]!, 8);
      assertByRows(plan);
      const inputs = inputsOf(source, seed);
      const runs = inputs.map((input) => Buffer.concat(input.map(toBytes)));
      const program = buildHostProgram(plan, folders, SANITIZERS);
      for (const [i, actual] of runHostProgram(program, plan, runs).entries())
        assert.deepEqual(actual, outputBytes(source, inputs[i]!), `network ${seed}`);
    }
  });

  it('does so in WASM', async function () {
    this.timeout(120_000);
    for (let seed = 11; seed <= 14; seed++) {
      const source = flattened(seed);
      const plan = planStaged(withoutFlattening(source), 'web', 8);
      assertByRows(plan);
      for (const model of await loadAll(plan, folders)) {
        for (const input of inputsOf(source, seed))
          assert.deepEqual(runWasm(model, input.map(toBytes)), outputBytes(source, input), `network ${seed}`);
      }
    }
  });
});
