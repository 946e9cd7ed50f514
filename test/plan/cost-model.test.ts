import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { graphOf } from '../../bench/low-bit-layers.js';
import { loadBoard } from '../../boards/index.js';
import { load, plan } from '../../src/index.js';
import { predict, priceOf, timesOf, totalOf } from '../../src/plan/cost-model.js';
import { checkFit } from '../../src/plan/fit.js';
import { workOf } from '../../src/plan/work.js';
import { planText } from '../../src/report/plan-text.js';
import { planFor } from '../support/artifacts.js';
import { DIGITS } from '../support/cli.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

describe('cost model', () => {
  const sketch = new Sketch();
  const x = sketch.input('x', [1, 4, 4, 2]);
  const filter = sketch.constant([3, 3, 3, 2], new Int8Array(54));
  const padding = { top: 1, bottom: 1, left: 1, right: 1 };
  const one = { height: 1, width: 1 };
  const attributes = { stride: one, dilation: one, padding, clamp: ALL_BYTES };
  const graph = sketch.graph(sketch.node('CONV_2D', attributes, [x, filter], ['y', [1, 4, 4, 3]]));
  const { call } = planFor(graph, 'mps2-an385', 'm').steps[0]!;

  it('counts calls, pixels, outputs, and rows and products inside of the image', () => {
    // 2 + 3 + 3 + 2 rows of the four windows, and as many columns; the four windows in the middle are whole.
    const { call: calls, pixel, output, row, product, formula, ...work } = workOf(graph, call);
    assert.deepEqual([calls, pixel, output, formula], [1, 16, 48, call.instructions]);
    assert.deepEqual([row, product, work['broken pixel']], [16 * 2.5, 48 * 2.5 ** 2 * 2, 12]);
  });

  it('counts by the forms that literals choose', () => {
    const work = workOf(graph, call);
    assert.equal(work['output if padded'], 48);
    assert.equal(work['output unless padded'], undefined);
    assert.equal(work['pixel if 3x3'], 16);
  });

  it('counts calls and the same work again of an image that is made in bands of rows, through rings', () => {
    const work = workOf(graph, call, 4);
    assert.deepEqual([work.call, work.line, work.output], [4, 4, 48]);
    assert.deepEqual([work['call if rings'], work['output if rings']], [4, 48]);
    assert.equal(workOf(graph, call)['output if rings'], undefined);
  });

  it('adds up what work costs, and takes no more than a fifth of that is left', () => {
    assert.equal(priceOf({ output: 10, pixel: 5 }, { output: 3, pixel: -2 }), 20);
    assert.equal(priceOf({ output: 10, pixel: 5 }, { output: 3, pixel: -9 }), 6);
  });

  it('keeps the formula of the kernel, without cycles, where no core is known', () => {
    assert.deepEqual(predict(graph, call, loadBoard('host')), {
      instructions: call.instructions,
      cycles: null,
      time: call.instructions,
    });
  });

  it('lets Armv6-M wait for a multiplier of 32 cycles, as often as rp2040js sees it multiply in the digits network', () => {
    const pico = loadBoard('pico');
    const digits = load(readFileSync(DIGITS), DIGITS);
    const [fast, slow] = [pico, { ...pico, multiplyCycles: 32 }].map((board) => plan(digits, board));
    const { steps } = fast!;
    assert.deepEqual(
      slow!.steps.map(({ call }) => call.kernel),
      steps.map(({ call }) => call.kernel),
    );
    const multiplications = (slow!.totals.cycles! - fast!.totals.cycles!) / 31;
    assert.ok(Math.abs(multiplications / 127_596 - 1) < 0.02, String(multiplications));
    assert.match(
      planText(slow!, checkFit(slow!)),
      /cycles, .* if flash has no wait states; a multiplication takes 32$/m,
    );
  });

  it('takes the mean of both modules for the time of WASM, and cycles where they are known', () => {
    const { graph: pointwise, steps } = planFor(
      graphOf({ size: 4, window: 1, inputs: 32, outputs: 8 }, 'int8', 'int8'),
      'web',
      'm',
    );
    const { call: tile } = steps[0]!;
    const [base, relaxed] = [tile.instructions, tile.relaxed!.instructions].map(Math.round);
    assert.notEqual(base, relaxed);
    assert.deepEqual(predict(pointwise, tile, loadBoard('web')), {
      instructions: base,
      cycles: null,
      time: (base! + relaxed!) / 2,
    });
    const { cycles, time } = predict(graph, call, loadBoard('pico'));
    assert.equal(time, cycles);
  });

  it('adds up calls, and knows no cycles of all where one has none', () => {
    const [a, b] = [
      { instructions: 10, cycles: 15, time: 15 },
      { instructions: 4, cycles: 8, time: 8 },
    ];
    assert.deepEqual(totalOf([a, timesOf(b, 2.5)]), { instructions: 20, cycles: 35, time: 35 });
    assert.deepEqual(totalOf([a, { instructions: 4, cycles: null, time: 3 }]).cycles, null);
  });

  it('has costs for the core of every board of firmware', () => {
    for (const id of ['pico', 'mps2-an385', 'nucleo-f446re', 'nucleo-f746zg', 'nrf5340-dk', 'mps3-an547']) {
      const { instructions, cycles } = predict(graph, call, loadBoard(id));
      assert.ok(instructions > 0 && cycles !== null && cycles > 0, id);
    }
  });
});
