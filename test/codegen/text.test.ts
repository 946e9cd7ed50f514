import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { floatLiteral } from '../../codegen/c/weights.js';
import { breakCall, fileHeader, float32Text, int32Text, LINE_WIDTH, safeText } from '../../codegen/text.js';
import { load, type Model, type PlanOptions, plan, withFormats } from '../../src/index.js';
import { DIGITS } from '../support/cli.js';

describe('strings of the model in generated text', () => {
  it('shows what it replaces', () => {
    assert.equal(safeText('conv2d/Relu;bias'), 'conv2d/Relu;bias');
    assert.equal(safeText('a*/ int x; /*'), 'a* / int x; / *');
    assert.equal(safeText('line\nbreak'), 'line<a>break');
    assert.equal(safeText('it\'s "\\"'), 'it<27>s <22><5c><22>');
    assert.equal(safeText('right\u202eleft \u{1f600}'), 'right<202e>left <1f600>');
    assert.equal(safeText('x'.repeat(100)), `${'x'.repeat(77)}...`);
  });

  it('never ends a comment or a string, whatever the name', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('*', '/', '\\', '\n', '\r', "'", '"', '`', '?', '\u2028', 'a'),
    });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (name) => {
        const text = `*${safeText(name)}'`;
        assert.match(text, /^[ -~]*$/);
        assert.doesNotMatch(text.slice(1), /\*\/|\/\*|\\|"|`/);
        assert.equal(text.indexOf("'"), text.length - 1);
      }),
    );
  });
});

describe('the header of a generated file', () => {
  const digits = load(readFileSync(DIGITS), DIGITS);
  const optionsOf = (model: Model, options: PlanOptions, trace = false) =>
    /^ \* Options: (.*)$/m.exec(fileHeader(plan(model, 'pico', options), 'Model', { trace }))?.[1];

  it('names the model by its hash, and the board', () => {
    const header = fileHeader(plan(digits, 'pico'), 'Model', {});
    assert.match(header, new RegExp(`Model: digits, SHA-256 ${digits.hash}\n \\* Board: pico \\(armv6-m\\)`));
  });

  it('has the options that were given, as the command line takes them', () => {
    assert.equal(optionsOf(digits, {}), 'none');
    assert.equal(optionsOf(digits, { optimize: 'size', minRam: 0.05 }), '--optimize size --min-ram');
    assert.equal(optionsOf(digits, { minRam: 0.07 }, true), '--min-ram --overhead 7 trace');
    assert.equal(optionsOf(digits, { feed: 'rows', passes: 2 }), '--feed rows --passes 2');
    const kernels = { conv_2d_0: 'conv_2d_s8' };
    assert.equal(optionsOf(digits, { kernels }), '--kernel conv_2d_0=conv_2d_s8');
  });

  it('has what made the network another than that of its file', () => {
    const formats = { model: digits.hash, maps: {}, shifts: {} };
    assert.equal(optionsOf(withFormats(digits, formats), {}), '--formats (0 maps)');
  });
});

describe('numbers in generated text', () => {
  it('writes float32 values with the fewest digits', () => {
    assert.equal(float32Text(Math.fround(0.1)), '0.1');
    assert.equal(float32Text(Math.fround(0.58470290899276733)), '0.5847029');
    assert.equal(floatLiteral(1), '1.0f');
    assert.equal(floatLiteral(-0), '-0.0f');
    assert.equal(floatLiteral(2 ** -149), '1e-45f');
    assert.equal(floatLiteral(Math.fround(1e30)), '1e+30f');
  });

  it('writes float32 values that read back exactly', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.ok(Object.is(Math.fround(Number(float32Text(value))), value));
      }),
    );
  });

  it('refuses parameters that are not int32', () => {
    assert.equal(int32Text(-5, 'MIN'), '-5');
    assert.equal(int32Text(-(2 ** 31), 'MIN'), 'MIN');
    for (const wrong of [2 ** 31, 0.5, Number.NaN])
      assert.throws(() => int32Text(wrong, 'MIN'), /not an int32/);
  });
});

describe('long calls', () => {
  it('break behind commas and stay within the line', () => {
    const args = Array.from({ length: 30 }, (_, i) => `argument_${i}`);
    const text = breakCall('  ', 'call', args, ';');
    assert.ok(text.split('\n').every((line) => line.length <= LINE_WIDTH));
    assert.equal(text.replace(/\s+/g, ''), `call(${args.join(',')});`);
    assert.equal(breakCall('  ', 'call', ['a', 'b'], ';'), '  call(a, b);');
  });
});
