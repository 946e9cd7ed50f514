/**
 * Codes for all filters, layer by layer in the order of the network: each layer is solved for what the quantized layers before it
 * really give, and aims at what the float layer makes of float inputs, so that errors before it are made good where they can be.
 */
import { type Graph, requireInput } from '../graph/graph.js';
import type { Format, TensorId } from '../graph/tensor.js';
import type { QuantizedConstants } from './assemble.js';
import { throughFormat } from './calibrate/affine.js';
import { decibels, meanRelativeError } from './compare.js';
import { layerOf } from './execute/layer.js';
import { type LinearForm, linearForm } from './execute/linear-form.js';
import { layerRows, ordinaryRows, pickRows } from './execute/rows.js';
import { walk } from './execute/walk.js';
import { type Solver, solveLayer } from './solve-layer.js';
import type { Tools } from './tools.js';
import { isWeightedFloat, type WeightedFloat } from './weighted.js';
import type { Algebra } from './weights/algebra.js';
import type { Grid } from './weights/grid.js';
import { type PairedMoments, PairedSums } from './weights/moments.js';

export interface Solved {
  /** Of each linear layer, by its output. */
  readonly constants: ReadonlyMap<TensorId, QuantizedConstants>;
  /** Of each activation that a node makes: signal-to-noise ratio in decibels, float against quantized. */
  readonly decibels: ReadonlyMap<TensorId, number>;
}

export interface SolveOptions {
  readonly solver: Solver;
  readonly gridOf: (node: WeightedFloat) => Grid;
  /** Told of each layer before it is solved. */
  readonly seen?: (node: WeightedFloat) => void | Promise<void>;
}

/** An activation in one inference: of the float network, and of the quantized one in real values. */
interface Pair {
  readonly float: Float32Array;
  readonly quantized: Float32Array;
}

/** Rows of inputs that a layer is solved for: as many, and no fewer than twice its columns, where there are. */
const ROWS = 2048;

export async function solveInOrder(
  { matmul, algebra }: Tools,
  graph: Graph,
  inferences: readonly (readonly Float32Array[])[],
  formats: ReadonlyMap<TensorId, Format>,
  { solver, gridOf, seen }: SolveOptions,
): Promise<Solved> {
  const constants = new Map<TensorId, QuantizedConstants>();
  const ratios = new Map<TensorId, number>();
  const coded = (values: Float32Array, id: TensorId) => {
    const format = formats.get(id);
    return format ? throughFormat(values, format) : values;
  };
  const given = inferences.map((inputs) =>
    inputs.map((float, i): Pair => ({ float, quantized: coded(float, graph.inputs[i]!) })),
  );
  await walk<Pair>(graph, given, async (node, inputs) => {
    const id = node.outputs[0]!;
    let quantizedLayer = layerOf(matmul, graph, node);
    const floatLayer = quantizedLayer;
    if (isWeightedFloat(graph, node) && requireInput(graph, node, 1).data) {
      await seen?.(node);
      const form = linearForm(graph, node);
      const moments = pairedMoments(algebra, form, inputs[0]!);
      const scale = formats.get(node.inputs[0]!)!.scales[0]!;
      const solved = solveLayer(algebra, graph, node, form, moments, scale, gridOf(node), solver);
      constants.set(id, solved.constants);
      quantizedLayer = layerOf(matmul, graph, node, realConstants(form, solved.constants));
    }
    const results = inferences.map((_, i): Pair => {
      const of = (which: keyof Pair) => inputs.map((input) => input?.[i]?.[which] ?? null);
      return { float: floatLayer(of('float')), quantized: coded(quantizedLayer(of('quantized')), id) };
    });
    ratios.set(
      id,
      decibels(
        meanRelativeError(
          results.map(({ float }) => float),
          results.map(({ quantized }) => quantized),
        ),
      ),
    );
    return results;
  });
  return { constants, decibels: ratios };
}

function pairedMoments(algebra: Algebra, form: LinearForm, x: readonly Pair[]): readonly PairedMoments[] {
  const most = Math.max(ROWS, 2 * form.columns);
  const [quantized, float] = (['quantized', 'float'] as const).map((which) =>
    layerRows(
      form,
      x.map((pair) => pair[which]),
      most,
    ),
  );
  const kept = ordinaryRows(float!, form.columns);
  return float!.map((rows, group) => {
    const sums = new PairedSums(algebra, form.columns);
    sums.add(pickRows(quantized![group]!, form.columns, kept), pickRows(rows, form.columns, kept));
    return sums.moments();
  });
}

/** What codes stand for, in the order of the float filter. */
export function realConstants(form: LinearForm, { codes, scales, bias }: QuantizedConstants) {
  const filter = new Float32Array(codes.length);
  for (let channel = 0; channel < form.channels; channel++) {
    for (let k = 0; k < form.columns; k++) {
      const at = form.weightIndex(channel, k);
      filter[at] = codes[at]! * scales[channel]!;
    }
  }
  return { filter, bias };
}
