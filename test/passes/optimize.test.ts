import assert from 'node:assert';
import fc from 'fast-check';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import { type TypedArray, toBytes } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize, STAGES } from '../../src/passes/index.js';
import { goldenModels, inputsFrom, sharedGraph } from '../support/golden.js';
import { graphModels, INPUT_PATTERNS, randomInputs, singleOperatorModels } from '../support/random-model.js';
import { needsShared } from '../support/shared.js';
import { assertSame } from './helpers.js';

const models = fc.oneof(singleOperatorModels(), graphModels());

describe('optimize', () => {
  it('keeps every output byte of random models', () => {
    fc.assert(
      fc.property(models, fc.nat(), (model, seed) => {
        const before = importTflite(writeTflite(model), 'random');
        const after = optimize(before, evaluate);
        for (const pattern of INPUT_PATTERNS) assertSame(before, after, randomInputs(model, seed, pattern));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the contract of graphs after every stage, and reaches a fixed point', () => {
    fc.assert(
      fc.property(models, (model) => {
        const before = importTflite(writeTflite(model), 'random');
        STAGES.reduce((graph, [name, pass]) => {
          const next = pass(graph, evaluate);
          assert.doesNotThrow(() => checkGraph(next), name);
          return next;
        }, before);
        const after = optimize(before, evaluate);
        for (const [name, pass] of STAGES) assert.strictEqual(pass(after, evaluate), after, name);
      }),
      { numRuns: 200 },
    );
  });

  it('computes at once what known inputs decide', () => {
    fc.assert(
      fc.property(models, fc.nat(), (model, seed) => {
        const graph = importTflite(writeTflite(model), 'random');
        const known = bind(graph, randomInputs(model, seed));
        checkGraph(known);
        const after = optimize(known, evaluate);
        assertSame(known, after, []);
        // What makes an output stays a node, and so does what reads an output or a state.
        const plain = graph.outputs.length === 1 && !graph.tensors.some((tensor) => tensor.state);
        if (plain) assert.strictEqual(after.nodes.length, 1);
      }),
      { numRuns: 100 },
    );
  });

  describe('on the models of ../shared', () => {
    if (!needsShared('golden outputs', 'models/golden/manifest.json')) return;
    for (const { name, cases } of goldenModels()) {
      it(`keeps the golden bytes of ${name}`, () => {
        const before = sharedGraph(name);
        const graph = optimize(before, evaluate);
        checkGraph(graph);
        assert.ok(graph.nodes.length <= before.nodes.length);
        // One case a model: the oracle's own test runs them all.
        const { input, output } = cases[0]!;
        const contents = evaluate(graph, inputsFrom(graph, input));
        const bytes = Buffer.concat(graph.outputs.map((id) => toBytes(contents[id]!)));
        assert.ok(bytes.equals(output));
      });
    }
  });
});

/** The graph with its inputs replaced by constants. */
function bind(graph: Graph, inputs: readonly TypedArray[]): Graph {
  const tensors = graph.tensors.map((tensor, id) => {
    const place = graph.inputs.indexOf(id);
    return place < 0 ? tensor : { ...tensor, data: inputs[place]! };
  });
  return { ...graph, tensors, inputs: [] };
}
