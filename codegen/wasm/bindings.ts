import { type Descriptor, type FedInterface, type Interface, VIEW } from './descriptors.js';
import { engineText } from './engine.js';
import type { Modules } from './modules.js';

/** `<prefix>.model.js` below its header: what both entries of the package share, all but where the module comes from. */
export function bindingsText(model: Interface, modules: Modules): string {
  const tensors = [
    ...model.inputs,
    ...model.outputs,
    ...(model.steps ?? []).flatMap(({ outputs }) => outputs),
  ];
  const types = [...new Set(tensors.map(({ type }) => type))].sort();
  return `/** ${model.feed ? 'What to push row by row' : 'The tensors to write before a run'}. real value = scale * (code - zeroPoint) */
export const inputs = ${listText(model.inputs.map(descriptorText))};

/** The tensors to read after a run. */
export const outputs = ${listText(model.outputs.map(descriptorText))};
${model.steps ? stepsText(model.steps) : ''}${model.feed ? passesText(model.feed) : ''}
const VIEWS = { ${types.map((type) => `${type}: ${VIEW[type]}`).join(', ')} };

${modelClass(model)}
${QUANTIZE_TO}
${engineText(model, modules)}
/** An instance of the compiled module. */
export async function instantiate(module) {
  return new Model(await WebAssembly.instantiate(module));
}
`;
}

function descriptorText({ name, type, shape, scale, zeroPoint, byteOffset, length }: Descriptor): string {
  const fields = [
    `name: '${name}'`,
    `type: '${type}'`,
    `shape: [${shape.join(', ')}]`,
    `scale: ${scale}`,
    `zeroPoint: ${zeroPoint}`,
    `byteOffset: ${byteOffset}`,
    `length: ${length}`,
  ];
  return `{ ${fields.join(', ')} }`;
}

function listText(items: readonly string[]): string {
  return `[\n${items.map((item) => `  ${item},\n`).join('')}]`;
}

function passesText({ passes }: FedInterface): string {
  if (passes.length === 1) return '';
  const columns = passes.map(({ begin, length }) => `[${begin}, ${begin + length}]`);
  return `
/** How often the same image must be pushed. */
export const passes = ${passes.length};

/** Of a row's elements those that each pass takes. */
const COLUMNS = [${columns.join(', ')}];
`;
}

function stepsText(steps: NonNullable<Interface['steps']>): string {
  const items = steps.map(
    ({ name, operator, outputs }) =>
      `{ name: '${name}', operator: '${operator}', outputs: [${outputs.map(descriptorText).join(', ')}] }`,
  );
  return `
/** The steps of a run in order, and what each writes. */
export const steps = ${listText(items)};
`;
}

function modelClass(model: Interface): string {
  const result = model.outputs.length === 1 ? 'output' : 'outputs';
  const methods = [
    model.feed ? pushing(model.inputs[0]!, model.feed, result) : RUN(result),
    ...(model.hasStates ? [RESET] : []),
    ...(model.steps ? [RUN_STEP] : []),
    model.feed ? QUANTIZE_ROWS(model.inputs[0]!) : QUANTIZE,
    DEQUANTIZE,
  ];
  return `/** One instance of the model, with memory of its own. */
class Model {
  #exports;

  constructor(instance) {
    this.#exports = instance.exports;
${model.feed ? '' : '    this.inputs = inputs.map((tensor) => this.#view(tensor));\n    this.input = this.inputs[0];\n'}    this.outputs = outputs.map((tensor) => this.#view(tensor));
    this.output = this.outputs[0];
${model.hasStates ? '    this.reset();\n' : ''}  }

  #view({ type, byteOffset, length }) {
    return new VIEWS[type](this.#exports.memory.buffer, byteOffset, length);
  }

${methods.join('\n')}}
`;
}

const RUN = (result: string): string => `  run() {
    this.#exports.run();
    return this.${result};
  }
`;

function pushing(input: Descriptor, feed: FedInterface, result: string): string {
  return feed.stream ? PUSH_FRAMES(input, feed, result) : PUSH_ROWS(input, feed, result);
}

const PUSH_FRAMES = (
  { type }: Descriptor,
  { rowLength }: FedInterface,
  result: string,
): string => `  pushFrames(frames) {
    if (frames.length % ${rowLength} !== 0) {
      throw new RangeError(\`frames have ${rowLength} elements, which \${frames.length} are no multiple of\`);
    }
    let done = 0;
    for (let at = 0; at < frames.length; at += ${rowLength}) {
      this.#view({ type: '${type}', byteOffset: this.#exports.next_row(), length: ${rowLength} }).set(frames.subarray(at, at + ${rowLength}));
      done |= this.#exports.push_row();
    }
    return done ? this.${result} : null;
  }
`;

const PUSH_ROWS = (
  { type }: Descriptor,
  { rows, rowLength, passes }: FedInterface,
  result: string,
): string => `  pushRows(rows) {
    if (rows.length % ${rowLength} !== 0) {
      throw new RangeError(\`rows have ${rowLength} elements, which \${rows.length} are no multiple of\`);
    }
    let done = 0;
    for (let at = 0; at < rows.length && !done; at += ${rowLength}) {
${passes.length > 1 ? PUSH_COLUMNS(type) : PUSH_ROW(type, rowLength)}      done = this.#exports.push_row();
    }
    return done ? this.${result} : null;
  }

  run(input) {
    if (input.length !== ${rows * rowLength}) {
      throw new RangeError(\`the input has ${rows * rowLength} elements, not \${input.length}\`);
    }
    this.reset();
${passes.length > 1 ? '    for (let pass = 1; pass < passes; pass++) this.pushRows(input);\n' : ''}    return this.pushRows(input);
  }
`;

const PUSH_ROW = (type: string, length: number): string =>
  `      this.#view({ type: '${type}', byteOffset: this.#exports.next_row(), length: ${length} }).set(rows.subarray(at, at + ${length}));
`;

const PUSH_COLUMNS = (type: string): string =>
  `      const [from, to] = COLUMNS[this.#exports.pass()];
      const row = { type: '${type}', byteOffset: this.#exports.next_row(), length: to - from };
      this.#view(row).set(rows.subarray(at + from, at + to));
`;

const RESET = `  reset() {
    this.#exports.reset();
  }
`;

const RUN_STEP = `  runStep(step) {
    this.#exports.run_step(step);
    return steps[step].outputs.map((tensor) => this.#view(tensor));
  }
`;

const QUANTIZE = `  quantize(values, index = 0) {
    const view = this.inputs[index];
    if (values.length !== view.length) {
      throw new RangeError(\`input \${index} takes \${view.length} values, not \${values.length}\`);
    }
    quantizeTo(view, values, inputs[index]);
  }
`;

const QUANTIZE_ROWS = ({ type }: Descriptor): string => `  quantize(values) {
    const rows = new VIEWS.${type}(values.length);
    quantizeTo(rows, values, inputs[0]);
    return rows;
  }
`;

const QUANTIZE_TO = `function quantizeTo(view, values, { type, scale, zeroPoint }) {
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
`;

const DEQUANTIZE = `  dequantize(index = 0) {
    const { scale, zeroPoint } = outputs[index];
    const real = scale === null ? Number : (code) => scale * (code - zeroPoint);
    return Float32Array.from(this.outputs[index], real);
  }
`;
