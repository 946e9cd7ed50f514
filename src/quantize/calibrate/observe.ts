/** Runs a float network over calibration data, and keeps what formats are chosen by. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { TensorId } from '../../graph/tensor.js';
import { constantsOf, groupPanels, layerOf, layerWeights } from '../execute/layer.js';
import { type LinearForm, linearForm } from '../execute/linear-form.js';
import type { Matmul, Panels } from '../execute/matmul.js';
import { layerRows, ordinaryRows, pickRows } from '../execute/rows.js';
import { walk } from '../execute/walk.js';
import { isWeightedFloat, type WeightedFloat } from '../weighted.js';
import { type ActivationType, affineFormat, levelsOf, throughFormat } from './affine.js';
import { RANGE_METHODS, type RangeMethod, rangeBy } from './ranges.js';
import { type Sample, sampleOf } from './sample.js';

export interface Observation {
  readonly sample: Sample;
  /**
   * By which share of their outputs' energy linear layers err that read the tensor with the codes of each method's range; empty
   * where none reads it.
   */
  readonly errors: ReadonlyMap<RangeMethod, number>;
}

export interface Observed {
  /** Of every activation of float32. */
  readonly tensors: ReadonlyMap<TensorId, Observation>;
  /** Contents of the graph's outputs in each inference. */
  readonly outputs: readonly (readonly Float32Array[])[];
}

/** Multiply-accumulates that a range may take to be judged: the more positions, the more surely rare large values are among them. */
const MOST_MACS = 3e8;
const POSITIONS = { least: 512, most: 16384 } as const;

export interface Watchers {
  /** Told before each layer. */
  readonly seen?: () => void | Promise<void>;
  /** Told of each linear layer and the contents of its input, before they are forgotten. */
  readonly onLinear?: (node: WeightedFloat, form: LinearForm, x: readonly Float32Array[]) => void;
}

export async function observe(
  matmul: Matmul,
  graph: Graph,
  inferences: readonly (readonly Float32Array[])[],
  { seen, onLinear }: Watchers = {},
): Promise<Observed> {
  const samples = new Map<TensorId, Sample>();
  const errors = new Map<TensorId, Map<RangeMethod, number>>();
  const see = (id: TensorId, contents: readonly Float32Array[]) => {
    if (tensorAt(graph, id).format.type === 'float32') samples.set(id, sampleOf(contents));
  };
  graph.inputs.forEach((id, i) => {
    see(
      id,
      inferences.map((inputs) => inputs[i]!),
    );
  });
  const outputs = await walk<Float32Array>(graph, inferences, async (node, inputs) => {
    await seen?.();
    const layer = layerOf(matmul, graph, node);
    const results = inferences.map((_, i) => layer(inputs.map((input) => input?.[i] ?? null)));
    const [x] = inputs;
    if (isWeightedFloat(graph, node) && x) {
      const form = linearForm(graph, node);
      const id = node.inputs[0]!;
      const known = errors.get(id) ?? new Map<RangeMethod, number>();
      addErrors(known, matmul, form, constantsOf(graph, node).filter, x, samples.get(id)!);
      errors.set(id, known);
      onLinear?.(node, form, x);
    }
    see(node.outputs[0]!, results);
    return results;
  });
  const tensors = new Map(
    [...samples].map(([id, sample]) => [id, { sample, errors: errors.get(id) ?? new Map() }]),
  );
  return { tensors, outputs };
}

function addErrors(
  errors: Map<RangeMethod, number>,
  matmul: Matmul,
  form: LinearForm,
  filter: Float32Array,
  x: readonly Float32Array[],
  sample: Sample,
): void {
  const type: ActivationType = 'int8';
  const weights = layerWeights(form, filter);
  const affordable = Math.floor(MOST_MACS / (form.columns * form.channels));
  const positions = Math.min(POSITIONS.most, Math.max(POSITIONS.least, affordable));
  const all = layerRows(form, x, positions);
  const kept = ordinaryRows(all, form.columns);
  const groups = all.map((rows, group) => ({
    rows: pickRows(rows, form.columns, kept),
    panels: groupPanels(form, group, weights, null),
  }));
  const energyBy = (change: (rows: Float32Array) => Float32Array) =>
    groups.reduce((sum, { rows, panels }) => sum + energy(matmul, panels, change(rows)), 0);
  const whole = energyBy((rows) => rows);
  for (const method of RANGE_METHODS) {
    const format = affineFormat(type, rangeBy(method, sample, levelsOf(type)));
    const wrong = energyBy((rows) => throughFormat(rows, format).map((value, i) => value - rows[i]!));
    errors.set(method, (errors.get(method) ?? 0) + (whole > 0 ? wrong / whole : 0));
  }
}

/** Sum of squares of the products of rows and filters. */
function energy(matmul: Matmul, panels: Panels, rows: Float32Array): number {
  const { columns, filters } = panels;
  let sum = 0;
  matmul.run(
    panels,
    rows.length / columns,
    (row, a, at) => a.set(rows.subarray(row * columns, (row + 1) * columns), at),
    (_, count, y, stride) => {
      for (let row = 0; row < count; row++)
        for (let n = 0; n < filters; n++) sum += y[row * stride + n]! ** 2;
    },
  );
  return sum;
}
