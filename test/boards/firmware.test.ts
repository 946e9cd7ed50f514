import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardIds, loadBoard } from '../../boards/index.js';
import { emitC } from '../../codegen/c/index.js';
import { emitFirmware } from '../../codegen/c/kits/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { readElf } from '../../src/verify/elf.js';
import { selfTestOf, testVector } from '../../src/verify/index.js';
import { bootCrc, runImage } from '../../src/verify/rp2040js.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor, run, text } from '../support/artifacts.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const FIRMWARE_BOARDS = boardIds().filter((id) => loadBoard(id).hardware !== null);

function sum(): Graph {
  const sketch = new Sketch();
  const x = sketch.input('x', [1, 20]);
  return sketch.graph(sketch.node('ADD', { clamp: ALL_BYTES }, [x, x], ['sum', [1, 20]]));
}

/** The project that users of the board get. */
function project(id: string) {
  const graph = sum();
  const plan = planFor(graph, id, 'sum');
  return emitFirmware(plan, emitC(plan), selfTestOf(graph, plan, [testVector(graph, 0)]));
}

describe('firmware projects', () => {
  const folders = new Folders();
  const built = new Map<string, string>();
  after(() => folders.remove());

  function build(test: Mocha.Context, id: string): string {
    if (!findTool('arm-none-eabi-gcc') || !findTool('make')) {
      console.log('      skipped: arm-none-eabi-gcc or make is missing');
      test.skip();
    }
    const folder = built.get(id) ?? folders.write(project(id));
    built.set(id, folder);
    run('make', ['-s', 'all'], folder);
    return folder;
  }

  for (const id of FIRMWARE_BOARDS) {
    it(`build for ${id} with its vector table where the core looks for it`, function () {
      const folder = build(this, id);
      const { regions } = loadBoard(id);
      const region = (kind: string) => regions.find((r) => r.kind === kind)!;
      const elf = readElf(readFileSync(join(folder, 'build', `sum-${id}.elf`)));
      const symbol = (name: string) => elf.symbols.find((s) => s.name === name)!;
      // The RP2040's boot block comes first.
      const table = region('flash').origin + (symbol('boot2') ? 256 : 0);
      assert.equal(symbol('vectors').address, table);

      const vectors = elf.segments.find(
        ({ address, data }) => address <= table && table < address + data.length,
      )!;
      const words = new DataView(vectors.data.buffer, vectors.data.byteOffset + table - vectors.address, 8);
      assert.equal(words.getUint32(0, true), symbol('__stack_top').address);
      assert.equal(words.getUint32(4, true), symbol('reset_handler').address, 'with the Thumb bit');
      assert.equal(symbol('reset_handler').address & 1, 1);
    });

    it(`place the stack of ${id} where an overflow leaves the RAM`, function () {
      const folder = build(this, id);
      const ram = loadBoard(id).regions.find((r) => r.kind === 'ram')!;
      const elf = readElf(readFileSync(join(folder, 'build', `sum-${id}.elf`)));
      assert.equal(elf.symbols.find(({ name }) => name === '__stack_limit')!.address, ram.origin);
    });
  }

  it('give the RP2040 a boot block that its boot ROM accepts', function () {
    const image = new Uint8Array(readFileSync(join(build(this, 'pico'), 'build', 'sum-pico.bin')));
    const stored = new DataView(image.buffer).getUint32(252, true);
    assert.equal(bootCrc(image.subarray(0, 252)), stored);
  });

  it('give the RP2350 its image definition in the first 4 KB, behind the vector table', function () {
    const image = readFileSync(join(build(this, 'pico2'), 'build', 'sum-pico2.bin'));
    assert.equal(image.indexOf(Buffer.from('d3deffff42012110ff01000000000000793512ab', 'hex')), 64);
  });

  it('print on the UART of a real micro:bit', async function () {
    if (!findTool('qemu-system-arm')) {
      console.log('      skipped: qemu-system-arm is missing');
      this.skip();
    }
    const args = ['-M', 'microbit', '-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-kernel'];
    // It never ends: boards do not.
    const { stdout } = spawnSync(
      'qemu-system-arm',
      [...args, join(build(this, 'microbit'), 'build', 'sum-microbit.elf')],
      {
        timeout: 5000,
        encoding: 'utf8',
      },
    );
    assert.match(stdout, /\nrun 0 pass ticks=0 cycles=\d+ stack=\d+\ndone pass\n$/);
  });

  it('print on the UART of a real Pico', async function () {
    const elf = readElf(readFileSync(join(build(this, 'pico'), 'build', 'sum-pico.elf')));
    const { text: printed } = await runImage(elf, 1_000_000);
    assert.match(printed, /^selftest sum runs=1 layers=1\n/);
    assert.match(printed, /\nrun 0 pass ticks=0 cycles=\d+ stack=\d+\ndone pass\n$/);
  });

  it('stop in the boot ROM when the boot block is damaged', async function () {
    const elf = readElf(readFileSync(join(build(this, 'pico'), 'build', 'sum-pico.elf')));
    const segments = elf.segments.map(({ address, data }) => ({ address, data: data.slice() }));
    segments[0]!.data[3]! ^= 1;
    assert.match((await runImage({ ...elf, segments }, 1000)).trouble, /CRC/);
  });

  it('say where the board prints', () => {
    const readme = (id: string) => text(project(id), 'README.md');
    assert.match(readme('pico'), /on UART0: GPIO 0, 115200 baud/);
    assert.match(readme('microbit'), /on the UART: P0\.24, 115200 baud/);
    assert.match(readme('microbit-v2'), /on the UART: P0\.06, 115200 baud/);
    assert.match(readme('pico2'), /by semihosting/);
  });

  it('contain everything by relative paths and are the same each time', () => {
    for (const id of [...FIRMWARE_BOARDS, 'host']) {
      const artifact = project(id);
      assert.deepEqual(project(id), artifact);
      const makefile = text(artifact, 'Makefile');
      for (const [, path] of makefile.matchAll(/^MODEL_SOURCES = (\S+)/gm)) assert.ok(artifact.has(path!));
      assert.doesNotMatch(
        [...artifact.values()].map((bytes) => Buffer.from(bytes)).join(''),
        /\/work\/|\/tmp\//,
      );
    }
  });
});
