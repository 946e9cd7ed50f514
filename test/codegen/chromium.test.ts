import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { emitWasm } from '../../codegen/wasm/index.js';
import { toBytes } from '../../src/graph/tensor.js';
import { load } from '../../src/index.js';
import { evaluate, initialState } from '../../src/oracle/index.js';
import { Folders, planFor } from '../support/artifacts.js';
import { findChromium, runInChromium } from '../support/chromium.js';
import { manyPorts, someInputs, stateful } from '../support/small-models.js';

const DIGITS = new URL('../../examples/digits/digits.tflite', import.meta.url);
const digits = () => load(readFileSync(DIGITS), 'digits.tflite').graph;
const GRAPHS = { digits, manyPorts, stateful };
const RUNS = [0, 1, 2];

/** Loads the module as a page does, from its own URL, and gives the bytes of all outputs, run after run. */
const script = (inputs: readonly (readonly number[][])[]) => `
  const { load } = await import('/model/model.js');
  const model = await load();
  const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return ${JSON.stringify(inputs)}.map((run) => {
    run.forEach((codes, i) => bytes(model.inputs[i]).set(codes));
    model.run();
    return model.outputs.flatMap((view) => [...bytes(view)]);
  });`;

describe('generated WASM in Chromium', () => {
  const folders = new Folders();
  before(function () {
    if (findChromium() !== null) return;
    console.log('      skipped: needs chromium');
    this.skip();
  });
  after(() => folders.remove());

  for (const [name, make] of Object.entries(GRAPHS)) {
    it(`of ${name} runs as the oracle says`, async function () {
      this.timeout(60_000);
      const graph = make();
      const model = folders.write(await emitWasm(planFor(graph, 'web', 'model')));
      const state = initialState(graph);
      const inputs = RUNS.map((k) => someInputs(graph, k));
      const expected = inputs.map((tensors) => {
        const contents = evaluate(graph, tensors, state);
        return graph.outputs.flatMap((id) => [...toBytes(contents[id]!)]);
      });
      const codes = inputs.map((tensors) => tensors.map((data) => [...toBytes(data)]));
      assert.deepEqual(await runInChromium({ model }, script(codes)), expected);
    });
  }

  it('says what the page threw', async () => {
    await assert.rejects(runInChromium({}, `throw new Error('of the page')`), /of the page/);
  });

  it('refuses what is not served', async () => {
    const status = await runInChromium({ model: '.' }, `return (await fetch('/other/package.json')).status`);
    assert.equal(status, 404);
  });
});
