import assert from 'node:assert/strict';
import { functionAt, readElf, sectionBytes } from '../../src/verify/elf.js';

/** A small image: one segment, `.text` with the Thumb function `run`, symbol and string tables. */
function image(): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const words = (at: number, ...values: number[]) =>
    values.forEach((value, i) => void view.setUint32(at + 4 * i, value, true));
  const halves = (at: number, ...values: number[]) =>
    values.forEach((value, i) => void view.setUint16(at + 2 * i, value, true));
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  words(28, 52, 256); // program headers, section headers
  halves(42, 32, 1, 40, 4, 3);
  words(52, 1, 128, 0x20000000, 0x10000000, 8, 8, 5, 4); // load 8 bytes, stored at another address
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 128);
  const names = '\0.text\0.symtab\0.strtab\0run\0';
  bytes.set(new TextEncoder().encode(names), 160);
  const run = names.indexOf('run');
  words(208, run, 0x20000001, 8);
  bytes[220] = 2; // function
  const section = (i: number, name: string, ...fields: number[]) =>
    words(256 + 40 * i, names.indexOf(name), ...fields);
  section(1, '.text', 1, 2, 0x20000000, 128, 8);
  section(2, '.symtab', 2, 0, 0, 192, 32, 3);
  section(3, '.strtab', 3, 0, 0, 160, names.length);
  return bytes;
}

describe('ELF images', () => {
  it('have sections, segments by load address, and symbols', () => {
    const elf = readElf(image());
    assert.deepEqual(elf.segments, [{ address: 0x10000000, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }]);
    assert.equal(sectionBytes(elf, '.text'), 8);
    assert.equal(sectionBytes(elf, '.bss'), 0);
    assert.deepEqual(
      elf.sections.filter(({ allocated }) => allocated).map(({ name }) => name),
      ['.text'],
    );
    assert.deepEqual(elf.symbols.at(-1), { name: 'run', address: 0x20000001, bytes: 8, kind: 'function' });
  });

  it('name the function at an address, without the Thumb bit', () => {
    const elf = readElf(image());
    assert.equal(functionAt(elf, 0x20000000), 'run');
    assert.equal(functionAt(elf, 0x20000007), 'run');
    assert.equal(functionAt(elf, 0x20000008), null);
  });

  it('are refused when cut off anywhere inside their tables', () => {
    const whole = image();
    const end = 256 + 4 * 40;
    for (let length = 0; length < end; length++) assert.throws(() => readElf(whole.slice(0, length)), Error);
    assert.doesNotThrow(() => readElf(whole.slice(0, end)));
  });

  it('are refused when of another kind', () => {
    assert.throws(() => readElf(Uint8Array.of(0x4d, 0x5a)), /not an ELF/);
    const wide = image();
    wide[4] = 2;
    assert.throws(() => readElf(wide), /32-bit/);
  });

  it('are refused when a name has no end', () => {
    const bytes = image();
    new DataView(bytes.buffer).setUint32(256 + 40, 0xffff, true);
    assert.throws(() => readElf(bytes), /string table/);
  });
});
