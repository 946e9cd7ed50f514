import { concat, Reader, signed, unsigned } from './binary.js';
import { pagesFor } from './layout.js';

/** A data segment: bytes at an absolute address. */
export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

const SECTION = { custom: 0, import: 2, memory: 5, export: 7, code: 10, data: 11, dataCount: 12 } as const;
const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
/** Order of the sections in a module: the data count stands before the code. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

export interface LinkInput {
  readonly constants: readonly Segment[];
  /** Exports to keep. */
  readonly exports: ReadonlySet<string>;
  /** First address behind everything but asc's own data. */
  readonly end: number;
}

/**
 * Finishes asc's module: adds the constants as data segments, sets the memory to exactly the pages needed, and keeps
 * only the exports named. Through asc's own syntax 4 MiB of constants would take half a minute.
 *
 * @throws Error where the module is not of the form that asc emits, or imports anything
 */
export function link(module: Uint8Array, { constants, exports, end }: LinkInput): Uint8Array {
  const sections = new Map(readSections(module).map(({ id, body }) => [id, body]));
  if (sections.has(SECTION.import)) throw new Error('the WebAssembly module has imports');
  const segments = readSegments(sections.get(SECTION.data));
  // Data of zeros only have no segment, but asc's own memory holds them.
  const pages = Math.max(
    memoryPages(sections.get(SECTION.memory)),
    ...segments.map(({ address, bytes }) => pagesFor(address + bytes.length)),
    pagesFor(end),
  );
  segments.unshift(...constants);
  sections.set(SECTION.memory, concat([[1, 1], unsigned(pages), unsigned(pages)]));
  sections.set(SECTION.export, filterExports(sections.get(SECTION.export), exports));
  if (segments.length > 0) sections.set(SECTION.data, writeSegments(segments));
  if (sections.has(SECTION.dataCount)) sections.set(SECTION.dataCount, concat([unsigned(segments.length)]));
  const body = ORDER.flatMap((id) => {
    const section = sections.get(id);
    return section ? [[id], unsigned(section.length), section] : [];
  });
  return concat([HEADER, ...body]);
}

/** Where the data section of a linked module begins, its last one; the module's end where it has none. */
export function dataSectionAt(module: Uint8Array): number {
  const data = readSections(module).find(({ id }) => id === SECTION.data);
  return data ? module.length - data.body.length - unsigned(data.body.length).length - 1 : module.length;
}

/** The sections that matter to an engine: custom sections are dropped. */
function readSections(module: Uint8Array): readonly Section[] {
  const reader = new Reader(module);
  if (reader.take(HEADER.length).some((byte, i) => byte !== HEADER[i])) {
    throw new Error('not a WebAssembly module of version 1');
  }
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const body = reader.take(reader.unsigned());
    if (id === SECTION.custom) continue;
    if (!ORDER.includes(id)) throw new Error(`unexpected WebAssembly section ${id}`);
    sections.push({ id, body });
  }
  return sections;
}

/** Of how many pages the memory is at first. */
function memoryPages(body: Uint8Array | undefined): number {
  if (!body) throw new Error('the WebAssembly module has no memory');
  const reader = new Reader(body);
  if (reader.unsigned() !== 1) throw new Error('the WebAssembly module has several memories');
  reader.byte(); // Whether it says how many there may be.
  return reader.unsigned();
}

function readSegments(body: Uint8Array | undefined): Segment[] {
  if (!body) return [];
  const reader = new Reader(body);
  return Array.from({ length: reader.unsigned() }, () => {
    // An active segment of memory 0 whose offset is `i32.const address`, `end`.
    if (reader.byte() !== 0 || reader.byte() !== 0x41) throw new Error('unexpected form of a data segment');
    const address = reader.address();
    if (reader.byte() !== 0x0b) throw new Error('unexpected form of a data segment');
    return { address, bytes: reader.take(reader.unsigned()) };
  });
}

function writeSegments(segments: readonly Segment[]): Uint8Array {
  const bodies = segments.flatMap(({ address, bytes }) => [
    [0x00, 0x41],
    signed(address | 0),
    [0x0b],
    unsigned(bytes.length),
    bytes,
  ]);
  return concat([unsigned(segments.length), ...bodies]);
}

function filterExports(body: Uint8Array | undefined, names: ReadonlySet<string>): Uint8Array {
  if (!body) throw new Error('the WebAssembly module exports nothing');
  const reader = new Reader(body);
  const found = new Set<string>();
  const kept: Uint8Array[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    const start = reader.position;
    const name = new TextDecoder().decode(reader.take(reader.unsigned()));
    reader.byte();
    reader.unsigned();
    if (!names.has(name)) continue;
    found.add(name);
    kept.push(body.subarray(start, reader.position));
  }
  const missing = [...names].filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`the WebAssembly module does not export ${missing.join(', ')}`);
  return concat([unsigned(kept.length), ...kept]);
}
