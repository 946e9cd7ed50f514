import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BOARDS_FOLDER, boardIds, loadBoard, parseBoard } from '../../boards/index.js';
import { BitloomError } from '../../src/graph/diagnostics.js';

const profileText = (over: object) =>
  JSON.stringify({
    id: 'b',
    title: 'B',
    sources: [],
    target: { backend: 'c', isa: 'armv7-m' },
    core: 'Cortex-M3',
    clockHertz: 1,
    flashWaitStates: null,
    multiplyCycles: null,
    compilerFlags: [],
    regions: [],
    hardware: null,
    emulator: { runner: 'qemu', machine: 'mps2-an385' },
    ...over,
  });

describe('boards', () => {
  it('lists every folder but the shared one', () => {
    const folders = readdirSync(BOARDS_FOLDER).filter((name) =>
      statSync(join(BOARDS_FOLDER, name)).isDirectory(),
    );
    assert.deepEqual(
      boardIds(),
      folders.filter((name) => name !== 'common'),
    );
  });

  for (const id of boardIds()) {
    it(`${id} has the memory of its board in the emulator too`, () => {
      const board = loadBoard(id);
      assert.equal(board.id, id);
      const bytes = (kind: string, regions = board.regions) =>
        regions.filter((r) => r.kind === kind).map((r) => r.bytes);
      const emulated = board.emulator.regions ?? board.regions;
      assert.deepEqual(bytes('flash', emulated), bytes('flash'));
      assert.deepEqual(bytes('ram', emulated), bytes('ram'));
    });

    it(`${id} has regions that do not overlap`, () => {
      const board = loadBoard(id);
      for (const regions of [board.regions, board.emulator.regions ?? []]) {
        const sorted = [...regions].sort((a, b) => a.origin - b.origin);
        sorted.slice(1).forEach((region, i) => {
          const before = sorted[i]!;
          assert.ok(before.origin + before.bytes <= region.origin, `${before.name} runs into ${region.name}`);
        });
      }
    });
  }

  it('names the nearest boards when there is none of that name', () => {
    const message = (id: string) => {
      try {
        loadBoard(id);
      } catch (error) {
        assert.ok(error instanceof BitloomError && error.code === 'BL303');
        return error.message;
      }
      return assert.fail('must throw');
    };
    assert.match(message('nucleo-f4'), /Did you mean nucleo-f446re\?/);
    assert.match(message('picco'), /Did you mean pico\?/);
    assert.doesNotMatch(message('esp32-s3-devkit'), /Did you mean/);
    assert.doesNotMatch(message('../boards/pico'), /undefined/);
  });

  it('names each fault of a profile by its place', () => {
    const region = { name: 'FLASH', kind: 'flash', origin: '0x0', bytes: '1 GB' };
    assert.throws(
      () => parseBoard('b', profileText({ regions: [region] })),
      /regions\.0\.origin.*regions\.0\.bytes/,
    );
    assert.throws(() => parseBoard('b', profileText({ colour: 'green' })), /colour/);
    assert.throws(() => parseBoard('b', profileText({})), /regions: what is emulated has a FLASH and a RAM/);
    assert.throws(
      () => parseBoard('b', profileText({ target: { backend: 'c', isa: 'armv6-m' } })),
      /multiplyCycles: cores of Armv6-M have a multiplier of 1 cycle or of 32/,
    );
    const host = profileText({ emulator: { runner: 'host' } });
    assert.throws(() => parseBoard('c', host), /id: 'b', but the folder is 'c'/);
  });

  it('says where the figures of every board with memories are from', () => {
    for (const { id, regions, sources } of boardIds().map(loadBoard))
      assert.equal(sources.length > 0, regions.length > 0, id);
  });

  it('takes a board outside the package by the path of its folder', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'bitloom-')), 'badge');
    try {
      mkdirSync(folder);
      const like = JSON.parse(readFileSync(join(BOARDS_FOLDER, 'pico2/board.json'), 'utf8'));
      writeFileSync(join(folder, 'board.json'), JSON.stringify({ ...like, id: 'badge' }));
      assert.throws(() => loadBoard(folder), /BL307.*hardware\.boot: there is no image_def\.S in the folder/);
      writeFileSync(join(folder, 'image_def.S'), '@ none');
      assert.deepEqual(loadBoard(folder).hardware?.boot, { file: 'image_def.S', text: '@ none' });
      assert.throws(() => loadBoard(join(folder, 'none')), /BL303.*board\.json/);
    } finally {
      rmSync(dirname(folder), { recursive: true });
    }
  });

  it('refuses memories for which the emulator has no room', () => {
    const memory = (name: string, kind: string, origin: string, bytes: string) => ({
      name,
      kind,
      origin,
      bytes,
    });
    const regions = [
      memory('FLASH', 'flash', '0x00000000', '1 KB'),
      memory('RAM', 'ram', '0x20000000', '64 MB'),
    ];
    assert.throws(() => parseBoard('b', profileText({ regions })), /its emulator has no room for RAM/);
  });

  it('wants a FLASH and a RAM', () => {
    const flash = { name: 'FLASH', kind: 'flash', origin: '0x00000000', bytes: '1 KB' };
    assert.throws(() => parseBoard('b', profileText({ regions: [flash] })), /is FLASH.*is RAM/);
  });
});
