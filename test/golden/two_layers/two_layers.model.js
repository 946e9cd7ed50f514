/** The tensors to write before a run. real value = scale * (code - zeroPoint) */
export const inputs = [
  { name: 'input', type: 'int8', shape: [1, 6], scale: 0.05000000074505806, zeroPoint: -4, byteOffset: 1856, length: 6 },
];

/** The tensors to read after a run. */
export const outputs = [
  { name: 'softmax', type: 'int8', shape: [1, 4], scale: 0.00390625, zeroPoint: -128, byteOffset: 1824, length: 4 },
];

const VIEWS = { int8: Int8Array };

/** One instance of the model, with memory of its own. */
class Model {
  #exports;

  constructor(instance) {
    this.#exports = instance.exports;
    this.inputs = inputs.map((tensor) => this.#view(tensor));
    this.input = this.inputs[0];
    this.outputs = outputs.map((tensor) => this.#view(tensor));
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
    if (values.length !== view.length) {
      throw new RangeError(`input ${index} takes ${view.length} values, not ${values.length}`);
    }
    quantizeTo(view, values, inputs[index]);
  }

  dequantize(index = 0) {
    const { scale, zeroPoint } = outputs[index];
    const real = scale === null ? Number : (code) => scale * (code - zeroPoint);
    return Float32Array.from(this.outputs[index], real);
  }
}

function quantizeTo(view, values, { type, scale, zeroPoint }) {
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

/** Whether this engine has WebAssembly SIMD. */
export function runsSimd() {
  const probe = Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11
  );
  return WebAssembly.validate(probe);
}

/** Whether this engine runs the module with relaxed SIMD to the bit: signed by unsigned bytes, nothing saturated. */
export function runsRelaxed() {
  const probe = Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 100, 111, 116, 0,
    0, 10, 22, 1, 20, 0, 32, 0, 253, 15, 32, 1, 253, 15, 65, 0, 253, 17, 253, 147, 2, 253, 27, 0, 11
  );
  if (!WebAssembly.validate(probe)) return false;
  const { dot } = new WebAssembly.Instance(new WebAssembly.Module(probe)).exports;
  return dot(127, 255) === 129540 && dot(-128, 255) === -130560;
}

/** A module that comes without its constants, and these out of the main module, where they are the end. */
export function joined(code, main) {
  const bytes = (source) => new Uint8Array(source.buffer ?? source, source.byteOffset ?? 0, source.byteLength);
  const constants = bytes(main).subarray(2);
  const module = new Uint8Array(code.byteLength + constants.length);
  module.set(bytes(code));
  module.set(constants, code.byteLength);
  return module;
}

/** An instance of the compiled module. */
export async function instantiate(module) {
  return new Model(await WebAssembly.instantiate(module));
}
