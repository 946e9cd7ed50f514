import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadBoard } from '../../boards/index.js';
import { load, plan, whyMemory } from '../../src/index.js';
import { checkFit } from '../../src/plan/fit.js';
import { bitloom, DIGITS } from '../support/cli.js';

const MODEL = load(readFileSync(DIGITS), 'digits.tflite');

/** A board with so many bytes of RAM. */
function boardOf(ram: number) {
  const board = loadBoard('mps2-an385');
  return { ...board, regions: board.regions.map((r) => (r.kind === 'ram' ? { ...r, bytes: ram } : r)) };
}

describe('why the arena is as large as it is', () => {
  const { plan: taken, peak, alternatives, reason } = whyMemory(MODEL, 'pico');

  it('says what is live at the peak', () => {
    assert.equal(peak!.liveBytes, taken.arena.bytes);
    assert.equal(taken.steps[peak!.step]!.name, 'depthwise_conv_2d_3');
    assert.deepEqual(
      peak!.live.map(({ name, kind }) => [name, kind]),
      [
        ['conv_2d_2', 'image'],
        ['depthwise_conv_2d_3', 'image'],
        ['scratch of depthwise_conv_2d_3', 'scratch'],
      ],
    );
  });

  it('lists what less memory costs, from the plain schedule to the smallest', () => {
    assert.deepEqual(alternatives[0]!.plan.stages, []);
    for (const [i, { plan: smaller, overhead }] of alternatives.entries()) {
      if (i === 0) continue;
      assert.ok(smaller.arena.bytes < alternatives[i - 1]!.plan.arena.bytes);
      assert.ok(smaller.totals.time > alternatives[i - 1]!.plan.totals.time);
      assert.ok(overhead >= alternatives[i - 1]!.overhead);
    }
    const smallest = plan(MODEL, 'pico', { minRam: 100 });
    assert.equal(alternatives.at(-1)!.plan.arena.bytes, smallest.arena.bytes);
  });

  it('marks the one that is taken, and says why', () => {
    const mark = (found: typeof alternatives) =>
      found.filter((other) => other.taken).map((other) => other.plan);
    assert.deepEqual(mark(alternatives), [taken]);
    assert.match(reason, /^one layer after the other takes the fewest cycles; fits pico/);
    const wished = whyMemory(MODEL, 'pico', { minRam: 0.02 });
    assert.deepEqual(mark(wished.alternatives), [wished.plan]);
    assert.equal(wished.plan.arena.bytes, plan(MODEL, 'pico', { minRam: 0.02 }).arena.bytes);
    assert.match(wished.reason, /^the smallest arena that takes at most 2 % more time/);
    const [, need] = checkFit(plan(MODEL, boardOf(1 << 20))).uses;
    const tight = whyMemory(MODEL, boardOf(need!.bytes - 4));
    assert.match(tight.reason, /^the fastest schedule whose arena fits; .* is 4 bytes short of RAM/);
    assert.match(
      whyMemory(MODEL, boardOf(1024)).reason,
      /^no schedule fits mps2-an385, .* bytes short of RAM/,
    );
  });

  it('is what `plan --why` prints, and --json', async () => {
    const { stdout } = await bitloom('plan', DIGITS, '--board', 'pico', '--why');
    assert.match(stdout, /^peak: 4,800 bytes while depthwise_conv_2d_3 runs/m);
    assert.match(stdout, /^> +4,800 .* 0 % +none$/m);
    const data = JSON.parse(
      (await bitloom('plan', DIGITS, '-b', 'pico', '--min-ram', '--json', '--why')).stdout,
    );
    assert.equal(data.peak.buffers.length, 7);
    assert.deepEqual(data.peak.stage, { first: 'conv_2d_0', last: 'average_pool_2d_5' });
    const [marked] = data.alternatives.filter((other: { taken: boolean }) => other.taken);
    assert.equal(marked.arenaBytes, data.arenaBytes);
    assert.deepEqual(marked.stages, [{ first: 'conv_2d_0', last: 'average_pool_2d_5', rows: 2 }]);
  });

  it('is known of a board', async () => {
    const { exitCode, stderr } = await bitloom('plan', DIGITS, '--why');
    assert.equal(exitCode, 2);
    assert.match(stderr, /BL602 wrong usage: --why without a board/);
  });
});
