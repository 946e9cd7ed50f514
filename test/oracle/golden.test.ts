import assert from 'node:assert/strict';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { goldenModels, inputsFrom, sharedGraph } from '../support/golden.js';
import { needsShared } from '../support/shared.js';

describe('the oracle gives the bytes of TFLite Micro', () => {
  if (!needsShared('recorded runs', 'models/golden/manifest.json')) return;
  for (const { name, cases } of goldenModels()) {
    it(`${name}: ${cases.length} recorded runs`, () => {
      const graph = sharedGraph(name);
      for (const { source, input, output } of cases) {
        const contents = evaluate(graph, inputsFrom(graph, input));
        const actual = Buffer.concat(graph.outputs.map((id) => toBytes(contents[id]!)));
        assert.deepEqual(actual, Buffer.from(output), source);
      }
    });
  }
});
