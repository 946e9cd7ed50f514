import type { OptionValue, TfliteModel, TfliteTensor } from '../../src/export/tflite/model.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { checkGraph } from '../../src/graph/check.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { importTflite } from '../../src/import/tflite/index.js';

/** What tests vary of a tensor; the rest is a plain int8 activation named by its place. */
export type TensorSketch = Partial<TfliteTensor> & {
  readonly scale?: number;
  readonly zeroPoint?: number;
};

/** An activation, quantized per tensor. */
export function activation(shape: readonly number[], sketch: TensorSketch = {}): TensorSketch {
  return { shape, type: 'INT8', scale: 0.5, zeroPoint: 0, ...sketch };
}

/** An int8 constant with codes 0, 1, 2, ... */
export function weights(shape: readonly number[], sketch: TensorSketch = {}): TensorSketch {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    shape,
    type: 'INT8',
    scale: 0.25,
    zeroPoint: 0,
    data: Int8Array.from({ length: count }, (_, i) => i),
    ...sketch,
  };
}

/** An unquantized int32 constant, e.g. axes or a shape. */
export function ints(values: readonly number[], shape: readonly number[] = [values.length]): TensorSketch {
  return { shape, type: 'INT32', data: Int32Array.from(values) };
}

/** A model of one operator; its inputs and outputs are those of the operator that are neither constant nor variable. */
export function singleOperator(
  operator: string,
  inputs: readonly (TensorSketch | null)[],
  outputs: readonly TensorSketch[],
  options: Readonly<Record<string, OptionValue>> = {},
): TfliteModel {
  const tensors: TfliteTensor[] = [];
  const place = (sketch: TensorSketch | null, name: string) => {
    if (!sketch) return -1;
    const { scale, zeroPoint, ...rest } = sketch;
    const quantization =
      scale === undefined
        ? {}
        : { quantization: { scales: [Math.fround(scale)], zeroPoints: [zeroPoint ?? 0] } };
    return tensors.push({ name, shape: [], type: 'INT8', ...quantization, ...rest }) - 1;
  };
  const from = inputs.map((sketch, i) => place(sketch, `in${i}`));
  const to = outputs.map((sketch, i) => place(sketch, `out${i}`));
  return {
    tensors,
    operators: [{ operator, inputs: from, outputs: to, options }],
    inputs: from.filter((id) => id >= 0 && !tensors[id]?.data && !tensors[id]?.variable),
    outputs: to,
  };
}

/** The graph of a described model. */
export function imported(model: TfliteModel): Graph {
  return importTflite(writeTflite(model), 'test');
}

/** A bias in the steps of `activation` and `weights`. */
export function bias(count: number, sketch: TensorSketch = {}): TensorSketch {
  return { shape: [count], type: 'INT32', scale: 0.125, data: new Int32Array(count), ...sketch };
}

/** The nodes of a described model as [kind, attributes, shapes of inputs, shape of output]. */
export function describeNodes(model: TfliteModel): unknown[] {
  const graph = imported(model);
  checkGraph(graph);
  const shape = (id: number | null) => (id === null ? null : tensorAt(graph, id).shape);
  return graph.nodes.map(({ kind, attributes, inputs, outputs }) => [
    kind,
    attributes,
    inputs.map(shape),
    shape(outputs[0]!),
  ]);
}

/** All codes of int8 as a clamp. */
export const ALL_CODES = { min: -128, max: 127 };
