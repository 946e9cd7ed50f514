import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import { isPacked, perTensor, scaleOf, toBytes, zeroPointOf } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { withByteLayers } from '../../src/plan/byte-layers.js';
import { narrow } from '../../src/quantmcu/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { loadAll, runWasm } from '../support/node-wasm.js';
import { randomFormats } from '../support/random-formats.js';
import { randomImageModel, randomInputs } from '../support/random-model.js';
import { ALL_BYTES, lines, Sketch } from '../support/sketch.js';
import { planStaged } from '../support/staged.js';

const SEEDS = 32;
const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

function network(seed: number) {
  const model = randomImageModel(seed, 3 + (seed % 8));
  const wide = optimize(importTflite(writeTflite(model), `images_${seed}.tflite`), evaluate);
  const source = narrow(wide, randomFormats(wide, seed));
  checkGraph(source);
  const graph = optimize(source, evaluate);
  const inputs = [0, 1].map((run) => randomInputs(model, seed * 5 + run));
  const outputs = inputs.map((input) => {
    const tensors = evaluate(source, input);
    return Buffer.concat(source.outputs.map((id) => toBytes(tensors[id]!)));
  });
  return { graph, inputs, outputs };
}

const staged = (graph: Graph, board: string, seed: number) =>
  planStaged(withByteLayers(graph, loadBoard(board)), board, seed);

describe('networks with feature maps of fewer bits', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1).filter((seed) =>
    network(seed).graph.tensors.some(({ format }) => isPacked(format.type)),
  );

  it('are a quarter of the random ones at least', () => {
    assert.ok(seeds.length >= SEEDS / 4, `${seeds.length} of ${SEEDS}`);
  });

  it('give the bytes of the oracle in C, in stages too', function () {
    if (findTool('gcc') === null) this.skip();
    this.timeout(600_000);
    for (const seed of seeds) {
      const { graph, inputs, outputs } = network(seed);
      const plan = staged(graph, ['pico', 'nucleo-f446re', 'host'][seed % 3]!, seed);
      const program = buildHostProgram(plan, folders, SANITIZERS);
      const runs = inputs.map((input) => Buffer.concat(input.map(toBytes)));
      for (const [i, actual] of runHostProgram(program, plan, runs).entries())
        assert.deepEqual(actual, outputs[i], `network ${seed}`);
    }
  });

  it('give the bytes of the oracle in WASM, in stages too', async function () {
    this.timeout(600_000);
    for (const seed of seeds) {
      const { graph, inputs, outputs } = network(seed);
      for (const model of await loadAll(staged(graph, 'web', seed), folders)) {
        for (const [i, input] of inputs.entries())
          assert.deepEqual(runWasm(model, input.map(toBytes)), outputs[i], `network ${seed}`);
      }
    }
  });
});

/** Two pointwise layers and a sum with the first one's output, of two channels. */
function residual(): Graph {
  const sketch = new Sketch();
  const x = sketch.input('x', [1, 2, 2, 2], perTensor('int8', 0.1, 0));
  const window = {
    stride: { height: 1, width: 1 },
    dilation: { height: 1, width: 1 },
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    clamp: ALL_BYTES,
  };
  const filter = () =>
    sketch.constant([2, 1, 1, 2], Int8Array.of(100, -50, 30, 100), perTensor('int8', 0.01, 0));
  const a = sketch.node('CONV_2D', window, [x, filter()], ['a', [1, 2, 2, 2], perTensor('int8', 0.2, 5)]);
  const b = sketch.node('CONV_2D', window, [a, filter()], ['b', [1, 2, 2, 2], perTensor('int8', 0.3, 0)]);
  const sum = sketch.node(
    'ADD',
    { clamp: ALL_BYTES },
    [a, b],
    ['sum', [1, 2, 2, 2], perTensor('int8', 0.4, 0)],
  );
  const end = sketch.node(
    'CONV_2D',
    window,
    [sum, filter()],
    ['end', [1, 2, 2, 2], perTensor('int8', 0.6, 0)],
  );
  return sketch.graph(sketch.node('RELU', {}, [end], ['y', [1, 2, 2, 2], perTensor('int8', 0.6, 0)]));
}

const INPUT = Int8Array.of(-100, 60, 33, -7, 90, 90, -128, 127);

function realsOf(graph: Graph, name: string): number[] {
  const id = graph.tensors.findIndex((tensor) => tensor.name === name);
  const tensor = graph.tensors[id]!;
  const codes = Array.from(evaluate(graph, [INPUT])[id]! as Int8Array);
  return codes.map((code) => scaleOf(tensor) * (code - zeroPointOf(tensor)));
}

describe('narrow', () => {
  it('keeps what a network computes, up to the steps of its maps', () => {
    const wide = residual();
    const maps = {
      a: { bits: 4, scales: [1.6, 1.2], lows: [-12, -6] },
      sum: { bits: 4, scales: [4, 3], lows: [-30, -20] },
    } as const;
    const [before, after] = [wide, narrow(wide, { maps, shifts: {} })].map((graph) => realsOf(graph, 'y'));
    const worst = Math.max(...before!.map((value, i) => Math.abs(value - after![i]!)));
    // Half a step of each map, times the weights that follow.
    assert.ok(worst < 7, `${before} and ${after}`);
  });

  it('takes shifts from the sums of a layer', () => {
    const wide = residual();
    const maps = { a: { bits: 4, scales: [2], lows: [-16] } } as const;
    const [without, with_] = [{}, { b: [0.9, -0.9] }].map((shifts) =>
      realsOf(narrow(wide, { maps, shifts }), 'b'),
    );
    const grown = without!.map((value, i) => Number((value - with_![i]!).toFixed(3)));
    assert.ok(
      grown.every((step, i) => step === (i % 2 === 0 ? 0.9 : -0.9)),
      `${grown}`,
    );
  });

  it('gives operators that want int8 a copy', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 1, 1, 2]);
    const weights = () => sketch.constant([2, 2], Int8Array.of(1, 2, 3, 4), perTensor('int8', 0.01, 0));
    const a = sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, [x, weights()], ['a', [1, 2]]);
    const b = sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, [a, weights()], ['b', [1, 2]]);
    const c = sketch.node('TANH', {}, [a], ['c', [1, 2], perTensor('int8', 1 / 128, 0)]);
    const graph = narrow(sketch.graph(b, c), {
      maps: { a: { bits: 2, scales: [4], lows: [-4] } },
      shifts: {},
    });
    checkGraph(graph);
    assert.deepEqual(
      lines(graph).map((line) => line.replace(/, [^)]*/, '')),
      ['FULLY_CONNECTED(x) -> a', 'FULLY_CONNECTED(a) -> b', 'QUANTIZE(a) -> a/int8', 'TANH(a/int8) -> c'],
    );
  });

  const refused = {
    'a map that is not there': { nowhere: { bits: 4, scales: [1], lows: [0] } },
    'as many scales as there are no channels': { a: { bits: 4, scales: [1, 1, 1], lows: [0, 0, 0] } },
  } as const;
  for (const [what, maps] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => narrow(residual(), { maps, shifts: {} }),
        /BL604 .* maps that can have fewer bits are: a/,
      );
    });
  }
});
