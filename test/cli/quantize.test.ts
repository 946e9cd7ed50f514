import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { bitloom, type Outcome, Workspace } from '../support/cli.js';
import { npy } from '../support/data-files.js';
import { inferences, smallFloatFile } from '../support/float-networks.js';

describe('bitloom quantize', () => {
  const workspace = new Workspace();
  let model: string;
  let data: string;
  let made: Outcome;
  const output = () => workspace.path('q');
  const quantize = (...args: string[]) =>
    bitloom('quantize', model, '--calibrate', data, '-o', output(), ...args);
  before(async () => {
    model = workspace.file('small.onnx', smallFloatFile());
    const values = Float32Array.from(inferences(12, 1).flatMap(([x]) => [...x!]));
    data = workspace.file('data.npy', npy('<f4', '12, 10, 10, 2', values));
    made = await quantize('--board', 'pico');
  });
  after(() => workspace.remove());

  it('writes a folder that other commands take as a model, equal on the board to the bit', async function () {
    this.timeout(120_000);
    assert.equal(made.exitCode, 0, made.stderr);
    assert.deepEqual(readdirSync(output()).toSorted(), [
      'README.md',
      'bitloom.json',
      'layers.json',
      'model.tflite',
      'report.html',
    ]);
    const verified = await bitloom('verify', output(), '--board', 'pico', '-n', '1');
    assert.match(verified.stdout, /^EQUAL/, verified.stderr);
  });

  it('says what each layer and the whole lost, and what it costs on the board', () => {
    assert.match(made.stdout, /^layer +operator +weights +format +dB +bytes +instructions\n/);
    assert.match(made.stdout, /value 1 +Conv +144 +int8 +\d+\.\d +\d+/);
    assert.match(
      made.stdout,
      /the float network's in 1[12] of 12 \(\d+\.\d\d %\) inferences, those of the calibration/,
    );
    assert.match(made.stdout, /fits pico/);
  });

  it('leaves documents: how inputs become codes, what it was calibrated on, pictures', () => {
    const readme = readFileSync(`${output()}/README.md`, 'utf8');
    assert.match(readme, /calibrated on 12 inferences of 'data\.npy'/);
    assert.match(readme, /Input 'input': real value = [\d.e-]+ \* \(code - -?\d+\)\./);
    const page = readFileSync(`${output()}/report.html`, 'utf8');
    assert.match(page, /<svg/);
    assert.doesNotMatch(page, /<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('takes formats by layer from a file, as it writes them', async () => {
    const layers = JSON.parse(readFileSync(`${output()}/layers.json`, 'utf8')) as Record<string, string>;
    const edited = workspace.file('layers.json', JSON.stringify({ ...layers, 'value 5': 'ternary' }));
    const { exitCode, stdout, stderr } = await quantize('--layers', edited, '--json');
    assert.equal(exitCode, 0, stderr);
    const report = JSON.parse(stdout) as { layers: { name: string; grid: string }[] };
    assert.deepEqual(
      report.layers.map(({ grid }) => grid),
      ['int8', 'int8', 'ternary', 'int8'],
    );
  });

  it('refuses a file with layers that there are not, or formats', async () => {
    const unknown = await quantize('--layers', workspace.file('a.json', '{"other": "int4"}'));
    assert.match(unknown.stderr, /^error BL304 .*'other'/);
    const faulty = await quantize('--layers', workspace.file('b.json', '{"value 1": "int5"}'));
    assert.match(faulty.stderr, /^error BL603 .*value 1: one of int8, int4/);
  });

  it('calibrates on noise where that is asked for, and says so', async () => {
    const made = await bitloom('quantize', model, '--noise', '--pixels', '-1..1', '-o', workspace.path('n'));
    assert.equal(made.exitCode, 0, made.stderr);
    assert.match(
      readFileSync(`${workspace.path('n')}/README.md`, 'utf8'),
      /calibrated on 32 inferences of noise/,
    );
  });

  it('refuses to go without data, or to choose without a board', async () => {
    const refused = async (...args: string[]) => (await bitloom('quantize', model, ...args)).stderr;
    assert.match(await refused(), /^error BL602 .*no data to calibrate on/);
    assert.match(
      await refused('--noise', '--weights', 'mixed'),
      /^error BL602 .*--weights mixed without a board/,
    );
    assert.match(await refused('--noise', '--flash', '900'), /^error BL602 .*--flash without a board/);
  });
});
