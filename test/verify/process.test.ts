import assert from 'node:assert/strict';
import { runProcess } from '../../src/verify/process.js';

const run = (script: string, timeoutSeconds = 30) =>
  runProcess('sh', ['-c', script], { cwd: '.', timeoutSeconds, env: { WORD: 'hello' } });

describe('runProcess', () => {
  it('keeps what a program prints, and its status', async () => {
    assert.deepEqual(await run('echo $WORD; echo oh >&2; exit 3'), {
      status: 3,
      stdout: 'hello\n',
      stderr: 'oh\n',
      timedOut: false,
    });
  });

  it('ends a program that hangs, and does not wait for what it has started', async () => {
    const begin = Date.now();
    const { status, timedOut } = await run('sleep 20 & wait', 0.3);
    assert.deepEqual([status, timedOut], [null, true]);
    assert.ok(Date.now() - begin < 10_000);
  });

  it('rejects where there is no such program', async () => {
    await assert.rejects(runProcess('no-such-program', [], { cwd: '.', timeoutSeconds: 1 }), {
      code: 'ENOENT',
    });
  });
});
