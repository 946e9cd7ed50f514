/** Stages whose input never ends: their counts of rows stay small, as rings are the same again after a period. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { TensorId } from '../../graph/tensor.js';
import type { KernelCall, Parameters } from '../../kernels/kernel.js';
import type { StageLayer } from './layer.js';
import type { ImageRing } from './rings.js';
import { accumulates } from './row-window.js';

/** What outputs of a stage whose input never ends are made of. */
export interface Endless {
  /** Frames, the rows of its input, that an output is made of. */
  readonly window: number;
  /** Frames between two outputs. */
  readonly stride: number;
  /** Frames after which all rings are as they were. */
  readonly period: number;
  /** By layer: how many frames come to a row that it counts. */
  readonly strides: readonly number[];
}

/** More rows than any count reaches: what layers take for the heights of their images, whose bytes are to be numbers of 31 bits. */
export const ENDLESS_ROWS = 1 << 17;

/** A longer period is shortened: counts reach a period and a window. */
const LONGEST_PERIOD = 1 << 16;

/**
 * @param window rows of the stage's input
 * @param rings of its images; rounded up to powers of two where the period would be too long, unless they are windows, which have none
 */
export function endlessOf(
  graph: Graph,
  layers: readonly StageLayer[],
  input: TensorId,
  window: number,
  rings: ReadonlyMap<TensorId, ImageRing>,
): { readonly endless: Endless; readonly rings: ReadonlyMap<TensorId, ImageRing> } {
  const strides: number[] = [];
  const strideOf = (layer: number | null) => (layer === null ? 1 : strides[layer]!);
  for (const { sources } of layers) {
    const [{ layer, window: own }] = sources as [StageLayer['sources'][number]];
    strides.push(strideOf(layer) * own.stride);
  }
  const makers = new Map(layers.map(({ node }, i) => [node.outputs[0]!, i]));
  const last = layers.at(-1)!.node;
  const periodOf = (sizes: ReadonlyMap<TensorId, ImageRing>) => {
    const periods = [...sizes].flatMap(([id, { rows, kept }]) =>
      kept === null ? rows * (id === input ? 1 : strides[makers.get(id)!]!) : [],
    );
    if (accumulates(graph, last)) periods.push(tensorAt(graph, last.inputs[0]).shape[1]! * strides.at(-1)!);
    return [...periods, ...strides].reduce(leastCommonMultiple);
  };
  const period = periodOf(rings);
  const stride = strides.at(-1)!;
  if (period <= LONGEST_PERIOD) return { endless: { window, stride, period, strides }, rings };
  const rounded = new Map(
    [...rings].map(([id, ring]) => [
      id,
      ring.kept === null ? { ...ring, rows: powerOfTwo(ring.rows) } : ring,
    ]),
  );
  return { endless: { window, stride, period: periodOf(rounded), strides }, rings: rounded };
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** Members of a call's shape, or scalars, of images without end: no window of a row that there is leaves one. */
export function withoutEnd(parameters: Parameters, { accumulates: sums }: KernelCall): Parameters {
  if (sums) return parameters;
  const { filter_height: filter = 1, dilation_height: dilation = 1, filter_size: size = filter } = parameters;
  const { stride_height: stride = 1, stride: step = stride } = parameters;
  const height = (ENDLESS_ROWS - 1) * step + (size - 1) * dilation + 1;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (name === 'input_height') return [name, height];
      return [name, name === 'output_height' ? ENDLESS_ROWS : value];
    }),
  );
}
