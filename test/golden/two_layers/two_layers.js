/** The tensors to write before a run. real value = scale * (code - zeroPoint) */
export const inputs = [
  { name: 'input', type: 'int8', shape: [1, 6], scale: 0.05000000074505806, zeroPoint: -4, byteOffset: 1840, length: 6 },
];

/** The tensors to read after a run. */
export const outputs = [
  { name: 'softmax', type: 'int8', shape: [1, 4], scale: 0.00390625, zeroPoint: -128, byteOffset: 1808, length: 4 },
];

const VIEWS = { int8: Int8Array };

/** One instance of the model, with memory of its own. */
class Model {
  #exports;

  constructor(instance) {
    this.#exports = instance.exports;
    this.inputs = inputs.map((tensor) => this.#view(tensor));
    this.outputs = outputs.map((tensor) => this.#view(tensor));
    this.input = this.inputs[0];
    this.output = this.outputs[0];
  }

  #view({ type, byteOffset, length }) {
    return new VIEWS[type](this.#exports.memory.buffer, byteOffset, length);
  }

  run() {
    this.#exports.run();
    return this.output;
  }

  quantize(values, index = 0) {
    const view = this.inputs[index];
    const { type, scale, zeroPoint } = inputs[index];
    if (values.length !== view.length) {
      throw new RangeError(`input ${index} takes ${view.length} values, not ${values.length}`);
    }
    if (scale === null) {
      view.set(values);
      return;
    }
    const bits = 8 * view.BYTES_PER_ELEMENT;
    const min = type === 'uint8' ? 0 : -(2 ** (bits - 1));
    const max = min + 2 ** bits - 1;
    for (let i = 0; i < view.length; i++) {
      const steps = Math.fround(Math.fround(values[i]) / scale);
      const code = Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5) + zeroPoint;
      view[i] = Math.min(max, Math.max(min, code));
    }
  }

  dequantize(index = 0) {
    const { scale, zeroPoint } = outputs[index];
    const real = scale === null ? Number : (code) => scale * (code - zeroPoint);
    return Float32Array.from(this.outputs[index], real);
  }
}

/**
 * Loads the model: from the .wasm file beside this module, or from a URL, a response, bytes or a compiled module.
 * A string is a URL relative to the page, or to this module where there is no page.
 */
export async function load(source = new URL('./two_layers.wasm', import.meta.url)) {
  const module = source instanceof WebAssembly.Module ? source : await compile(source);
  return new Model(await WebAssembly.instantiate(module));
}

async function compile(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  if (typeof Response === 'function' && source instanceof Response) return compileResponse(source);
  const url = new URL(source, globalThis.location?.href ?? import.meta.url);
  if (url.protocol !== 'file:' || !globalThis.process?.versions?.node) return compileResponse(await fetch(url));
  const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises');
  return WebAssembly.compile(await readFile(url));
}

async function compileResponse(response) {
  if (!response.ok) throw new Error(`cannot load ${response.url}: HTTP status ${response.status}`);
  // Engines cache the machine code of streamed modules, which need this content type.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
