import assert from 'node:assert/strict';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { load, verify } from '../../src/index.js';
import { checkTools } from '../../src/verify/index.js';
import {
  activationTypes,
  INPUT_PATTERNS,
  RANDOM_OPERATORS,
  randomGraphModel,
  randomInputs,
  singleOperatorModel,
} from '../support/random-model.js';

/** The files that all back ends must agree on: every operator in every type alone, and graphs of operators. */
const SINGLE = RANDOM_OPERATORS.flatMap((operator) =>
  activationTypes(operator).map((type, i) => ({
    name: `${operator} ${type}`,
    model: singleOperatorModel(operator, { seed: 1000 + i, type }),
  })),
);
const GRAPHS = Array.from({ length: Math.max(120, 200 - SINGLE.length) }, (_, seed) => ({
  name: `graph ${seed}`,
  model: randomGraphModel(seed),
}));
const QEMU_GRAPHS = 20;

const missing = new Set(checkTools().flatMap(({ tool, found }) => (found ? [] : [tool])));

async function verifyOn(board: string, { name, model }: (typeof GRAPHS)[number]): Promise<void> {
  const loaded = load(writeTflite(model), `${name}.tflite`);
  const vectors = INPUT_PATTERNS.map((pattern, seed) => randomInputs(model, seed, pattern));
  const verdict = await verify(loaded, board, { vectors });
  assert.ok(verdict.equal, `${name} on ${board}: ${JSON.stringify(verdict.firstDifference)}`);
}

describe('random networks have the same bytes everywhere', () => {
  describe('WASM in Node', () => {
    for (const sample of [...SINGLE, ...GRAPHS]) it(sample.name, () => verifyOn('web', sample));
  });

  describe('host C at -O0 and -O3 with sanitizers', () => {
    before(function () {
      if (!missing.has('cc') && !missing.has('make')) return;
      console.log('      skipped: random networks in host C need cc and make');
      this.skip();
    });
    for (const sample of [...SINGLE, ...GRAPHS]) it(sample.name, () => verifyOn('host', sample));
  });

  describe('Cortex-M4 firmware in QEMU', () => {
    before(function () {
      if (!missing.has('arm-none-eabi-gcc') && !missing.has('qemu-system-arm')) return;
      console.log('      skipped: random networks on Cortex-M4 need arm-none-eabi-gcc and qemu-system-arm');
      this.skip();
    });
    for (const sample of GRAPHS.slice(0, QEMU_GRAPHS)) it(sample.name, () => verifyOn('mps2-an386', sample));
  });
});
