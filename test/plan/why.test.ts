import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadBoard } from '../../boards/index.js';
import { load, type PlanOptions, plan, why } from '../../src/index.js';
import { DIGITS } from '../support/cli.js';

const MODEL = load(readFileSync(DIGITS), 'digits.tflite');
const LAYER = 'conv_2d_2';

const kernelOf = (options: PlanOptions) =>
  plan(MODEL, 'pico', options).steps.find(({ name }) => name === LAYER)!.call.kernel;
const explained = (options: PlanOptions = {}) => why(MODEL, 'pico', LAYER, options);

describe('why a layer has its kernel', () => {
  it('marks the candidate that the plan takes, whatever is wanted', () => {
    for (const optimize of ['speed', 'balanced', 'size'] as const) {
      const { candidates } = explained({ optimize });
      assert.deepEqual(
        candidates.filter(({ chosen }) => chosen).map(({ kernel }) => kernel),
        [kernelOf({ optimize })],
      );
    }
  });

  it('says by which of the figures it was chosen', () => {
    const speed = explained();
    const best = speed.candidates.reduce((a, b) => (b.cycles! < a.cycles! ? b : a));
    assert.ok(best.chosen);
    assert.equal(speed.reason, `${best.kernel} is predicted to be the fastest`);
    assert.match(explained({ optimize: 'size' }).reason, /fewest bytes/);
  });

  it('says so where the board has no room for what the objective wants', () => {
    const pico = loadBoard('pico');
    const full = plan(MODEL, pico);
    const need = full.totals.constantBytes + full.totals.codeBytes + full.totals.startUpBytes;
    const regions = pico.regions.map((r) => (r.kind === 'flash' ? { ...r, bytes: need - 100 } : r));
    const small = { ...pico, regions };
    const changed = plan(MODEL, small).steps.find(
      (step, i) => step.call.kernel !== full.steps[i]!.call.kernel,
    )!;
    const { reason } = why(MODEL, small, changed.name);
    assert.match(reason, /^speed wants \w+, for which the board has no room$/);
  });
});

describe('a kernel that the user names', () => {
  it('computes its layer, and no other changes', () => {
    const other = explained().candidates.find(({ chosen }) => !chosen)!.kernel;
    const kernels = { [LAYER]: other };
    assert.equal(kernelOf({ kernels }), other);
    const free = plan(MODEL, 'pico').steps.filter(({ name }) => name !== LAYER);
    const pinned = plan(MODEL, 'pico', { kernels }).steps.filter(({ name }) => name !== LAYER);
    assert.deepEqual(
      pinned.map(({ call }) => call.kernel),
      free.map(({ call }) => call.kernel),
    );
    assert.equal(explained({ kernels }).reason, `${other} was asked for`);
  });

  it('must compute it', () => {
    assert.throws(() => plan(MODEL, 'pico', { kernels: { [LAYER]: 'softmax_s8' } }), { code: 'BL304' });
    assert.throws(() => plan(MODEL, 'pico', { kernels: { conv_2d_99: 'conv_2d_s8' } }), { code: 'BL304' });
  });
});
