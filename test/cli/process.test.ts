import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { addModel, DIGITS, shell, Workspace } from '../support/cli.js';

const ESCAPE = '\u001b';

/** What only a process of its own shows: its exit code, its streams and their ends. */
describe('the bitloom program', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('has the exit codes that its help lists', () => {
    const plan = `bitloom plan '${DIGITS}'`;
    const { stdout } = shell(
      `for board in pico nothing; do ${plan} -b $board >/dev/null; echo $?; done; ${plan} --nothing; echo $?`,
    );
    assert.equal(stdout, '0\n1\n2\n');
  });

  it('separates results from errors', () => {
    const { stdout, stderr } = shell(`bitloom inspect '${DIGITS}'; bitloom inspect missing.tflite`);
    assert.match(stdout, /^model {3}digits /);
    assert.match(stderr, /^error BL601 [^\n]*\n$/);
  });

  it('writes no escape codes where nobody sees them, even where a CI is', () => {
    const { stdout, stderr } = shell(`bitloom boards; bitloom inspect missing.tflite`, {
      CI: '1',
      TERM: 'xterm',
    });
    assert.ok(!(stdout + stderr).includes(ESCAPE));
  });

  it('colours on a terminal, unless NO_COLOR is set or the terminal is dumb', function () {
    // `script` gives a command a terminal, and the shell that SHELL names, which must know bash's functions.
    if (shell('command -v script').exitCode !== 0) {
      console.log('      skipped: needs script, of util-linux');
      this.skip();
    }
    const onTerminal = (env: Readonly<Record<string, string>>) =>
      shell(`export -f bitloom; script -qec 'bitloom inspect missing.tflite' /dev/null`, {
        SHELL: '/bin/bash',
        TERM: 'xterm',
        NO_COLOR: '',
        ...env,
      }).stdout;
    assert.ok(onTerminal({}).startsWith(`${ESCAPE}[31merror${ESCAPE}[39m BL601`));
    assert.match(onTerminal({ NO_COLOR: '1' }), /^error BL601/);
    assert.match(onTerminal({ TERM: 'dumb' }), /^error BL601/);
  });

  it('ends quietly when its reader has seen enough', () => {
    const { stdout, stderr } = shell(`bitloom inspect '${DIGITS}' | head -1`);
    assert.equal(stderr, '');
    assert.match(stdout, /^model {3}digits [^\n]*\n$/);
  });

  it('keeps its exit code when nobody reads its output', () => {
    const path = workspace.model('large.tflite', addModel([1, 400, 400, 1]));
    const { stdout, stderr } = shell(
      `{ bitloom plan '${path}' -b nucleo-f446re; echo "exit $?" >&2; } | true; sleep 0.1`,
    );
    assert.equal(stdout, '');
    assert.match(stderr, /^error BL302 [^\n]*\nexit 1\n$/);
  });

  it('says so when its output cannot be written', function () {
    if (!existsSync('/dev/full')) this.skip();
    const { exitCode, stderr } = shell('bitloom boards > /dev/full');
    assert.match(
      stderr,
      /^error BL403 output not writable: cannot write to standard output \(ENOSPC\)\. [^\n]*\n$/,
    );
    assert.equal(exitCode, 1);
  });

  it('shows no stack trace of an internal error', () => {
    const trap = `process.stdout.write = () => { throw new TypeError('a defect\\n    at anywhere') };`;
    const script = workspace.file('trap.mjs', trap);
    const { exitCode, stderr } = shell(`NODE_OPTIONS="--import=${script}" bitloom boards`);
    assert.match(
      stderr,
      /^internal error a defect\?.*\nPlease report it with the model \(Bitloom [\d.]+, Node [\d.]+, \w+\)\.\n$/,
    );
    assert.equal(exitCode, 1);
  });
});
