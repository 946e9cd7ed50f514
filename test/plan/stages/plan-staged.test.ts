import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadBoard } from '../../../boards/index.js';
import { load, plan, verify } from '../../../src/index.js';
import { checkFit } from '../../../src/plan/fit.js';
import { planModel } from '../../../src/plan/index.js';
import { DIGITS } from '../../support/cli.js';

describe('plans with stages', () => {
  const digits = load(readFileSync(DIGITS), 'digits.tflite');
  const names = { prefix: 'digits', modelHash: digits.hash };
  const board = loadBoard('mps2-an385');
  const plain = planModel(digits.graph, board, names);

  /** The board with so many bytes of RAM. */
  function withRam(bytes: number) {
    const regions = board.regions.map((region) => (region.kind === 'ram' ? { ...region, bytes } : region));
    return { ...board, regions };
  }

  function ramOf(planned: typeof plain): number {
    return checkFit(planned).uses.find(({ region }) => region.kind === 'ram')!.bytes;
  }

  it('are none where whole layers fit, unless asked for', () => {
    assert.deepEqual(plain.stages, []);
    assert.ok(plan(digits, board, { minRam: 0.2 }).stages.length > 0);
  });

  it('take a smaller arena, by the kernels that are asked for', async () => {
    const kernels = { conv_2d_0: 'conv_2d_s8' };
    const planned = plan(digits, board, { minRam: 1, kernels });
    assert.ok(planned.arena.bytes < plan(digits, board, { kernels }).arena.bytes);
    assert.equal(planned.steps.find(({ name }) => name === 'conv_2d_0')!.call.kernel, 'conv_2d_s8');
    const verdict = await verify(digits, 'host', { minRam: 1, kernels, count: 2, layers: true });
    assert.ok(verdict.equal);
  });

  it('take no more time than allowed', () => {
    for (const where of [board, loadBoard('web')]) {
      const { totals: whole } = plan(digits, where);
      for (const minRam of [0, 0.01, 0.05, 0.5]) {
        const { totals } = plan(digits, where, { minRam });
        assert.ok(totals.time <= whole.time * (1 + minRam), `${minRam} on ${where.id}`);
      }
    }
  });

  it('are cut into strips where halos are worth it', async () => {
    const planned = plan(digits, board, { minRam: 0.5 });
    const [strips] = planned.tiles;
    assert.ok(strips && strips.grid.rows === 1 && strips.grid.columns > 1);
    assert.equal(planned.stages.length, strips.grid.columns);
    assert.ok(planned.totals.macs > plain.totals.macs, 'halos are computed again');
    assert.equal(planned.totals.constantBytes, plain.totals.constantBytes, 'constants are shared');
    const verdict = await verify(digits, 'host', { minRam: 0.5, count: 2, layers: true });
    assert.ok(verdict.equal);
  });

  it('give way to patches where these are asked for', async () => {
    const planned = plan(digits, board, { minRam: 0.5, patches: 2 });
    assert.deepEqual(planned.stages, []);
    assert.deepEqual(
      planned.tiles.map(({ grid }) => grid),
      [{ rows: 2, columns: 2 }],
    );
    assert.ok(planned.arena.bytes < plain.arena.bytes);
    const verdict = await verify(digits, 'host', { minRam: 0.5, patches: 2, count: 2, layers: true });
    assert.ok(verdict.equal);
  });

  it('are what fits a board that is too small for whole layers', () => {
    const smallest = plan(digits, board, { minRam: 10 });
    assert.ok(ramOf(smallest) < ramOf(plain));
    const fitting = planModel(digits.graph, withRam(ramOf(plain) - 1), names);
    assert.ok(checkFit(fitting).fits);
    assert.ok(fitting.stages.length > 0);
    assert.ok(checkFit(planModel(digits.graph, withRam(ramOf(smallest)), names)).fits);
  });

  it('come as near as they can where nothing fits', () => {
    const planned = planModel(digits.graph, withRam(1024), names);
    assert.ok(!checkFit(planned).fits);
    assert.ok(planned.arena.bytes < plain.arena.bytes);
  });
});
