import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { checkTools } from '../../src/verify/index.js';
import { bitloom, Workspace } from '../support/cli.js';

describe('bitloom demo', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('reads ten digits, builds for the web and the Pico, and runs what the tools here can run', async () => {
    const hasTools = checkTools().every(
      ({ tool, found }) => found || !['make', 'arm-none-eabi-gcc'].includes(tool),
    );
    if (!hasTools) console.log('      the Pico is skipped: needs make and arm-none-eabi-gcc');
    const folder = workspace.path('out');
    const { exitCode, stdout, stderr } = await bitloom('demo', '-o', folder);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    const [digits, ...lines] = stdout.split('\n');
    assert.equal(digits, 'The digits model reads ten images as: 0 1 2 3 4 5 6 7 8 9');
    for (const [board, file] of [
      ['web', 'digits.wasm'],
      ['pico', 'digits.c'],
    ] as const) {
      assert.ok(
        lines.some((line) => line.startsWith('wrote ') && line.endsWith(`files to ${folder}/${board}`)),
      );
      assert.ok(existsSync(`${folder}/${board}/${file}`));
    }
    assert.match(stdout, /^EQUAL {6}digits on web \(Node v[\d.]+\): every byte of 10 inferences$/m);
    if (hasTools)
      assert.match(stdout, /^EQUAL {6}digits on pico \(rp2040js\): every byte of 10 inferences$/m);
  });

  it('says how to get the tools that are missing, and does the rest', async () => {
    const { exitCode, stdout } = await workspace.withTools({}, () =>
      bitloom('demo', '-o', workspace.path('out')),
    );
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^To run the Pico firmware too, install what is missing: .*make; .*gcc-arm-none-eabi libnewlib-arm-none-eabi$/m,
    );
    assert.match(stdout, /^EQUAL {6}digits on web /m);
    assert.doesNotMatch(stdout, /digits on pico/);
  });
});
