import { ByteBuffer } from 'flatbuffers';
import { BitloomError } from '../../graph/diagnostics.js';

/**
 * Reads of a FlatBuffer that nobody vouches for. Every offset, vtable, vector length and string is checked
 * against the file before use, and a budget proportional to the file bounds the total work, so that many
 * references to one large vector cannot make a small file expensive. A table never contains itself here, as
 * callers descend by the schema alone: cycles end with the schema's depth.
 */
export class FlatBuffer {
  readonly #view: ByteBuffer;
  readonly #length: number;
  readonly #what: string;
  #budget: number;

  /** @param what names the file in messages */
  constructor(bytes: Uint8Array, what: string) {
    this.#view = new ByteBuffer(bytes);
    this.#length = bytes.length;
    this.#what = what;
    this.#budget = 16 * bytes.length + 65536;
  }

  get length(): number {
    return this.#length;
  }

  /** The root table. Throws BL102 as all reads do. */
  root(): Table {
    return this.table(this.offset(0));
  }

  /** Throws BL102. */
  damaged(problem: string): never {
    throw new BitloomError(
      'BL102',
      `'${this.#what}' ${problem}`,
      'Fetch or convert the model again; the file is incomplete or was changed',
    );
  }

  /** Accounts for `units` of reading. */
  spend(units: number): void {
    this.#budget -= units;
    if (this.#budget < 0) this.damaged('refers to the same bytes too often');
  }

  need(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.#length) {
      this.damaged(`ends at byte ${this.#length} but refers to bytes ${at} to ${at + bytes}`);
    }
  }

  u16(at: number): number {
    this.need(at, 2);
    return this.#view.readUint16(at);
  }

  i32(at: number): number {
    this.need(at, 4);
    return this.#view.readInt32(at);
  }

  u32(at: number): number {
    this.need(at, 4);
    return this.#view.readUint32(at);
  }

  i8(at: number): number {
    this.need(at, 1);
    return this.#view.readInt8(at);
  }

  f32(at: number): number {
    this.need(at, 4);
    return this.#view.readFloat32(at);
  }

  /** A 64-bit integer as a number, which is inexact beyond 2^53: callers compare it with small bounds. */
  i64(at: number): number {
    this.need(at, 8);
    return Number(this.#view.readInt64(at));
  }

  /** Where the offset stored at `at` leads. */
  offset(at: number): number {
    const target = at + this.u32(at);
    this.need(target, 4);
    return target;
  }

  table(at: number): Table {
    return new Table(this, at);
  }

  bytes(at: number, length: number): Uint8Array {
    this.need(at, length);
    return this.#view.bytes().subarray(at, at + length);
  }
}

/** A vector inside the file: position of the first element, number of elements. */
interface Vector {
  readonly at: number;
  readonly length: number;
}

/** One table; fields by their position in the schema. Absent fields read as the given default. */
export class Table {
  readonly #file: FlatBuffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableSize: number;
  readonly #size: number;

  constructor(file: FlatBuffer, at: number) {
    file.spend(16);
    this.#file = file;
    this.#at = at;
    this.#vtable = at - file.i32(at);
    file.need(this.#vtable, 4);
    this.#vtableSize = file.u16(this.#vtable);
    this.#size = file.u16(this.#vtable + 2);
    if (this.#vtableSize < 4 || this.#size < 4) file.damaged(`has a damaged table at byte ${at}`);
    file.need(this.#vtable, this.#vtableSize);
    file.need(at, this.#size);
  }

  /** Position of a field of `bytes` bytes, or null where it is absent. */
  #field(position: number, bytes: number): number | null {
    const entry = 4 + 2 * position;
    if (entry + 2 > this.#vtableSize) return null;
    const offset = this.#file.u16(this.#vtable + entry);
    if (offset === 0) return null;
    if (offset < 4 || offset + bytes > this.#size) {
      this.#file.damaged(`has a damaged table at byte ${this.#at}`);
    }
    return this.#at + offset;
  }

  has(position: number): boolean {
    return this.#field(position, 1) !== null;
  }

  i8(position: number, absent = 0): number {
    const at = this.#field(position, 1);
    return at === null ? absent : this.#file.i8(at);
  }

  bool(position: number, absent = false): boolean {
    return this.i8(position, absent ? 1 : 0) !== 0;
  }

  i32(position: number, absent = 0): number {
    const at = this.#field(position, 4);
    return at === null ? absent : this.#file.i32(at);
  }

  u32(position: number, absent = 0): number {
    const at = this.#field(position, 4);
    return at === null ? absent : this.#file.u32(at);
  }

  f32(position: number, absent = 0): number {
    const at = this.#field(position, 4);
    return at === null ? absent : this.#file.f32(at);
  }

  /** A 64-bit integer; see `FlatBuffer.i64`. */
  i64(position: number, absent = 0): number {
    const at = this.#field(position, 8);
    return at === null ? absent : this.#file.i64(at);
  }

  table(position: number): Table | null {
    const at = this.#field(position, 4);
    return at === null ? null : this.#file.table(this.#file.offset(at));
  }

  /** The vector in a field; null where it is absent, which the schema treats like an empty one. */
  #vector(position: number, elementBytes: number): Vector | null {
    const at = this.#field(position, 4);
    if (at === null) return null;
    const start = this.#file.offset(at);
    const length = this.#file.u32(start);
    this.#file.need(start + 4, length * elementBytes);
    return { at: start + 4, length };
  }

  #elements<T>(position: number, elementBytes: number, read: (at: number) => T): T[] {
    const vector = this.#vector(position, elementBytes);
    if (!vector) return [];
    this.#file.spend(vector.length * elementBytes);
    return Array.from({ length: vector.length }, (_, i) => read(vector.at + i * elementBytes));
  }

  tables(position: number): Table[] {
    return this.#elements(position, 4, (at) => this.#file.table(this.#file.offset(at)));
  }

  i32s(position: number): number[] {
    return this.#elements(position, 4, (at) => this.#file.i32(at));
  }

  u16s(position: number): number[] {
    return this.#elements(position, 2, (at) => this.#file.u16(at));
  }

  f32s(position: number): number[] {
    return this.#elements(position, 4, (at) => this.#file.f32(at));
  }

  i64s(position: number): number[] {
    return this.#elements(position, 8, (at) => this.#file.i64(at));
  }

  /** The bytes of a byte vector, shared and not copied; null where the field is absent. */
  bytes(position: number): Uint8Array | null {
    const vector = this.#vector(position, 1);
    return vector && this.#file.bytes(vector.at, vector.length);
  }

  /** UTF-8 text; malformed sequences and control characters become U+FFFD, as names end up in messages and code. */
  string(position: number): string {
    const bytes = this.bytes(position) ?? new Uint8Array();
    this.#file.spend(bytes.length);
    return new TextDecoder().decode(bytes).replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
  }
}
