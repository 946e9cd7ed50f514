import assert from 'node:assert/strict';
import { addModel, bitloom, DIGITS, Workspace } from '../support/cli.js';

describe('a wrong command line', () => {
  /** It is BL602, on stderr alone, and exit code 2. */
  async function refused(args: readonly string[], words: RegExp): Promise<void> {
    const { exitCode, stdout, stderr } = await bitloom(...args);
    assert.match(stderr, words);
    assert.match(stderr, /^error BL602 wrong usage: .*\n$/);
    assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: '' });
  }

  it('with an unknown command suggests the nearest and names the help', async () => {
    await refused(
      ['plam', DIGITS],
      /unknown command 'plam'\. Did you mean plan\? 'bitloom --help' says what is possible$/m,
    );
  });

  it('with an unknown option suggests the nearest and names the help of the command', async () => {
    await refused(
      ['plan', DIGITS, '--bord', 'pico'],
      /unknown option '--bord'\. Did you mean --board\? 'bitloom plan --help' says what is possible$/m,
    );
  });

  it('with an overhead of nothing, or in words', async () => {
    await refused(
      ['plan', DIGITS, '--overhead', '5'],
      /--overhead without --min-ram\. Give both, or neither$/m,
    );
    await refused(
      ['plan', DIGITS, '--min-ram', '--overhead', 'little'],
      /--overhead got 'little'\. Give a percentage: --overhead 10$/m,
    );
  });

  it('with patches of nothing, or too few', async () => {
    await refused(
      ['plan', DIGITS, '--min-ram', '--patches', '4', '--feed', 'rows'],
      /--patches with --feed\. A stage takes the rows: leave one of them out$/m,
    );
    await refused(
      ['plan', DIGITS, '--patches', '4'],
      /--patches without --min-ram\. Give both, or neither$/m,
    );
    await refused(
      ['plan', DIGITS, '--min-ram', '--patches', '1'],
      /--patches got '1'\. Give a number from 2 to 16: --patches 4$/m,
    );
  });

  it('with passes of an input that is whole, or none', async () => {
    await refused(['plan', DIGITS, '--passes', '4'], /--passes without --feed\. Give both, or neither$/m);
    await refused(
      ['plan', DIGITS, '--feed', 'rows', '--passes', '0'],
      /--passes got '0'\. Give a number from 1 to 16: --passes 4$/m,
    );
    await refused(
      ['plan', DIGITS, '--feed', 'frames', '--passes', '2'],
      /--passes with --feed frames\. A stream goes by once: leave --passes out$/m,
    );
  });

  it('without a model', () =>
    refused(['inspect'], /missing required argument 'model'\. 'bitloom inspect --help'/));

  it('with two models', () =>
    refused(
      ['inspect', DIGITS, DIGITS],
      /too many arguments for 'inspect'\. Expected 1 argument but got 2\. '/,
    ));

  it('without the board of a build', () =>
    refused(['build', DIGITS], /required option '-b, --board <id>' not specified/));

  it('with an option that lacks its value', () =>
    refused(['plan', DIGITS, '--board'], /option '-b, --board <id>' argument missing/));

  for (const count of ['0', '-1', '1.5', 'many', '', '1000000', '1e3'])
    it(`with --count '${count}'`, () =>
      refused(
        ['verify', DIGITS, `--count=${count}`],
        new RegExp(`--count got '${count}'\\. Give a whole number from 1 to 999999$`, 'm'),
      ));

  it('with a count of generated inputs and an input', () =>
    refused(
      ['verify', DIGITS, '-n', '2', '-i', 'x.bin'],
      /'-n, --count <n>' cannot be used with option '-i, --input <file>'/,
    ));
});

describe('a wrong model file', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  for (const command of [['inspect'], ['plan'], ['build', '-b', 'web'], ['verify']]) {
    it(`${command[0]}: a file that is not there`, async () => {
      const path = workspace.path('missing.tflite');
      assert.deepEqual(await bitloom(...command, path), {
        exitCode: 2,
        stdout: '',
        stderr: `error BL601 file not readable: cannot read '${path}': there is no such file. Check the path and its permissions\n`,
      });
    });
  }

  it('a folder', async () => {
    const { exitCode, stderr } = await bitloom('inspect', workspace.folder);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error BL601 .*: it is a folder without model\.tflite\. Give a \.tflite/);
  });

  it('a path through a file', async () => {
    const { exitCode, stderr } = await bitloom('inspect', `${workspace.file('file', '')}/model.tflite`);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error BL601 .*: a part of the path is a file\./);
  });

  it('an empty file, by its path', async () => {
    const path = workspace.file('empty.tflite', '');
    const { exitCode, stderr } = await bitloom('plan', path);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error BL101 not a model file: '.*empty\.tflite' .*\.tflite\) or .*\.onnx\)\n$/);
  });

  it('names that would steer the terminal are shown without effect', async () => {
    const model = addModel();
    const [first, ...others] = model.tensors;
    const evil = { ...first!, name: 'in\u001b[31m\u202e\nerror' };
    const path = workspace.model('evil.tflite', { ...model, tensors: [evil, ...others] });
    const { stdout } = await bitloom('inspect', path);
    const { stderr } = await bitloom('verify', path, '-i', 'one.bin');
    for (const line of [...stdout.split('\n'), ...stderr.split('\n')])
      assert.doesNotMatch(line, /\p{Cc}|\p{Cf}|^error'/u);
    assert.match(stdout, /'in.\[31m..error'/);
    assert.match(stderr, /'in.\[31m..error'/);
  });
});
