import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Board } from '../../boards/board.js';
import { loadBoard } from '../../boards/index.js';
import { load } from '../../src/index.js';
import { checkFit } from '../../src/plan/fit.js';
import { planModel } from '../../src/plan/index.js';
import { planText } from '../../src/report/plan-text.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const DIGITS = load(
  readFileSync(new URL('../../examples/digits/digits.tflite', import.meta.url)),
  'digits.tflite',
);
const F746 = loadBoard('nucleo-f746zg');

const digitsOn = (board: Board) => planModel(DIGITS.graph, board, { prefix: 'digits', modelHash: '' });

/** A sum whose arena has `bytes`, on the STM32F746. */
function sumOf(bytes: number) {
  const sketch = new Sketch();
  const x = sketch.input('x', [1, bytes]);
  const one = sketch.constant([1], Int8Array.of(1));
  const sum = sketch.node('ADD', { clamp: ALL_BYTES }, [x, one], ['sum', [1, bytes]]);
  const plan = planModel(sketch.graph(sum), F746, { prefix: 'm', modelHash: '' });
  assert.equal(plan.arena.bytes, bytes);
  return plan;
}

describe('placement', () => {
  it('has no choice with one flash and one RAM, and no line in the plan', () => {
    const plan = digitsOn(loadBoard('nucleo-f446re'));
    const { arena, stack, data, constants, hot } = plan.placement!;
    assert.deepEqual(
      [arena, stack, data, constants].map(({ name }) => name),
      ['RAM', 'RAM', 'RAM', 'FLASH'],
    );
    assert.equal(hot, null);
    assert.doesNotMatch(planText(plan, checkFit(plan)), /arena in/);
    assert.equal(digitsOn(loadBoard('host')).placement, null);
  });

  it('puts the arena into the fastest memory that holds it, beside a stack', () => {
    const arenaOf = (bytes: number) => {
      const plan = sumOf(bytes);
      return [plan.placement!.arena.name, plan.placement!.arena.bytes / 1024, checkFit(plan).fits];
    };
    assert.deepEqual(arenaOf(60 * 1024), ['DTCM', 64, true]);
    assert.deepEqual(arenaOf(60 * 1024 + 16), ['RAM', 256, true]);
    assert.deepEqual(arenaOf(255 * 1024), ['RAM', 256, true]);
    assert.deepEqual(arenaOf(300 * 1024), ['RAM', 320, true]);
    assert.deepEqual(arenaOf(320 * 1024), ['RAM', 320, false]);
  });

  it('counts every byte once, where it is', () => {
    const plan = digitsOn(F746);
    const { totals, placement } = plan;
    const uses = Object.fromEntries(checkFit(plan).uses.map(({ region, bytes }) => [region.name, bytes]));
    assert.deepEqual(uses, {
      FLASH: totals.constantBytes + totals.codeBytes + totals.startUpBytes,
      DTCM: totals.arenaBytes + totals.stackBytes,
      RAM: 1024,
      ITCM: placement!.hot!.bytes,
    });
  });

  it('puts constants into external flash where the flash does not hold them', () => {
    const on = (kilobytes: number) => {
      const [flash, ...rams] = F746.regions;
      const external = { name: 'QSPI', kind: 'flash', origin: 0x90000000, bytes: 2 ** 24 } as const;
      return digitsOn({ ...F746, regions: [{ ...flash!, bytes: 1024 * kilobytes }, external, ...rams] });
    };
    assert.equal(on(18).placement!.constants.name, 'FLASH');
    assert.equal(on(14).placement!.constants.name, 'QSPI');
    assert.ok(checkFit(on(14)).fits);
    assert.match(planText(on(14), checkFit(on(14))), /^arena in DTCM, constants in QSPI; copied to ITCM: /m);
  });

  it('copies the functions that take most time for their size, as far as there is room', () => {
    const { functions, steps } = digitsOn(F746);
    const itcm = (bytes: number) => {
      const regions = F746.regions.map((r) => (r.name === 'ITCM' ? { ...r, bytes } : r));
      return digitsOn({ ...F746, regions }).placement!.hot;
    };
    const gain = (index: number) => {
      const costs = steps.filter((step) => step.functionIndex === index).map(({ cost }) => cost);
      return costs.reduce((sum, { cycles }) => sum + cycles!, 0) / costs[0]!.codeBytes;
    };
    const best = functions.map((_, i) => i).reduce((a, b) => (gain(b) > gain(a) ? b : a));
    const codeOf = (index: number) => steps.find((step) => step.functionIndex === index)!.cost.codeBytes;
    assert.deepEqual(itcm(Math.ceil(codeOf(best) / 0.75))!.functions, [best]);
    assert.equal(itcm(4), null);
    const all = itcm(16 * 1024)!;
    assert.ok(all.share > 0.98 && all.share <= 1);
    assert.ok(!all.functions.includes(functions.findIndex(({ name }) => name.startsWith('softmax'))));
  });
});
