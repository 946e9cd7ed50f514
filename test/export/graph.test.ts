import assert from 'node:assert';
import fc from 'fast-check';
import { toTflite } from '../../src/export/tflite/graph.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { checkGraph } from '../../src/graph/check.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Graph } from '../../src/graph/graph.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { assertSame } from '../passes/helpers.js';
import { graphModels, INPUT_PATTERNS, randomInputs, singleOperatorModels } from '../support/random-model.js';

/** The graph as it comes back from its file. */
function rewritten(graph: Graph): Graph {
  const again = importTflite(writeTflite(toTflite(graph)), graph.name);
  checkGraph(again);
  return again;
}

/** The same after passes; null where a TABLE has no operator of TFLite. */
function rewrittenIfPossible(graph: Graph): Graph | null {
  try {
    return rewritten(graph);
  } catch (error) {
    assert.ok(error instanceof BitloomError && error.code === 'BL109', String(error));
    assert.match(error.problem, /table that no operator of TFLite has/);
    return null;
  }
}

const models = fc.oneof(singleOperatorModels(), graphModels());

describe('a graph written as TFLite', () => {
  it('comes back with the same interface and every output byte', () => {
    fc.assert(
      fc.property(models, fc.nat(), (model, seed) => {
        const graph = importTflite(writeTflite(model), 'random');
        const again = rewritten(graph);
        for (const pattern of INPUT_PATTERNS) assertSame(graph, again, randomInputs(model, seed, pattern));
      }),
      { numRuns: 200 },
    );
  });

  it('does so after passes, whose paddings and clamps have no names', () => {
    let written = 0;
    fc.assert(
      fc.property(models, fc.nat(), (model, seed) => {
        const graph = optimize(importTflite(writeTflite(model), 'random'), evaluate);
        const again = rewrittenIfPossible(graph);
        if (again) assertSame(graph, again, randomInputs(model, seed, 'random'));
        written += Number(again !== null);
      }),
      { numRuns: 200 },
    );
    console.log(written);
  });
});
