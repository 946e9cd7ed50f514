import assert from 'node:assert/strict';
import { selectRates } from '../../bench/selection.js';

const OPTIONS = { base: 'formula', rate: 1, most: 4 };

/** Twenty observations of layers that grow. */
function observations(value: (i: number) => number) {
  return Array.from({ length: 20 }, (_, i) => ({
    value: value(i),
    work: { formula: 100 + 10 * i, output: (7 * i) % 13, call: 1 },
  }));
}

describe('the selection of rates', () => {
  it('keeps to the formula where that is right', () => {
    assert.deepEqual(
      selectRates(
        observations((i) => 100 + 10 * i),
        OPTIONS,
      ),
      { formula: 1 },
    );
  });

  it('adds what is missing, and little else', () => {
    const rates = selectRates(
      observations((i) => 100 + 10 * i + 9 * ((7 * i) % 13)),
      OPTIONS,
    );
    // Drawn to the formula alone.
    assert.ok(Math.abs(rates.formula! - 1) < 0.1 && rates.output! > 4.5 && rates.output! <= 9);
    assert.deepEqual(Object.keys(rates), ['formula', 'output']);
  });

  it('adds to what is known, of the counts that may be', () => {
    const all = observations((i) => 100 + 10 * i + 9 * ((7 * i) % 13));
    const known = all.map(({ work }) => work.formula!);
    const rates = selectRates(all, { ...OPTIONS, base: 'call', rate: 0, known, counts: /^output$/ });
    assert.deepEqual(Object.keys(rates), ['call', 'output']);
    assert.ok(Math.abs(rates.output! - 9) < 1);
  });

  it('takes one count for five observations at most', () => {
    const few = observations((i) => 50 + 31 * ((7 * i) % 13)).slice(0, 4);
    assert.deepEqual(Object.keys(selectRates(few, OPTIONS)), ['formula']);
  });
});
