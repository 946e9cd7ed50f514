/** float32 arrays in WebAssembly's memory, and their products. */
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

/** As much memory as the largest training needs, in pages of 64 KiB. */
const PAGES = 4096;

export interface Products {
  /** A zeroed array in the module's memory. */
  allocate(count: number): Float32Array;
  /**
   * C += A * B, of arrays that `allocate` made: C is [m, n], B [k, n], A [m, k] or, where `transposed`, [k, m].
   */
  product(
    c: Float32Array,
    a: Float32Array,
    b: Float32Array,
    sizes: readonly [m: number, n: number, k: number],
    transposed?: boolean,
  ): void;
}

/** Compiles `assembly/product.ts`. */
export async function loadProducts(): Promise<Products> {
  const source = readFileSync(new URL('./assembly/product.ts', import.meta.url), 'utf8');
  const { error, binary } = await asc.compileString(source, {
    optimizeLevel: 3,
    noAssert: true,
    runtime: 'stub',
    enable: ['simd'],
    importMemory: true,
    initialMemory: PAGES,
  });
  if (error || !binary) throw error ?? new Error('assembly/product.ts does not compile');
  const memory = new WebAssembly.Memory({ initial: PAGES });
  const module = new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const multiply = exports.product as (...numbers: number[]) => void;
  let next = 64;
  return {
    allocate(count) {
      const array = new Float32Array(memory.buffer, next, count);
      next += 16 * Math.ceil(count / 4);
      return array;
    },
    product(c, a, b, [m, n, k], transposed = false) {
      const [row, column] = transposed ? [1, m] : [k, 1];
      multiply(c.byteOffset, a.byteOffset, b.byteOffset, m, n, k, row, column);
    },
  };
}
