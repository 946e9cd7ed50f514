/**
 * Codes for all filters, layer by layer in the order of the network: each layer is solved for what the quantized layers before it
 * really give, and aims at what the float layer makes of float inputs, so that errors before it are made good where they can be.
 */
import { type Graph, requireInput } from '../graph/graph.js';
import type { Format, TensorId } from '../graph/tensor.js';
import type { QuantizedConstants } from './assemble.js';
import { throughFormat } from './calibrate/affine.js';
import { decibels, meanRelativeError } from './compare.js';
import { constantsOf, groupWeights, layerOf } from './execute/layer.js';
import { isLinear, type LinearForm, type LinearNode, linearForm } from './execute/linear-form.js';
import type { Matmul } from './execute/matmul.js';
import { rowsOf } from './execute/rows.js';
import { walk } from './execute/walk.js';
import type { Algebra } from './weights/algebra.js';
import type { Grid } from './weights/grid.js';
import { PairedSums } from './weights/moments.js';
import { type Solver, solve } from './weights/solve.js';

export interface Solved {
  /** Of each linear layer, by its output. */
  readonly constants: ReadonlyMap<TensorId, QuantizedConstants>;
  /** Of each activation that a node makes: signal-to-noise ratio in decibels, float against quantized. */
  readonly decibels: ReadonlyMap<TensorId, number>;
}

export interface SolveOptions {
  readonly solver: Solver;
  readonly gridOf: (node: LinearNode) => Grid;
  /** Told of each layer before it is solved. */
  readonly seen?: (node: LinearNode) => void | Promise<void>;
}

/** An activation in one inference: of the float network, and of the quantized one in real values. */
interface Pair {
  readonly float: Float32Array;
  readonly quantized: Float32Array;
}

/** Rows of inputs that a layer is solved for: as many, and no fewer than twice its columns, where there are. */
const ROWS = 2048;

export async function solveInOrder(
  { matmul, algebra }: { readonly matmul: Matmul; readonly algebra: Algebra },
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
    if (isLinear(node) && requireInput(graph, node, 1).data) {
      await seen?.(node);
      const form = linearForm(graph, node);
      const solved = solveLayer(algebra, graph, node, form, inputs[0]!, gridOf(node), solver);
      constants.set(id, solved);
      quantizedLayer = layerOf(matmul, graph, node, realConstants(form, solved));
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

function solveLayer(
  algebra: Algebra,
  graph: Graph,
  node: LinearNode,
  form: LinearForm,
  x: readonly Pair[],
  grid: Grid,
  solver: Solver,
): QuantizedConstants {
  const { filter, bias } = constantsOf(graph, node);
  const { groups, filters, columns, channels } = form;
  const codes = new Int8Array(filter.length);
  const scales = new Float32Array(channels);
  const biases = new Float32Array(channels);
  const most = Math.max(ROWS, 2 * columns);
  const [quantized, float] = (['quantized', 'float'] as const).map((which) => x.map((pair) => pair[which]));
  for (let group = 0; group < groups; group++) {
    const sums = new PairedSums(algebra, columns);
    sums.add(rowsOf(form, group, quantized!, most), rowsOf(form, group, float!, most));
    const moments = sums.moments();
    const weights = groupWeights(form, group, filter);
    const solution = solve(algebra, weights, moments, grid, solver);
    for (let n = 0; n < filters; n++) {
      const channel = group * filters + n;
      const scale = solution.scales[n]!;
      scales[channel] = scale;
      let shift = 0;
      for (let k = 0; k < columns; k++) {
        const code = solution.codes[n * columns + k]!;
        codes[form.weightIndex(channel, k)] = code;
        shift += weights[n * columns + k]! * moments.float.mean[k]! - scale * code * moments.mean[k]!;
      }
      biases[channel] = (bias?.[channel] ?? 0) + shift;
    }
  }
  return { codes, scales, bias: biases };
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
