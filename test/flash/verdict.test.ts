import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Listener } from '../../src/flash/hear.js';
import { flash } from '../../src/flash/index.js';
import { choosePort, openPort } from '../../src/flash/serial.js';
import { Folders } from '../support/artifacts.js';
import { needs, sumProject, WaitingMachine } from '../support/flash.js';

describe('flash --verify', () => {
  const folders = new Folders();
  const scratch = mkdtempSync(join(tmpdir(), 'bitloom-flash-'));
  after(() => {
    folders.remove();
    rmSync(scratch, { recursive: true });
  });

  it('loads by gdb over a debug server and reads what comes back by semihosting', async function () {
    needs(this, 'arm-none-eabi-gcc', 'make', 'qemu-system-arm', 'gdb-multiarch');
    const machine = await WaitingMachine.start(scratch, 'mps2-an386', 'none');
    try {
      const project = sumProject(folders, 'mps2-an386');
      const { verdict } = await flash(project, { tool: 'gdb', remote: machine.remote, verify: true });
      assert.deepEqual(verdict, { equal: true, inferences: 1, cycles: null });
    } finally {
      machine.stop();
    }
  });

  it('loads by gdb and reads what comes back by the serial port', async function () {
    needs(this, 'arm-none-eabi-gcc', 'make', 'qemu-system-arm', 'gdb-multiarch', 'stty');
    const machine = await WaitingMachine.start(scratch, 'microbit', 'pty');
    try {
      const project = sumProject(folders, 'microbit');
      const options = { tool: 'gdb', remote: machine.remote, port: machine.serialPort, verify: true };
      const { verdict } = await flash(project, options);
      assert.deepEqual([verdict?.equal, verdict?.inferences], [true, 1]);
    } finally {
      machine.stop();
    }
  });

  const listen = async (...said: readonly string[]) => {
    const stream = new PassThrough();
    const listener = new Listener([stream], 'sum');
    for (const text of said) stream.write(text);
    stream.end();
    return listener.report(5);
  };
  const RUN = 'run 0 fail ticks=0 cycles=7 stack=0\n';

  it('takes the latest start of the self-test, in any pieces, with either end of line', async () => {
    const report = await listen(
      `selftest sum runs=1 layers=1\nrun 0 pass`,
      `\xff\r\nselftest sum runs=1 lay`,
      `ers=1\r\n${RUN}done f`,
      'ail\r\n',
    );
    assert.deepEqual(
      report.runs.map(({ pass }) => pass),
      [false],
    );
  });

  it('does not take the word of another model', async () => {
    await assert.rejects(
      listen(`selftest other runs=1 layers=1\n${RUN}done pass\n`),
      /BL505.*'sum'.*last line is 'done pass'/,
    );
    await assert.rejects(listen(), /BL505.*nothing was heard/);
  });

  it('says which ports there are where it must be told, and what to do without permission', () => {
    assert.equal(choosePort(undefined, ['/dev/ttyACM0']), '/dev/ttyACM0');
    assert.equal(choosePort('/dev/ttyS9', []), '/dev/ttyS9');
    assert.throws(() => choosePort(undefined, []), /BL506.*no serial port/);
    assert.throws(
      () => choosePort(undefined, ['/dev/ttyACM0', '/dev/ttyACM1']),
      /BL506.*ttyACM0, \/dev\/ttyACM1.*--port/,
    );
    assert.throws(() => openPort(join(scratch, 'none')), /BL506.*no such file/);
    assert.throws(() => openPort('/dev/null'), /BL506.*\/dev\/null/);
  });
});
