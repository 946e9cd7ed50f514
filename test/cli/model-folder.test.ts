import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { load } from '../../src/index.js';
import { formatsText } from '../../src/quantmcu/index.js';
import { bitloom, DIGITS, Workspace } from '../support/cli.js';

/** What a command says that must succeed. */
async function said(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await bitloom(...args);
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

describe('a folder with model.tflite', () => {
  const workspace = new Workspace();
  const { hash, source } = load(readFileSync(DIGITS), 'digits.tflite');
  /** The first feature map in 4 bits. */
  const narrow = formatsText({
    model: hash,
    maps: { [source.tensors[source.nodes[0]!.outputs[0]!]!.name]: { bits: 4, scales: [0.3], lows: [0] } },
    shifts: {},
  });
  let plain: string;
  let narrowed: string;
  let formats: string;
  before(() => {
    const folderOf = (file: string) => file.replace(/\/[^/]*$/, '');
    plain = folderOf(workspace.file('plain/digits/model.tflite', readFileSync(DIGITS)));
    narrowed = folderOf(workspace.file('narrowed/digits/model.tflite', readFileSync(DIGITS)));
    formats = workspace.file('narrowed/digits/formats.json', narrow);
  });
  after(() => workspace.remove());

  it('stands for that file, under the name of the folder', async () => {
    for (const command of [['inspect'], ['plan', '-b', 'pico']])
      assert.equal(await said(...command, plain, '--json'), await said(...command, DIGITS, '--json'));
  });

  it('is narrowed by the formats.json beside it, as --formats would', async () => {
    const wanted = await said('plan', DIGITS, '-b', 'pico', '--formats', formats, '--json');
    assert.equal(await said('plan', narrowed, '-b', 'pico', '--json'), wanted);
    assert.notEqual(await said('plan', plain, '-b', 'pico', '--json'), wanted);
    assert.match(await said('inspect', narrowed), /uint4 scale 0\.3/);
  });

  it('is narrowed otherwise by the formats that are given', async () => {
    const none = workspace.file('none.json', formatsText({ model: hash, maps: {}, shifts: {} }));
    const wanted = await said('plan', DIGITS, '-b', 'pico', '--formats', none, '--json');
    assert.equal(await said('plan', narrowed, '-b', 'pico', '--formats', none, '--json'), wanted);
  });

  it('is what build and flash generate from', async () => {
    const output = workspace.path('out');
    const built = await said('build', narrowed, '-b', 'pico', '-o', output);
    assert.match(built, new RegExp(`next: make -C .* or: bitloom verify ${narrowed} --board pico$`, 'm'));
    assert.match(readFileSync(`${output}/digits.h`, 'utf8'), /digits_run/);
    const steps = await said('flash', narrowed, '-b', 'nucleo-f446re', '--tool', 'openocd', '--dry-run');
    assert.match(steps, /^bitloom build \S+narrowed\/digits --board nucleo-f446re -o digits-nucleo-f446re\n/);
  });

  it('with formats of another model ends in BL604', async () => {
    const other = workspace.file('other/model.tflite', readFileSync(DIGITS));
    workspace.file('other/formats.json', '{"model":"ab","maps":{}}');
    const { exitCode, stderr } = await bitloom('inspect', other.replace('/model.tflite', ''));
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error BL604 .*other\/formats\.json' is for the model of SHA-256 ab/);
  });

  it('without it ends in BL601', async () => {
    workspace.file('empty/notes.txt', '');
    for (const command of [['inspect'], ['plan'], ['verify'], ['build', '-b', 'web']]) {
      const { exitCode, stderr } = await bitloom(...command, workspace.path('empty'));
      assert.equal(exitCode, 2);
      assert.match(
        stderr,
        /^error BL601 .*empty': it is a folder without model\.tflite\. Give a \.tflite or/,
      );
    }
  });
});
