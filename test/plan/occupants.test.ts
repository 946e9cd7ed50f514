import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadBoard } from '../../boards/index.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import { load } from '../../src/index.js';
import { planModel } from '../../src/plan/index.js';
import { occupantsOf, peakOf } from '../../src/plan/occupants.js';
import { clashesIn } from '../support/arena.js';
import { randomModel } from '../support/random-model.js';
import { planStaged } from '../support/staged.js';

describe('the buffers of an arena', () => {
  const planOf = ([seed, isStaged]: readonly [number, boolean]) => {
    const { graph } = load(writeTflite(randomModel(seed)), 'random.tflite');
    try {
      return isStaged
        ? planStaged(graph, 'mps2-an386', seed)
        : planModel(graph, loadBoard('pico'), { prefix: 'plain', modelHash: '' });
    } catch (error) {
      // Some random models have an operator of a type that boards have no kernel for.
      fc.pre(!(error instanceof BitloomError && error.code === 'BL301'));
      throw error;
    }
  };
  const kinds = fc.tuple(fc.nat(), fc.boolean());

  it('lie in it, and share bytes at one time only where an output may overlap its input', () => {
    fc.assert(
      fc.property(kinds, (kind) => {
        const plan = planOf(kind);
        const all = occupantsOf(plan);
        assert.equal(
          Math.max(0, ...all.map(({ offset, bytes }) => offset + bytes)) <= plan.arena.bytes,
          true,
        );
        assert.deepEqual(clashesIn(plan, all), []);
      }),
      { numRuns: 40 },
    );
  });

  it('are named, and those of the peak are what is live there', () => {
    fc.assert(
      fc.property(kinds, (kind) => {
        const plan = planOf(kind);
        for (const { name, cause } of occupantsOf(plan)) assert.ok(name && cause);
        const peak = peakOf(plan);
        assert.equal(peak === null, plan.steps.length === 0);
        if (!peak) return;
        assert.equal(peak.liveBytes, Math.max(...plan.steps.map(({ cost }) => cost.liveBytes)));
        const covered = new Set(
          peak.live.flatMap(({ offset, bytes }) => Array.from({ length: bytes }, (_, i) => offset + i)),
        );
        assert.equal(covered.size, peak.liveBytes);
      }),
      { numRuns: 20 },
    );
  });
});
