/** What verification asks of a linked image: ELF, 32 bit, little endian. */
export interface Elf {
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  readonly symbols: readonly ElfSymbol[];
}

export interface ElfSection {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  /** Takes memory when the program runs (SHF_ALLOC). */
  readonly allocated: boolean;
  /** Has contents in the file: not of zeros or uninitialised. */
  readonly stored: boolean;
}

/** Bytes to load, by the address at which they are stored (in flash, for initialised data). */
export interface ElfSegment {
  readonly address: number;
  readonly data: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  readonly kind: 'function' | 'object' | 'other';
}

const CLASS_32 = 1;
const LITTLE_ENDIAN = 1;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const SYMBOL_KINDS: Readonly<Record<number, ElfSymbol['kind']>> = { 1: 'object', 2: 'function' };

/** @throws Error where the file is no such image or points outside of itself */
export function readElf(file: Uint8Array): Elf {
  if (![0x7f, 0x45, 0x4c, 0x46].every((byte, i) => file[i] === byte)) throw new Error('not an ELF file');
  if (file[4] !== CLASS_32 || file[5] !== LITTLE_ENDIAN)
    throw new Error('not a 32-bit little-endian ELF file');
  const header = view(file, 0, 52);
  const programHeaders = table(
    file,
    header.getUint32(28, true),
    header.getUint16(42, true),
    header.getUint16(44, true),
    32,
  );
  const sectionHeaders = table(
    file,
    header.getUint32(32, true),
    header.getUint16(46, true),
    header.getUint16(48, true),
    40,
  );

  const names = contents(file, sectionHeaders[header.getUint16(50, true)]);
  return {
    sections: sectionHeaders.map((section) => ({
      name: text(names, section.getUint32(0, true)),
      address: section.getUint32(12, true),
      bytes: section.getUint32(20, true),
      allocated: (section.getUint32(8, true) & SHF_ALLOC) !== 0,
      stored: section.getUint32(4, true) !== SHT_NOBITS,
    })),
    segments: programHeaders
      .filter((segment) => segment.getUint32(0, true) === PT_LOAD && segment.getUint32(16, true) > 0)
      .map((segment) => ({
        address: segment.getUint32(12, true),
        data: slice(file, segment.getUint32(4, true), segment.getUint32(16, true)),
      })),
    symbols: sectionHeaders
      .filter((section) => section.getUint32(4, true) === SHT_SYMTAB)
      .flatMap((section) => readSymbols(file, section, sectionHeaders)),
  };
}

/** Bytes of the section, 0 where there is none of that name. */
export function sectionBytes(elf: Elf, name: string): number {
  return elf.sections.find((section) => section.name === name)?.bytes ?? 0;
}

/** Name of the function that holds an address of code, or null. */
export function functionAt(elf: Elf, address: number): string | null {
  const inside = ({ kind, bytes, address: start }: ElfSymbol) =>
    kind === 'function' && address >= (start & ~1) >>> 0 && address < ((start & ~1) >>> 0) + bytes;
  return elf.symbols.find(inside)?.name ?? null;
}

function readSymbols(file: Uint8Array, section: DataView, all: readonly DataView[]): readonly ElfSymbol[] {
  const names = contents(file, all[section.getUint32(24, true)]);
  const count = Math.floor(section.getUint32(20, true) / 16);
  return table(file, section.getUint32(16, true), 16, count, 16).map((symbol) => ({
    name: text(names, symbol.getUint32(0, true)),
    address: symbol.getUint32(4, true),
    bytes: symbol.getUint32(8, true),
    kind: SYMBOL_KINDS[symbol.getUint8(12) & 15] ?? 'other',
  }));
}

function table(file: Uint8Array, offset: number, stride: number, count: number, least: number): DataView[] {
  if (count > 0 && stride < least) throw new Error(`ELF table entries of ${stride} bytes are too small`);
  return Array.from({ length: count }, (_, i) => view(file, offset + i * stride, least));
}

function contents(file: Uint8Array, section: DataView | undefined): Uint8Array {
  if (!section) throw new Error('ELF string table missing');
  return slice(file, section.getUint32(16, true), section.getUint32(20, true));
}

function text(strings: Uint8Array, start: number): string {
  const end = strings.indexOf(0, start);
  if (end < 0) throw new Error('ELF name runs out of its string table');
  return new TextDecoder().decode(strings.subarray(start, end));
}

function slice(file: Uint8Array, offset: number, bytes: number): Uint8Array {
  if (offset + bytes > file.length) throw new Error(`ELF file ends before byte ${offset + bytes}`);
  return file.subarray(offset, offset + bytes);
}

function view(file: Uint8Array, offset: number, bytes: number): DataView {
  const part = slice(file, offset, bytes);
  return new DataView(part.buffer, part.byteOffset, part.byteLength);
}
