/** Codes, scales and biases of one layer from the moments of its inputs. */
import type { Graph } from '../graph/graph.js';
import type { QuantizedConstants } from './assemble.js';
import { constantsOf, layerWeights } from './execute/layer.js';
import type { LinearForm } from './execute/linear-form.js';
import type { WeightedFloat } from './weighted.js';
import type { Algebra } from './weights/algebra.js';
import type { Grid } from './weights/grid.js';
import type { Moments, PairedMoments } from './weights/moments.js';
import { quantizeWeights, refitScales, type SolveOptions } from './weights/solve.js';

/** How codes are found: `descent` is best, `gptq` and `gpfq` are sooner done, `round` is what converters do. */
export const SOLVERS = ['descent', 'gptq', 'gpfq', 'round'] as const;
export type Solver = (typeof SOLVERS)[number];

const OPTIONS: Readonly<Record<Solver, SolveOptions>> = {
  descent: { method: 'descent' },
  gptq: { method: 'gptq' },
  gpfq: { method: 'gpfq' },
  round: { method: 'round', scale: 'full' },
};

export interface SolvedLayer {
  readonly constants: QuantizedConstants;
  /** By which share of its energy the layer's output errs. */
  readonly share: number;
}

/** A bias is an int32 of steps as small as those of products: it may take half of that, so that sums have room. */
const MOST_BIAS = 2 ** 30;

/**
 * @param groups moments of the inputs of each
 * @param inputScale real value of a step of the layer's input
 */
export function solveLayer(
  algebra: Algebra,
  graph: Graph,
  node: WeightedFloat,
  form: LinearForm,
  groups: readonly (Moments | PairedMoments)[],
  inputScale: number,
  grid: Grid,
  solver: Solver,
): SolvedLayer {
  const { filter, bias } = constantsOf(graph, node);
  const { columns, channels } = form;
  const weights = layerWeights(form, filter);
  const layer = { weights, groups };
  const first = quantizeWeights(algebra, layer, grid, OPTIONS[solver]);
  // They look at the weights alone, where `descent` aims at the float layer's output.
  const solved = solver === 'gptq' || solver === 'gpfq' ? refitScales(algebra, layer, first) : first;
  const codes = new Int8Array(filter.length);
  const scales = new Float32Array(channels);
  const biases = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const own = (bias?.[channel] ?? 0) + solved.offsets[channel]!;
    const scale = Math.max(solved.scales[channel]!, Math.fround(Math.abs(own) / (MOST_BIAS * inputScale)));
    // Beside such a bias the weights are next to nothing.
    const isCoarser = scale > solved.scales[channel]!;
    for (let k = 0; k < columns; k++) {
      const at = channel * columns + k;
      codes[form.weightIndex(channel, k)] = isCoarser
        ? grid.nearest(weights[at]! / scale)
        : solved.codes[at]!;
    }
    scales[channel] = scale;
    biases[channel] = own;
  }
  return { constants: { codes, scales, bias: biases }, share: solved.error };
}
