import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BitloomError } from '../../src/graph/diagnostics.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { allocate, type TypedArray } from '../../src/graph/tensor.js';
import { readOnnx, readOnnxTensor } from '../../src/import/onnx/file.js';
import { lower } from '../../src/import/onnx/index.js';
import type { OnnxModel, OnnxNode, OnnxTensor } from '../../src/import/onnx/model.js';
import { evaluate } from '../../src/oracle/index.js';

/** ONNX's own tests of operators, as Debian's package libonnx-testdata installs them. */
const FOLDER = '/usr/share/libonnx-testdata/data/node';

export interface NodeTest {
  readonly name: string;
  readonly model: OnnxModel;
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
}

/** Names of the tests that begin so; empty where the package is not installed. */
export function nodeTests(matching: RegExp): readonly string[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER).filter((name) => matching.test(name));
}

/** In a suite whose cases need the package: skips them, saying so, where it is missing. */
export function needsTestdata(suite: string): boolean {
  if (existsSync(FOLDER)) return true;
  it.skip(`${suite}: skipped, Debian's libonnx-testdata is missing (npm run setup)`);
  return false;
}

/** The model of a test; null where it has constants that Bitloom does not read. */
export function nodeModel(name: string): OnnxModel | null {
  try {
    return readOnnx(readFileSync(join(FOLDER, name, 'model.onnx')), name);
  } catch (error) {
    if (error instanceof BitloomError) return null;
    throw error;
  }
}

/** A test with its data. */
export function nodeTest(name: string): NodeTest {
  const folder = join(FOLDER, name);
  const data = join(folder, 'test_data_set_0');
  const model = readOnnx(readFileSync(join(folder, 'model.onnx')), name);
  const tensors = (kind: string, count: number) =>
    Array.from({ length: count }, (_, i) =>
      readOnnxTensor(readFileSync(join(data, `${kind}_${i}.pb`)), name),
    );
  return {
    name,
    model,
    inputs: tensors('input', model.inputs.length),
    outputs: tensors('output', model.outputs.length),
  };
}

/** The model with its inputs made constants, but for those of the names `free`: operators take their parameters as inputs here. */
export function withConstants({ model, inputs }: NodeTest, free: readonly string[]): OnnxModel {
  const constants = new Map(model.constants);
  for (const [i, { name }] of model.inputs.entries())
    if (!free.includes(name)) constants.set(name, inputs[i]!);
  return { ...model, constants, inputs: model.inputs.filter(({ name }) => free.includes(name)) };
}

/** What a model makes of the contents of its inputs, as the oracle computes it, in the file's order of elements. */
export function run(
  model: OnnxModel,
  inputs: readonly OnnxTensor[],
): { graph: Graph; outputs: readonly TypedArray[] } {
  const graph = lower(model, 2 ** 20, 'test');
  const data = graph.inputs.map((id, i) => {
    const { shape, format } = tensorAt(graph, id);
    const array = allocate(format.type, inputs[i]!.data.length);
    const order = placesOf(inputs[i]!.shape, shape);
    for (const [at, from] of order.entries()) array[at] = inputs[i]!.data[from]!;
    return array;
  });
  const tensors = evaluate(graph, data);
  const outputs = graph.outputs.map((id, i) => {
    const { shape } = tensorAt(graph, id);
    const declared = (model.outputs[i]!.shape ?? shape) as readonly number[];
    const data = tensors[id]!;
    const out = allocate(tensorAt(graph, id).format.type, data.length);
    for (const [at, to] of placesOf(declared, shape).entries()) out[to] = data[at]!;
    return out;
  });
  return { graph, outputs };
}

/** For each element of an image with channels last, where it is with channels first; other shapes have one order. */
export function placesOf(file: readonly number[], graph: readonly number[]): Int32Array {
  const count = graph.reduce((product, size) => product * size, 1);
  const last = [file[0], ...file.slice(2), file[1]];
  const moved = file.length > 2 && last.every((size, d) => size === graph[d]) && file.join() !== graph.join();
  if (!moved) return Int32Array.from({ length: count }, (_, i) => i);
  const [n = 1, c = 1] = file;
  const area = count / n / c;
  return Int32Array.from({ length: count }, (_, i) => {
    const [image, rest] = [Math.floor(i / (c * area)), i % (c * area)];
    return (image * c + (rest % c)) * area + Math.floor(rest / c);
  });
}

/**
 * The test of a float operator as a quantized network: QuantizeLinear and DequantizeLinear by scales that just hold the data around the
 * operator, the inputs other than `free` constants.
 */
export function quantized(test: NodeTest, free: readonly string[]): OnnxModel {
  const model = withConstants(test, free);
  const constants = new Map(model.constants);
  const scaled = (name: string, data: ArrayLike<number>): readonly string[] => {
    const values = Array.from(data);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const step = Math.fround((high - low) / 255) || 1;
    const zero = Math.min(Math.max(Math.round(-128 - low / step), -128), 127);
    constants.set(`${name}.scale`, { name: '', type: 'float', shape: [], data: Float32Array.of(step) });
    constants.set(`${name}.zero`, { name: '', type: 'int8', shape: [], data: Int8Array.of(zero) });
    return [`${name}.scale`, `${name}.zero`];
  };
  let index = 0;
  const node = (op: string, from: string, to: string, parameters: readonly string[]): OnnxNode => ({
    op,
    domain: '',
    name: '',
    index: index++,
    inputs: [from, ...parameters],
    outputs: [to],
    attributes: new Map(),
  });
  const before = free.flatMap((name) => {
    const at = test.model.inputs.findIndex((input) => input.name === name);
    const parameters = scaled(name, test.inputs[at]!.data);
    return [
      node('QuantizeLinear', name, `${name}.codes`, parameters),
      node('DequantizeLinear', `${name}.codes`, `${name}.real`, parameters),
    ];
  });
  const inner = model.nodes.map((original) => ({
    ...original,
    index: index++,
    inputs: original.inputs.map((name) => (free.includes(name) ? `${name}.real` : name)),
    outputs: original.outputs.map((name) => `${name}.float`),
  }));
  const after = model.outputs.flatMap(({ name }, i) => {
    const parameters = scaled(name, test.outputs[i]!.data);
    return [
      node('QuantizeLinear', `${name}.float`, `${name}.codes`, parameters),
      node('DequantizeLinear', `${name}.codes`, name, parameters),
    ];
  });
  return { ...model, constants, nodes: [...before, ...inner, ...after] };
}
