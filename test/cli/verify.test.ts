import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { findTool } from '../../src/verify/tools.js';
import { addModel, bitloom, DIGITS, hostTools, Workspace } from '../support/cli.js';

const IMAGE = new URL('../../examples/digits/images/7.png', import.meta.url).pathname;

/** Skips the test, saying why, where a tool is missing. */
function needs(test: Mocha.Context, ...tools: string[]): void {
  const missing = tools.filter((tool) => findTool(tool) === null);
  if (missing.length === 0) return;
  console.log(`      skipped: needs ${missing.join(', ')}`);
  test.skip();
}

describe('bitloom verify', () => {
  const workspace = new Workspace();
  let add: string;
  before(() => {
    add = workspace.model('add.tflite', addModel());
  });
  after(() => workspace.remove());

  it('runs the WASM module unless a board is named, and exits with 0 when every byte is equal', async () => {
    const { exitCode, stdout, stderr } = await bitloom('verify', add);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    assert.match(
      stdout,
      /^EQUAL {6}add on web \(Node v[\d.]+\): every byte of 3 inferences\n {11}arena 32 B, code \d+ B, constants 0 B, image \d+ B\n$/,
    );
  });

  it('--json is one object, with the arena and the constants that plan has predicted', async () => {
    const { exitCode, stdout } = await bitloom('verify', DIGITS, '--input', IMAGE, '--layers', '--json');
    assert.equal(exitCode, 0);
    const verdict = JSON.parse(stdout);
    const { model, board, equal, vectors, layers, firstDifference } = verdict;
    assert.deepEqual(
      { model, board, equal, vectors, firstDifference },
      { model: 'digits', board: 'web', equal: true, vectors: 1, firstDifference: null },
    );
    for (const key of ['instructions', 'stackBytes', 'codeBytes']) assert.ok(key in verdict, key);
    const planned = JSON.parse((await bitloom('plan', DIGITS, '--board', 'web', '--json')).stdout);
    assert.equal(verdict.arenaBytes, planned.arenaBytes);
    assert.equal(verdict.constantBytes, planned.constantBytes);
    const key = ({ name, operator }: { name: string; operator: string }) => `${name} ${operator}`;
    assert.deepEqual(layers.map(key), planned.layers.map(key));
    assert.ok(layers.every((layer: { equal: boolean }) => layer.equal));
  });

  it('counts instructions, stack and linked bytes on a board', async function () {
    needs(this, 'make', 'arm-none-eabi-gcc');
    const args = ['verify', DIGITS, '-b', 'pico', '-n', '1', '--json'];
    const { exitCode, stdout } = await bitloom(...args);
    const verdict = JSON.parse(stdout);
    assert.deepEqual([exitCode, verdict.equal, verdict.runner], [0, true, 'rp2040js']);
    for (const key of ['instructions', 'stackBytes', 'codeBytes', 'imageBytes', 'cycles'])
      assert.ok(verdict[key] > 0, key);
    const planned = JSON.parse((await bitloom('plan', DIGITS, '--board', 'pico', '--json')).stdout);
    assert.equal(verdict.arenaBytes, planned.arenaBytes);
    assert.equal(verdict.constantBytes, planned.constantBytes);
  });

  it('--keep keeps the build and names it', async () => {
    const { stdout } = await bitloom('verify', add, '--count', '1', '--keep');
    const folder = /^build kept in (.*)$/m.exec(stdout)?.[1];
    assert.ok(folder && existsSync(`${folder}/0/plain/add.wasm`));
    rmSync(folder, { recursive: true });
  });

  describe('with a C compiler whose programs say what they are told', () => {
    before(function () {
      if (findTool('make')) return;
      console.log('      skipped: needs make');
      this.skip();
    });
    const verify = (program: string, ...options: string[]) =>
      workspace.withTools(hostTools(program), () =>
        bitloom('verify', add, '-b', 'host', '-n', '1', ...options),
      );

    it('exits with 1 when a byte differs, and says where', async () => {
      const { exitCode, stdout, stderr } = await verify(
        'echo run 0 fail ticks=0 cycles=0 stack=0\necho dump output 0 0 8\necho =0001020304050607\necho done fail',
      );
      assert.deepEqual({ exitCode, stderr }, { exitCode: 1, stderr: '' });
      assert.match(
        stdout,
        /^DIFFERENT {2}add on host \(host C compiler\)\n.*\n {11}first difference: inference 0, the output, tensor 'out0', element 0: expected -?\d+, got 0\n/,
      );
    });

    it('BL502 when the self-test ends early, with what it said last', async () => {
      const { exitCode, stderr } = await verify('echo overhead ticks=0 cycles=0\nexit 3');
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /^error BL502 emulator failed: the self-test of 'add' did not finish in the host's C compiler at -O0: it ended after 'overhead ticks=0 cycles=0'\. /,
      );
    });

    it('names the build that --keep has kept, as there is no verdict to do so', async () => {
      const { stderr } = await verify('exit 3', '--keep');
      const folder = /The build is kept in (\S+)\n$/.exec(stderr)?.[1];
      assert.ok(folder && existsSync(`${folder}/0/plain/add.c`), stderr);
      rmSync(folder, { recursive: true });
    });
  });

  describe('--input', () => {
    const refused = async (words: RegExp, ...args: string[]) => {
      const { exitCode, stdout, stderr } = await bitloom('verify', ...args);
      assert.match(stderr, words);
      assert.deepEqual({ exitCode, stdout }, { exitCode: stderr.includes('BL6') ? 2 : 1, stdout: '' });
    };

    it('is given once an input, in their order', async () => {
      const file = workspace.file('zeros.bin', new Uint8Array(8));
      const { exitCode, stdout } = await bitloom('verify', add, '-i', file, '--input', file);
      assert.equal(exitCode, 0);
      assert.match(stdout, /every byte of 1 inference$/m);
      await refused(
        /^error BL503 .*: 1 files for 2 inputs\. Give one file an input, in the order 'in0', 'in1'/,
        add,
        '-i',
        file,
      );
    });

    it('of another size', () =>
      refused(
        /^error BL503 .*'.*one\.bin' for input 'image': it has 1 bytes\. The input is int8\[1, 28, 28, 1\]/,
        DIGITS,
        '-i',
        workspace.file('one.bin', new Uint8Array(1)),
      ));

    it('that is not there', () => refused(/^error BL601 .*'nothing\.png'/, DIGITS, '-i', 'nothing.png'));

    it('of an unknown kind', () =>
      refused(
        /^error BL603 .*Give \.npy, \.bin, \.png or \.wav$/m,
        DIGITS,
        '-i',
        workspace.file('x.jpg', ''),
      ));
  });
});
