import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeBlock } from 'uf2';
import { flash, type Project, readImage, writeImage } from '../../src/flash/index.js';
import { imagePath } from '../../src/flash/project.js';
import { encodeUf2 } from '../../src/flash/uf2.js';
import { runImage } from '../../src/verify/rp2040js.js';
import { Folders } from '../support/artifacts.js';
import { needs, sumProject } from '../support/flash.js';

const RP2040 = 0xe48bff56;

/** What a boot ROM finds in a file of blocks. */
function decoded(file: Uint8Array, family: number): { address: number; data: Uint8Array }[] {
  return Array.from({ length: file.length / 512 }, (_, i) => {
    const block = decodeBlock(file.subarray(512 * i, 512 * (i + 1)));
    assert.equal(block.boardFamily, family);
    assert.deepEqual([block.blockNumber, block.totalBlocks], [i, file.length / 512]);
    assert.deepEqual([block.flashAddress % 256, block.payload.length], [0, 256]);
    return { address: block.flashAddress, data: block.payload };
  });
}

describe('UF2', () => {
  it('holds every byte at its address in pages of 256, the rest as erased', () => {
    const block = fc.record({ gap: fc.nat(700), data: fc.uint8Array({ minLength: 1, maxLength: 700 }) });
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), (blocks) => {
        const image = new Map<number, Uint8Array>();
        const memory = new Map<number, number>();
        let at = 0x10000000;
        for (const { gap, data } of blocks) {
          at += gap + 1;
          image.set(at, data);
          for (const byte of data) memory.set(at++, byte);
        }
        const pages = decoded(encodeUf2(image, RP2040), RP2040);
        for (const { address, data } of pages)
          assert.deepEqual(
            data,
            data.map((_, i) => memory.get(address + i) ?? 0xff),
          );
        const covered = new Set(pages.map(({ address }) => address));
        for (const address of memory.keys()) assert.ok(covered.has(address - (address % 256)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('images', () => {
  const folders = new Folders();
  const drive = mkdtempSync(join(tmpdir(), 'bitloom-drive-'));
  let pico: Project;
  before(async function () {
    needs(this, 'arm-none-eabi-gcc', 'make');
    pico = sumProject(folders, 'pico');
    await flash(pico, { tool: 'drive', drive });
  });
  after(() => {
    folders.remove();
    rmSync(drive, { recursive: true });
  });

  it('copied to the drive of a Pico boot in rp2040js and say that every byte is equal', async () => {
    assert.deepEqual(readdirSync(drive), ['sum-pico.uf2']);
    const segments = decoded(readFileSync(join(drive, 'sum-pico.uf2')), RP2040);
    const { text } = await runImage({ segments }, 1_000_000);
    assert.match(text, /^selftest sum runs=1 layers=1\n.*\nrun 0 pass .*\ndone pass\n$/s);
  });

  it('are the same from ELF and from HEX, and in the HEX that is written', () => {
    const [elf, hex] = (['elf', 'hex'] as const).map((format) => {
      const path = imagePath(pico, format);
      return readImage(path, readFileSync(path));
    });
    const [start] = elf!.keys();
    const bytes = writeImage(elf!, 'bin');
    // Gaps between sections, which ELF fills with zeros, are none of HEX.
    for (const [address, data] of hex!)
      assert.deepEqual(bytes.subarray(address - start!, address - start! + data.length), data);
    assert.deepEqual([...readImage('x.hex', writeImage(elf!, 'hex'))], [...elf!]);
  });

  it('as raw bytes are as long as the linker makes them, from the first address on', () => {
    const image = readImage('x.elf', readFileSync(imagePath(pico, 'elf')));
    const [mine, theirs] = [writeImage(image, 'bin'), readFileSync(imagePath(pico, 'bin'))];
    assert.equal(mine.length, theirs.length);
    // Gaps alone differ: there objcopy writes zeros.
    const differ = mine.findIndex((byte, i) => byte !== theirs[i] && !(byte === 0xff && theirs[i] === 0));
    assert.equal(differ, -1);
  });

  it('of other chips are no UF2', () => {
    assert.throws(() => writeImage(new Map(), 'uf2'), /BL605.*takes no UF2/);
    assert.throws(() => readImage('x.bin', new Uint8Array()), /BL603.*neither \.elf nor \.hex/);
    assert.throws(() => readImage('x.hex', new Uint8Array(9)), /BL603.*no image/);
  });
});
