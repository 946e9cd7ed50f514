import type { Stream } from '../../src/plan/plan.js';
import { type Descriptor, type FedInterface, type Interface, VIEW } from './descriptors.js';
import { type Modules, shares } from './modules.js';

/** `<prefix>.d.ts` below its header: types of the module, with the model's shapes as literals. */
export function typingsText(model: Interface, modules: Modules): string {
  return `${modelTypings(model)}${SOURCE}
/**
 * Loads the model: from the .wasm files beside this module, those that suit the engine; or from a source. A string is a URL relative to
 * the page, or to this module where there is no page.${shares(modules) ? CONSTANTS : ''}
 */
export declare function load(source?: Source${shares(modules) ? ', constants?: Source' : ''}): Promise<Model>;
`;
}

/** The same of the package whose modules are text. */
export function inlineTypingsText(model: Interface): string {
  return `${modelTypings(model)}/** Loads the model from the bytes in this module.${model.isScalar ? '' : ' Throws where the engine has no SIMD.'} */
export declare function load(): Promise<Model>;
`;
}

/** All but how the model is loaded. */
function modelTypings(model: Interface): string {
  const { inputs, outputs } = model;
  const result = outputs.length === 1 ? view(outputs[0]) : tuple(outputs);
  const members = [
    ...(model.feed ? [] : INPUTS(inputs)),
    `/** A view of each output. */
readonly outputs: ${tuple(outputs)};`,
    `/** The first output. */
readonly output: ${view(outputs[0])};`,
    ...(model.feed ? pushing(model.feed, view(inputs[0]), result) : RUN(result, model.hasStates)),
    ...(model.steps ? [RUN_STEP] : []),
    `/** The real values of an output. */
dequantize(index?: number): Float32Array;`,
  ];
  return `/** ${model.feed ? 'What to push row by row' : 'The tensors to write before a run'}. real value = scale * (code - zeroPoint) */
export declare const inputs: readonly [
${inputs.map(descriptorType).join('')}];

/** The tensors to read after a run. */
export declare const outputs: readonly [
${outputs.map(descriptorType).join('')}];
${model.steps ? STEPS : ''}${model.feed && model.feed.passes.length > 1 ? PASSES(model.feed) : ''}
/** One instance of the model, with memory of its own. */
export interface Model {
${members.map((member) => member.replace(/^/gm, '  ')).join('\n')}
}

${RUNS_SIMD}
${model.relaxed ? RUNS_RELAXED : ''}`;
}

const SOURCE = `/** Where a module comes from. */
export type Source = URL | string | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module;
`;

const CONSTANTS = `
 * @param constants source of the main module, where \`source\` is another one, which lacks them`;

const INPUTS = (inputs: readonly Descriptor[]): readonly string[] => [
  `/** A view of each input. The memory is reused: write every input before each run. */
readonly inputs: ${tuple(inputs)};`,
  `/** The first input. */
readonly input: ${view(inputs[0])};`,
];

const RUN = (result: string, hasStates: boolean): readonly string[] => [
  `/** Runs the model and returns its output: views that are valid until the next write of an input. */
run(): ${result};`,
  ...(hasStates ? ['/** Starts a new sequence, as a new instance does. */\nreset(): void;'] : []),
  `/** Writes real values into an input, rounded and clamped as TensorFlow Lite does. */
quantize(values: ArrayLike<number>, index?: number): void;`,
];

function pushing(feed: FedInterface, input: string, result: string): readonly string[] {
  return feed.stream ? PUSH_FRAMES(feed, feed.stream, input, result) : PUSH_ROWS(feed, input, result);
}

const QUANTIZED = (
  input: string,
  pieces: string,
): string => `/** The codes of real values, rounded and clamped as TensorFlow Lite does: ${pieces} to push. */
quantize(values: ArrayLike<number>): ${input};`;

const PUSH_FRAMES = (
  { rowLength }: FedInterface,
  { window, stride }: Stream,
  input: string,
  result: string,
): readonly string[] => [
  `/**
 * Takes the next frames of the stream, of ${rowLength} elements each, and computes what they allow. Returns the newest output, views that are
 * valid until the next one, or null where they made none: one comes ${stride === 1 ? 'with every frame' : `every ${stride} frames`} once there are ${window}, of which it is made.
 */
pushFrames(frames: ${input}): ${result} | null;`,
  '/** Begins a new stream, whatever frames there were. */\nreset(): void;',
  QUANTIZED(input, 'frames'),
];

const PUSH_ROWS = (
  { rows, rowLength, passes }: FedInterface,
  input: string,
  result: string,
): readonly string[] => [
  `/**
 * Takes the next rows of the image, of ${rowLength} elements each, and computes what they allow. Returns the output, views that are valid
 * until the next row, when the image of ${rows} rows is complete${passes.length > 1 ? ' for the last time' : ''}, else null; rows behind its last are not taken${passes.length > 1 ? ' then' : ''}. The next row begins a new image.
 */
pushRows(rows: ${input}): ${result} | null;`,
  `/** Runs the model on a whole image. */
run(input: ${input}): ${result};`,
  '/** Begins a new image, whatever rows there were. */\nreset(): void;',
  QUANTIZED(input, 'rows'),
];

const PASSES = ({ passes }: FedInterface): string => `
/**
 * How often the same image must be pushed, from its first row to its last: each time the model takes other columns of it. Behind the last row
 * comes the first one again.
 */
export declare const passes: ${passes.length};
`;

const RUNS_SIMD = `/** Whether this engine has WebAssembly SIMD. */
export declare function runsSimd(): boolean;
`;

const RUNS_RELAXED = `/** Whether this engine runs the module with relaxed SIMD to the bit. Then \`load()\` takes that one. */
export declare function runsRelaxed(): boolean;

`;

const RUN_STEP = `/** Runs one step, after those before it, and returns views of what it wrote. */
runStep(step: number): readonly ArrayBufferView[];`;

const STEPS = `
/** A tensor of a traced build. */
export interface TensorDescriptor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly scale: number | null;
  readonly zeroPoint: number | null;
  readonly byteOffset: number;
  readonly length: number;
}

/** The steps of a run in order, and what each writes. */
export declare const steps: readonly {
  readonly name: string;
  readonly operator: string;
  readonly outputs: readonly TensorDescriptor[];
}[];
`;

function descriptorType({ name, type, shape, scale, zeroPoint, length }: Descriptor): string {
  const fields = [
    `name: '${name}'`,
    `type: '${type}'`,
    `shape: readonly [${shape.join(', ')}]`,
    `scale: ${scale}`,
    `zeroPoint: ${zeroPoint}`,
    'byteOffset: number',
    `length: ${length}`,
  ];
  return `  {\n${fields.map((field) => `    readonly ${field};\n`).join('')}  },\n`;
}

function view(tensor: Descriptor | undefined): string {
  return tensor ? VIEW[tensor.type] : 'undefined';
}

function tuple(tensors: readonly Descriptor[]): string {
  return `readonly [${tensors.map(view).join(', ')}]`;
}
