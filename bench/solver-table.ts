/** Output errors of layers by solver and number format, and how long solving takes. */
import type { Algebra } from '../src/quantize/weights/algebra.js';
import { GRIDS, type Grid } from '../src/quantize/weights/grid.js';
import { errorsOf, type Layer, quantizeWeights, type SolveOptions } from '../src/quantize/weights/solve.js';
import { markdownTable } from './markdown.js';

/** A layer as it is solved, and the moments of other inputs, on which its error is measured. */
export interface MeasuredLayer extends Layer {
  readonly test: Layer['groups'];
}

interface Solver extends SolveOptions {
  readonly name: string;
  /** Whether biases stay as they are. */
  readonly isPlain?: true;
}

const SOLVERS: readonly Solver[] = [
  { name: 'rounding, min-max', method: 'round', scale: 'full', isPlain: true },
  { name: 'rounding, min-max, bias corrected', method: 'round', scale: 'full' },
  { name: 'rounding, clip by weight error', method: 'round', scale: 'squared-error' },
  { name: 'rounding, clip by output error', method: 'round' },
  { name: 'GPFQ', method: 'gpfq' },
  { name: 'GPTQ', method: 'gptq' },
  { name: '**coordinate descent** (default)' },
];

const FORMATS = ['int8', 'int4', 'int3', 'ternary'] as const satisfies readonly (keyof typeof GRIDS)[];

/** Mean of t^2 over `layers` on their test inputs, and seconds for all of them. */
export function solverTable(algebra: Algebra, layers: readonly MeasuredLayer[]): string {
  const rows = SOLVERS.map((solver) => {
    const cells = FORMATS.map((format) => measure(algebra, layers, GRIDS[format], solver));
    const seconds = cells.map((cell) => cell.seconds.toFixed(1)).join(' / ');
    return [solver.name, ...cells.map(({ error }) => error.toPrecision(3)), seconds];
  });
  return markdownTable(['solver', ...FORMATS, `seconds: ${FORMATS.join(' / ')}`], rows);
}

function measure(
  algebra: Algebra,
  layers: readonly MeasuredLayer[],
  grid: Grid,
  { isPlain, ...options }: Solver,
) {
  let sum = 0;
  let milliseconds = 0;
  for (const layer of layers) {
    const start = performance.now();
    const solved = quantizeWeights(algebra, layer, grid, options);
    milliseconds += performance.now() - start;
    const offsets = isPlain ? new Float64Array(solved.scales.length) : solved.offsets;
    sum += errorsOf(algebra, { weights: layer.weights, groups: layer.test }, { ...solved, offsets }).error;
  }
  return { error: sum / layers.length, seconds: milliseconds / 1000 };
}
