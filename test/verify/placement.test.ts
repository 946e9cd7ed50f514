import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Board, MemoryRegion } from '../../boards/board.js';
import { loadBoard } from '../../boards/index.js';
import { load } from '../../src/index.js';
import { planModel } from '../../src/plan/index.js';
import { readElf } from '../../src/verify/elf.js';
import { testVector, verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { run } from '../support/artifacts.js';

const DIGITS = load(
  readFileSync(new URL('../../examples/digits/digits.tflite', import.meta.url)),
  'digits.tflite',
);
const F746 = loadBoard('nucleo-f746zg');

/** The board with other memories, for real and emulated. */
function withRegions(change: (regions: readonly MemoryRegion[], emulated: boolean) => MemoryRegion[]): Board {
  const emulator = { ...F746.emulator, regions: change(F746.emulator.regions!, true) };
  return { ...F746, regions: change(F746.regions, false), emulator };
}

/** Verifies digits on a board; its verdict and where symbols and sections of the emulator's image lie. */
async function built(board: Board) {
  const plan = planModel(DIGITS.graph, board, { prefix: 'digits', modelHash: '' });
  const vectors = [testVector(DIGITS.source, 0)];
  const { folder, ...verdict } = await verify(DIGITS.source, plan, { vectors, keep: true });
  try {
    const build = join(folder!, '0', 'plain');
    run('make', ['-s', 'all'], build);
    const elf = readElf(readFileSync(join(build, 'build/digits-emulator.elf')));
    const image = readFileSync(join(build, 'build/digits-nucleo-f746zg.bin'));
    const regionOf = (address: number) =>
      board.emulator.regions!.find((r) => address >= r.origin && address < r.origin + r.bytes)?.name;
    const symbol = (name: string) =>
      elf.symbols.find((s) => s.name === name || s.name.startsWith(`${name}.`));
    return {
      plan,
      verdict,
      imageBytes: image.length,
      place: (name: string) => regionOf(symbol(name)!.address & ~1),
      loadedTo: elf.segments.map(({ address }) => regionOf(address)),
    };
  } finally {
    rmSync(folder!, { recursive: true });
  }
}

describe('placement in an image', () => {
  before(function () {
    const missing = (['make', 'arm-none-eabi-gcc', 'qemu-system-arm'] as const).filter(
      (tool) => !findTool(tool),
    );
    if (missing.length === 0) return;
    console.log(`      skipped: needs ${missing.join(', ')}`);
    this.skip();
  });

  it('copies hot code, keeps arena and stack in fast RAM, and costs no instruction', async () => {
    const { plan, verdict, place, loadedTo } = await built(F746);
    assert.ok(verdict.equal);
    const hot = plan.placement!.hot!.functions;
    plan.functions.forEach(({ name }, i) => {
      assert.equal(place(`digits_${name}`), hot.includes(i) ? 'ITCM' : 'FLASH', name);
    });
    assert.equal(place('digits_run'), 'FLASH');
    assert.equal(place('selftest_arena'), 'DTCM');
    assert.equal(place('__stack_limit'), 'DTCM');
    assert.ok(loadedTo.every((region) => region === 'FLASH' || region === 'TEST'));

    const plain = await built(withRegions((regions) => regions.filter(({ name }) => name !== 'ITCM')));
    assert.ok(plain.verdict.equal);
    assert.equal(plain.place(`digits_${plan.functions[0]!.name}`), 'FLASH');
    assert.equal(verdict.instructions, plain.verdict.instructions);
    // Where functions begin is a matter of alignment.
    assert.ok(Math.abs(verdict.codeBytes! - plain.verdict.codeBytes!) < 16);
  });

  it('keeps constants in external flash, as an image of their own', async () => {
    const board = withRegions(([flash, ...others], emulated) => [
      { ...flash!, bytes: 14 * 1024 },
      { name: 'QSPI', kind: 'flash', origin: emulated ? 0x60000000 : 0x90000000, bytes: 2 ** 20 },
      ...others,
    ]);
    const { plan, verdict, place, imageBytes } = await built(board);
    assert.ok(verdict.equal);
    assert.equal(place(`digits_${plan.constants[0]!.name}`), 'QSPI');
    assert.ok(imageBytes < 14 * 1024);
  });

  it('joins adjacent memories for an arena that none of them holds', async () => {
    const board = withRegions((regions) =>
      regions.map((r) =>
        r.name === 'DTCM' || r.name === 'RAM'
          ? { ...r, origin: r.name === 'RAM' ? 0x20001000 : r.origin, bytes: 4096 }
          : r,
      ),
    );
    const { plan, verdict, place } = await built(board);
    assert.ok(verdict.equal);
    assert.ok(plan.arena.bytes > 4096);
    assert.deepEqual(plan.placement!.arena, {
      name: 'RAM',
      kind: 'ram',
      origin: 0x20000000,
      bytes: 8192,
    });
    assert.equal(place('__stack_limit'), 'DTCM');
  });
});
