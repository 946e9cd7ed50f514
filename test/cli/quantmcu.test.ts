import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { toBytes } from '../../src/graph/tensor.js';
import { load } from '../../src/index.js';
import { testVector } from '../../src/verify/index.js';
import { bitloom, DIGITS, Workspace } from '../support/cli.js';

describe('bitloom quantmcu', () => {
  const workspace = new Workspace();
  let model: string;
  let images: string;
  before(() => {
    model = workspace.file('digits.tflite', readFileSync(DIGITS));
    images = workspace.path('images');
    mkdirSync(images);
    const { source } = load(readFileSync(DIGITS), 'digits.tflite');
    for (let k = 0; k < 4; k++) writeFileSync(`${images}/${k}.bin`, toBytes(testVector(source, k)[0]!));
  });
  after(() => workspace.remove());

  const quantmcu = (...args: string[]) =>
    bitloom('quantmcu', model, '--calibrate', images, '-o', `${model}.json`, ...args);

  it('writes formats with which the network runs to the bit, on the processor and as WASM', async function () {
    this.timeout(120_000);
    const made = await quantmcu('--bitops', '1.5');
    assert.equal(made.exitCode, 0, made.stderr);
    assert.match(made.stdout, /BitOPs [\d,]+ to [\d,]+: 1\.[5-9]\d times fewer/);
    assert.match(
      made.stdout,
      /the same class as with 8 bits: \d of 4 inferences, those of the calibration\nkept: all/,
    );
    for (const board of ['web', 'pico']) {
      const { exitCode, stdout, stderr } = await bitloom(
        'verify',
        model,
        '--formats',
        `${model}.json`,
        '-b',
        board,
        '--min-ram',
      );
      assert.equal(exitCode, 0, stdout + stderr);
      assert.match(stdout, /^EQUAL/);
    }
  });

  it('keeps 8 bits where they fit the memory asked for, and says so', async () => {
    const { exitCode, stdout } = await quantmcu('--board', 'pico', '--ram', '100000', '--json');
    assert.equal(exitCode, 0);
    const report = JSON.parse(stdout);
    assert.equal(report.kept, false);
    assert.deepEqual(JSON.parse(readFileSync(`${model}.json`, 'utf8')).maps, {});
  });

  it('wants to know what to save', async () => {
    const { exitCode, stderr } = await quantmcu();
    assert.equal(exitCode, 2);
    assert.match(stderr, /BL602 .*--ram, --bitops or both/);
  });

  it('refuses formats of another model, and files that are none', async () => {
    const other = workspace.file('other.json', '{"model":"ab","maps":{}}');
    const refused = await bitloom('plan', model, '--formats', other);
    assert.match(refused.stderr, /BL604 .*other\.json' is for the model of SHA-256 ab/);
    const broken = workspace.file('broken.json', '{"model":"ab","maps":{"x":{"bits":3}}}');
    const unread = await bitloom('plan', model, '--formats', broken);
    assert.match(unread.stderr, /BL603 .*broken\.json' is no choice of formats \(maps\.x/);
  });
});
