import assert from 'node:assert/strict';
import { VERSION } from '../../src/package/version.js';
import { bitloom } from '../support/cli.js';

const COMMANDS = [
  'inspect',
  'plan',
  'build',
  'verify',
  'flash',
  'image',
  'quantize',
  'quantmcu',
  'boards',
  'doctor',
  'demo',
];

describe('bitloom --help', () => {
  it('lists every command, the exit codes and examples', async () => {
    const { exitCode, stdout, stderr } = await bitloom('--help');
    assert.equal(exitCode, 0);
    assert.equal(stderr, '');
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[options\]|\[command\])/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(listed, [...COMMANDS, 'help']);
    assert.match(stdout, /^Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /m);
    for (const command of COMMANDS.filter((c) => c !== 'boards' && c !== 'doctor'))
      assert.match(stdout, new RegExp(`^ {2}bitloom ${command}\\b`, 'm'));
  });

  for (const command of COMMANDS) {
    it(`${command} --help has an example that is a command line of ${command}`, async () => {
      const { exitCode, stdout } = await bitloom(command, '--help');
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^Usage: bitloom ${command} \\[options\\]`));
      const [, examples = ''] = stdout.split(/^Examples?:$/m);
      assert.match(examples, new RegExp(`^ {2}bitloom ${command}\\b`, 'm'));
    });

    it(`every option in the examples of ${command} is an option of it`, async () => {
      const [options = '', examples = ''] = (await bitloom(command, '--help')).stdout.split(/^Examples?:$/m);
      for (const [option] of examples.matchAll(/(?<= )--?[a-z]+/g))
        assert.match(options, new RegExp(`(^|[ ,])${option}\\b`, 'm'));
    });
  }

  it('help <command> is the same', async () => {
    assert.deepEqual(await bitloom('help', 'plan'), await bitloom('plan', '--help'));
  });

  it('comes without being asked for where there is no command, on stderr', async () => {
    const help = await bitloom('--help');
    assert.deepEqual(await bitloom(), { exitCode: 2, stdout: '', stderr: help.stdout });
  });

  it('--version is that of the package', async () => {
    assert.deepEqual(await bitloom('--version'), { exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  });
});
