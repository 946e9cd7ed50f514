import assert from 'node:assert/strict';
import { boardIds } from '../../boards/index.js';
import { bitloom, Workspace } from '../support/cli.js';

describe('bitloom boards', () => {
  it('lists core, clock, memory and emulator of every board', async () => {
    const { exitCode, stdout } = await bitloom('boards');
    assert.equal(exitCode, 0);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    assert.match(head!, /^board +core +MHz +wait +mul +flash +RAM +verified in$/);
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      boardIds(),
    );
    assert.match(
      stdout,
      /^pico +Cortex-M0\+ +125 +- +1 +2,048 kB +264 kB +rp2040js +Raspberry Pi Pico \(RP2040\)$/m,
    );
    assert.match(stdout, /^web +- +- +- +- +- +- +node /m);
  });

  it('--json is the profiles', async () => {
    const boards = JSON.parse((await bitloom('boards', '--json')).stdout);
    assert.deepEqual(
      boards.map(({ id }: { id: string }) => id),
      boardIds(),
    );
    assert.equal(boards.find(({ id }: { id: string }) => id === 'pico').target.isa, 'armv6-m');
  });
});

describe('bitloom doctor', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  const TOOLS = [
    ...['node', 'make', 'cc', 'arm-none-eabi-gcc', 'qemu-system-arm'],
    ...['clang', 'ld.lld', 'qemu-aarch64', 'qemu-arm', 'qemu-x86_64'],
    ...[
      'openocd',
      'probe-rs',
      'pyocd',
      'st-flash',
      'STM32_Programmer_CLI',
      'nrfutil',
      'picotool',
      'dfu-util',
    ],
    ...['arduino-cli', 'gdb-multiarch'],
  ];

  it('says of every tool what needs it, its version, or how to get it', async () => {
    const { exitCode, stdout } = await workspace.withTools({ make: 'echo GNU Make 9.9; echo more' }, () =>
      bitloom('doctor'),
    );
    assert.equal(exitCode, 0);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    assert.match(head!, /^tool +needed for +found$/);
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      TOOLS,
    );
    assert.match(stdout, new RegExp(`^node .* v${process.versions.node.replaceAll('.', '\\.')}$`, 'm'));
    assert.match(stdout, /^make .* GNU Make 9\.9$/m);
    assert.match(stdout, /^qemu-system-arm .* no\. Debian: apt install qemu-system-arm$/m);
  });

  it('--json is the same as an array', async () => {
    const { stdout } = await workspace.withTools({ cc: 'exit 1' }, () => bitloom('doctor', '--json'));
    const tools = JSON.parse(stdout);
    assert.deepEqual(
      tools.map(({ tool, found }: { tool: string; found: boolean }) => [tool, found]),
      TOOLS.map((tool) => [tool, tool === 'node' || tool === 'cc']),
    );
    const cc = tools.find(({ tool }: { tool: string }) => tool === 'cc');
    assert.deepEqual(Object.keys(cc).sort(), ['found', 'install', 'purpose', 'tool', 'version']);
    assert.equal(cc.version, null);
  });
});
