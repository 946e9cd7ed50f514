import assert from 'node:assert/strict';
import { toBytes } from '../../src/graph/tensor.js';
import { load, verify } from '../../src/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { checkTools } from '../../src/verify/index.js';
import { goldenModels, inputsFrom } from '../support/golden.js';
import { needsShared, readShared, sharedPath } from '../support/shared.js';

const missing = checkTools().flatMap(({ tool, found }) => (found ? [] : [tool]));
const models = sharedPath('models/golden/manifest.json') === null ? [] : goldenModels();

/** Every model on Cortex-M4; kws on every other core as well, and on Android's ARM. */
const OTHER_CORES = [
  ...['pico', 'mps2-an385', 'nucleo-f746zg', 'nrf5340-dk', 'mps3-an547'],
  ...['android-arm64-v8a', 'android-armeabi-v7a'],
];

describe('firmware gives the recorded outputs of TFLite Micro in every byte', () => {
  needsShared('recorded outputs in firmware', 'models/golden/');
  before(function () {
    if (missing.length === 0) return;
    console.log(`      skipped: recorded outputs in firmware need ${missing.join(' and ')}`);
    this.skip();
  });

  for (const { name, cases } of models)
    for (const board of ['mps2-an386', ...(name === 'kws' ? OTHER_CORES : [])])
      it(`${name} on ${board}: ${cases.length} inferences`, async () => {
        const model = load(readShared(`models/tflite/${name}.tflite`), `${name}.tflite`);
        const vectors = cases.map(({ input }) => inputsFrom(model.source, input));
        cases.forEach(({ output }, i) => {
          const contents = evaluate(model.source, vectors[i]!);
          const outputs = model.source.outputs.map((id) => Buffer.from(toBytes(contents[id]!)));
          assert.deepEqual(Buffer.concat(outputs), Buffer.from(output));
        });
        const verdict = await verify(model, board, { vectors });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
        assert.equal(verdict.vectors, cases.length);
      }).timeout(600_000);
});
