/** Dense float64 sums in WASM SIMD: several times as fast as loops over typed arrays, and of the same order. */
import { compileAssemblyScript } from '../../../codegen/wasm/compile.js';

const ENTRY = "export { add_product, add_scaled } from './assembly/quantize/sums';\n";

const PAGE_BYTES = 65536;

/** Rows that a call of `add_product` takes, so that its second operand stays in the processor's cache. */
const ROWS = 128;

interface Exports {
  readonly memory: WebAssembly.Memory;
  add_scaled(y: number, x: number, a: number, n: number): void;
  add_product(c: number, a: number, b: number, rows: number, m: number, n: number, upper: number): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Lengths of vectors and of matrix rows are rounded up to this many elements, filled with zeros. */
export const ALIGNMENT = 4;

export function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/**
 * Vectors and matrices that lie in one WASM memory, and sums of them. `reserve` ends the life of all vectors before: one
 * computation after the other uses the same memory.
 */
export class Algebra {
  readonly #exports: Exports;
  #free = 0;

  private constructor(exports: Exports) {
    this.#exports = exports;
  }

  /** Compiles the functions once a process. */
  static async load(): Promise<Algebra> {
    compiled ??= compileAssemblyScript(ENTRY, 0).then((bytes) => WebAssembly.compile(bytes as BufferSource));
    const { exports } = await WebAssembly.instantiate(await compiled);
    return new Algebra(exports as unknown as Exports);
  }

  /** Forgets all vectors and makes room for new ones, `elements` in all. */
  reserve(elements: number): void {
    const { memory } = this.#exports;
    const missing = 8 * elements - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#free = 0;
  }

  /** Zeros. */
  vector(length: number): Float64Array {
    const vector = new Float64Array(this.#exports.memory.buffer, this.#free, length).fill(0);
    this.#free += vector.byteLength;
    return vector;
  }

  /** `y += a * x` */
  addScaled(y: Float64Array, x: Float64Array, a: number): void {
    this.#exports.add_scaled(y.byteOffset, x.byteOffset, a, y.length);
  }

  /** The same of `length` elements from `yStart` and `xStart`, multiples of ALIGNMENT all. */
  addScaledPart(
    y: Float64Array,
    yStart: number,
    x: Float64Array,
    xStart: number,
    a: number,
    length: number,
  ): void {
    this.#exports.add_scaled(y.byteOffset + 8 * yStart, x.byteOffset + 8 * xStart, a, length);
  }

  /** `c[m, n] += transpose(a) * b` for `a[rows, m]`, `b[rows, n]`, all in rows of multiples of ALIGNMENT. */
  addProduct(c: Float64Array, a: Float64Array, b: Float64Array, m: number, n: number): void {
    this.#product(c, a, b, m, n, 0);
  }

  /** `c[n, n] += transpose(a) * a`, the upper triangle only; what lies below is undefined. */
  addSquare(c: Float64Array, a: Float64Array, n: number): void {
    this.#product(c, a, a, n, n, 1);
  }

  #product(c: Float64Array, a: Float64Array, b: Float64Array, m: number, n: number, upper: 0 | 1): void {
    const rows = a.length / m;
    for (let row = 0; row < rows; row += ROWS) {
      const from = a.byteOffset + 8 * m * row;
      const other = b.byteOffset + 8 * n * row;
      this.#exports.add_product(c.byteOffset, from, other, Math.min(ROWS, rows - row), m, n, upper);
    }
  }
}
