/** Products of float matrices, by WebAssembly with SIMD. */
import { compileAssemblyScript } from '../../../codegen/wasm/compile.js';

/** The filters of a layer as a kernel reads them. */
export interface Panels {
  readonly filters: number;
  readonly columns: number;
  /** [filters / 8, columns, 8], what is left of the last eight zero. */
  readonly data: Float32Array;
  /** [filters], up to a multiple of 8. */
  readonly bias: Float32Array;
}

const FILTERS = 8;
const ROWS = 4;

/** Rows that are multiplied at once: their values and results stay in a processor's cache. */
export const BLOCK_ROWS = 64;

interface Exports {
  readonly memory: WebAssembly.Memory;
  matmul(a: number, b: number, bias: number, y: number, m: number, n: number, k: number): void;
}

export class Matmul {
  private constructor(private readonly exports: Exports) {}

  static async create(): Promise<Matmul> {
    const module = await compileAssemblyScript("export * from './assembly/quantize/matmul';\n", 1024);
    const { instance } = await WebAssembly.instantiate(module as BufferSource, {});
    return new Matmul(instance.exports as unknown as Exports);
  }

  /** @param weights [filters, columns] */
  static pack(weights: Float32Array, bias: ArrayLike<number> | null, columns: number): Panels {
    const filters = weights.length / columns;
    const padded = upTo(filters, FILTERS);
    const data = new Float32Array(padded * columns);
    for (let n = 0; n < filters; n++) {
      const panel = Math.floor(n / FILTERS) * FILTERS * columns + (n % FILTERS);
      for (let k = 0; k < columns; k++) data[panel + k * FILTERS] = weights[n * columns + k]!;
    }
    const biases = new Float32Array(padded);
    if (bias) biases.set(Array.from({ length: filters }, (_, n) => bias[n]!));
    return { filters, columns, data, bias: biases };
  }

  /**
   * `take(first, y)` for each block of rows, y being [count, stride] of the module's memory, to be read at once.
   * @param fill writes row `row`, `columns` values, at an index of `a`
   */
  run(
    panels: Panels,
    rows: number,
    fill: (row: number, a: Float32Array, at: number) => void,
    take: (first: number, count: number, y: Float32Array, stride: number) => void,
  ): void {
    const { columns, data, bias } = panels;
    const stride = bias.length;
    const places = this.place([data.length, stride, BLOCK_ROWS * columns, BLOCK_ROWS * stride]);
    const [b, biases, a, y] = places.map(({ address }) => address) as [number, number, number, number];
    const [bView, biasView, aView, yView] = places.map(({ view }) => view);
    bView!.set(data);
    biasView!.set(bias);
    for (let first = 0; first < rows; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows - first);
      for (let row = 0; row < count; row++) fill(first + row, aView!, row * columns);
      const whole = upTo(count, ROWS);
      aView!.fill(0, count * columns, whole * columns);
      this.exports.matmul(a, b, biases, y, whole, stride, columns);
      take(first, count, yView!, stride);
    }
  }

  /** Arrays of float32 one after the other in the module's memory, which grows to hold them. */
  private place(lengths: readonly number[]): { readonly address: number; readonly view: Float32Array }[] {
    const { memory } = this.exports;
    const start = 1024;
    const bytes = start + lengths.reduce((sum, length) => sum + upTo(4 * length, 16), 0);
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    let address = start;
    return lengths.map((length) => {
      const view = new Float32Array(memory.buffer, address, length);
      const place = { address, view };
      address += upTo(4 * length, 16);
      return place;
    });
  }
}

function upTo(count: number, unit: number): number {
  return unit * Math.ceil(count / unit);
}
