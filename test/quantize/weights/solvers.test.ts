import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { descend, sweep } from '../../../src/quantize/weights/coordinate-descent.js';
import { GRIDS, Grid } from '../../../src/quantize/weights/grid.js';
import { PairedSums } from '../../../src/quantize/weights/moments.js';
import { type Problem, problemOf } from '../../../src/quantize/weights/problem.js';
import { gpfq, gptq, roundAll } from '../../../src/quantize/weights/rounding.js';
import { Solution } from '../../../src/quantize/weights/solution.js';
import { errorsOf, quantizeWeights, refitScales } from '../../../src/quantize/weights/solve.js';
import { algebra, meanSquare, momentsOf, type SmallLayer, smallLayer } from '../../support/layers.js';

const someGrid = fc.constantFrom(
  GRIDS.int4,
  GRIDS.int3,
  GRIDS.int2,
  GRIDS.ternary,
  GRIDS.binary,
  new Grid('int2 full', [-2, -1, 0, 1]),
);
const someScale = fc.double({ min: 0.05, max: 1.5, noNaN: true }).map(Math.fround);

/** A solution whose rows are rounded at one scale. */
function rounded({ weights, x, inputs }: SmallLayer, grid: Grid, scale: number): Solution {
  const solution = new Solution(problemOf(algebra, weights, momentsOf(x, inputs)));
  solution.scales.fill(scale);
  roundAll(solution, grid);
  return solution;
}

describe('coordinate descent', () => {
  it('never lets the error of a row rise, in any sweep', () => {
    fc.assert(
      fc.property(smallLayer(6), someGrid, someScale, (layer, grid, scale) => {
        const solution = rounded(layer, grid, scale);
        const rows = [...solution.scales.keys()];
        const gains = () => rows.map((row) => solution.gain(row));
        let before = gains();
        for (let i = 0; i < 4; i++) {
          const changed = sweep(solution, grid, rows);
          const after = gains();
          for (const row of rows) {
            ok(after[row]! >= before[row]! - 1e-9, 'codes');
            if (!changed.has(row)) equal(after[row], before[row]);
          }
          for (const row of rows) solution.fitScale(row);
          for (const row of rows) ok(solution.gain(row) >= after[row]! - 1e-9, 'scale');
          before = gains();
        }
      }),
      { numRuns: 100 },
    );
  });

  it('ends where no other code of one weight is better', () => {
    fc.assert(
      fc.property(smallLayer(5), someGrid, someScale, (layer, grid, scale) => {
        const solution = rounded(layer, grid, scale);
        descend(solution, grid, 100);
        for (const row of solution.scales.keys()) {
          const gain = solution.gain(row);
          for (let i = 0; i < layer.inputs; i++) {
            const code = solution.codes[row * layer.inputs + i]!;
            for (const other of grid.codes) {
              solution.set(row, i, other);
              ok(solution.gain(row) <= gain + 1e-9);
            }
            solution.set(row, i, code);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the products of codes and second moments true', () => {
    fc.assert(
      fc.property(smallLayer(6), someGrid, someScale, (layer, grid, scale) => {
        const solution = rounded(layer, grid, scale);
        descend(solution, grid);
        const { inputs, rows, width, second, products } = solution.problem;
        for (let row = 0; row < rows; row++) {
          for (let j = 0; j < inputs; j++) {
            let sum = 0;
            let size = 1;
            for (let i = 0; i < inputs; i++) {
              const term = solution.codes[row * inputs + i]! * second[i * width + j]!;
              sum += term;
              size += Math.abs(term);
            }
            ok(Math.abs(products[row * width + j]! - sum) <= 1e-9 * size);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the default solver', () => {
  it('finds the best of all codes and scales, to 2 % of the output, in nearly all rows of few inputs', () => {
    let rows = 0;
    let best = 0;
    fc.assert(
      fc.property(smallLayer(5), fc.constantFrom(GRIDS.int2, GRIDS.ternary, GRIDS.binary), (layer, grid) => {
        const group = { weights: layer.weights, groups: [momentsOf(layer.x, layer.inputs)] };
        // Without damping, so that what is minimised is what is measured.
        const solved = quantizeWeights(algebra, group, grid, { damping: 0 });
        const problem = problemOf(algebra, layer.weights, group.groups[0]!, { damping: 0 });
        const { powers, gains } = exhaustive(problem, grid);
        for (let row = 0; row < problem.rows; row++) {
          const least = powers[row]! - gains[row]!;
          const error =
            solved.errors[row]! * meanSquare(layer.x, rowOf(layer, row), new Float64Array(layer.inputs));
          ok(error >= least - 1e-9);
          rows++;
          if (error <= least + 1e-9 + 0.02 * powers[row]!) best++;
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    ok(best >= 0.95 * rows, `${best} of ${rows}`);
  });

  it('measures the error that the layer has, with the bias that it asks for', () => {
    fc.assert(
      fc.property(smallLayer(5), someGrid, fc.boolean(), (layer, grid, hasBias) => {
        const { inputs, weights, x } = layer;
        const group = { weights, groups: [momentsOf(x, inputs)] };
        const solved = quantizeWeights(algebra, group, grid, { hasBias });
        if (!hasBias) ok(solved.offsets.every((offset) => offset === 0));
        solved.scales.forEach((scale, row) => {
          const w = rowOf(layer, row);
          const q = rowOf({ ...layer, weights: Float32Array.from(solved.codes) }, row).map(
            (code) => code * scale,
          );
          const power = meanSquare(x, w, new Float64Array(inputs));
          const error = meanSquare(x, w, q, solved.offsets[row]);
          ok(Math.abs(error - solved.errors[row]! * power) <= 1e-6 * (1 + power));
          equal(scale, Math.fround(scale));
          ok(scale > 0);
        });
        ok(solved.codes.every((code) => grid.codes.includes(code)));
      }),
      { numRuns: 50 },
    );
  });

  it('solves each group of a layer on its own', () => {
    fc.assert(
      fc.property(smallLayer(4), smallLayer(4), (a, b) => {
        const { inputs } = a;
        const x = b.x.slice(0, inputs * Math.floor(b.x.length / inputs));
        const rows = a.weights.length / inputs;
        const weights = Float32Array.from(
          { length: 2 * rows * inputs },
          (_, i) => a.weights[i % a.weights.length]!,
        );
        const groups = [momentsOf(a.x, inputs), momentsOf(x, inputs)];
        const both = quantizeWeights(algebra, { weights, groups }, GRIDS.int3);
        const alone = groups.map((group) =>
          quantizeWeights(algebra, { weights: a.weights, groups: [group] }, GRIDS.int3),
        );
        for (const name of ['codes', 'scales', 'offsets', 'errors'] as const)
          deepEqual(
            [...both[name]],
            alone.flatMap((part) => [...part[name]]),
          );
      }),
      { numRuns: 20 },
    );
  });

  it('takes the output of the float layer as its target where inputs are quantized', () => {
    fc.assert(
      fc.property(smallLayer(4), ({ inputs, weights, x: y }) => {
        // Inputs at half their size: weights of twice the size give the output back.
        const x = y.map((value) => value / 2);
        const sums = new PairedSums(algebra, inputs);
        sums.add(x, y);
        const paired = { weights, groups: [sums.moments()] };
        const solved = quantizeWeights(algebra, paired, GRIDS.int4, { damping: 0 });
        const twice = { weights: weights.map((w) => 2 * w), groups: [momentsOf(x, inputs)] };
        ok(Math.abs(solved.error - errorsOf(algebra, twice, solved).error) < 1e-9);
        const float = quantizeWeights(algebra, { weights, groups: [momentsOf(y, inputs)] }, GRIDS.int4, {
          damping: 0,
        });
        ok(refitScales(algebra, paired, float).error <= float.error + 1e-6);
      }),
      { numRuns: 30 },
    );
  });

  it('gives rows without weights nothing to do', () => {
    const groups = [momentsOf(Float32Array.of(1, 2, 3, 5, 1, 0), 2)];
    for (const grid of Object.values(GRIDS)) {
      const { error, scales } = quantizeWeights(algebra, { weights: new Float32Array(4), groups }, grid);
      equal(error, 0);
      ok(scales.every((scale) => scale > 0 && scale <= 2 ** -16));
    }
  });
});

describe('solvers of one pass', () => {
  it('GPTQ gives the codes of error feedback by the factor of the inverse', () => {
    fc.assert(
      fc.property(smallLayer(6), someGrid, someScale, (layer, grid, scale) => {
        const solution = rounded(layer, grid, scale);
        gptq(solution.problem)(solution, grid);
        for (const row of solution.scales.keys()) {
          deepEqual(
            [...rowOf({ ...layer, weights: Float32Array.from(solution.codes) }, row)],
            published(solution, grid, row),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it('GPFQ gives the codes of its greedy walk over samples', () => {
    fc.assert(
      fc.property(smallLayer(6), someGrid, someScale, ({ inputs, weights, x }, grid, scale) => {
        const problem = problemOf(algebra, weights, momentsOf(x, inputs), { hasBias: false, damping: 0 });
        const solution = new Solution(problem);
        solution.scales.fill(scale);
        gpfq(problem)(solution, grid);
        for (let row = 0; row < problem.rows; row++) {
          const u = new Float64Array(x.length / inputs);
          for (let j = 0; j < inputs; j++) {
            const column = u.map((_, position) => x[position * inputs + j]!);
            const norm = column.reduce((sum, value) => sum + value ** 2, 0);
            const weight = weights[row * inputs + j]!;
            const code = solution.codes[row * inputs + j]!;
            const wanted =
              norm > 0 ? weight + u.reduce((sum, value, i) => sum + value * column[i]!, 0) / norm : weight;
            ok(
              Math.abs(code - wanted / scale) <=
                Math.abs(grid.nearest(wanted / scale) - wanted / scale) + 1e-9,
            );
            column.forEach((value, i) => {
              u[i]! += (weight - code * scale) * value;
            });
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

function rowOf({ weights, inputs }: SmallLayer, row: number): Float32Array {
  return weights.slice(row * inputs, (row + 1) * inputs);
}

/** The largest gains that any codes with their best scale have, and the gains of weights that are not quantized. */
function exhaustive({ rows, inputs, width, second, linear, weights }: Problem, grid: Grid) {
  const gains = new Float64Array(rows);
  const powers = new Float64Array(rows);
  const count = grid.codes.length ** inputs;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inputs; i++) powers[row]! += weights[row * inputs + i]! * linear[row * width + i]!;
    for (let n = 0; n < count; n++) {
      const codes = Array.from(
        { length: inputs },
        (_, i) => grid.codes[Math.floor(n / grid.codes.length ** i) % grid.codes.length]!,
      );
      let overlap = 0;
      let power = 0;
      codes.forEach((code, i) => {
        overlap += code * linear[row * width + i]!;
        codes.forEach((other, j) => {
          power += code * other * second[i * width + j]!;
        });
      });
      if (overlap > 0 && power > 0) gains[row] = Math.max(gains[row]!, overlap ** 2 / power);
    }
  }
  return { gains, powers };
}

/** GPTQ as it was published, in the problem's order of columns. */
function published({ problem, scales }: Solution, grid: Grid, row: number): number[] {
  const { inputs, width, second, order, weights } = problem;
  const inverse = invert(Array.from(order, (i) => Array.from(order, (j) => second[i * width + j]!)));
  const upper = upperCholesky(inverse);
  const w = Array.from(order, (i) => weights[row * inputs + i]!);
  const codes = new Array<number>(inputs);
  for (let j = 0; j < inputs; j++) {
    const code = grid.nearest(w[j]! / scales[row]!);
    const error = (w[j]! - code * scales[row]!) / upper[j]![j]!;
    for (let k = j; k < inputs; k++) w[k]! -= error * upper[j]![k]!;
    codes[order[j]!] = code;
  }
  return codes;
}

function invert(matrix: number[][]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i++) {
    const pivot = rows[i]![i]!;
    rows[i] = rows[i]!.map((value) => value / pivot);
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]!;
      rows[k] = rows[k]!.map((value, j) => value - factor * rows[i]![j]!);
    }
  }
  return rows.map((row) => row.slice(n));
}

/** U with transpose(U) U = matrix. */
function upperCholesky(matrix: number[][]): number[][] {
  const n = matrix.length;
  const u = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < i; k++) sum -= u[k]![i]! * u[k]![j]!;
      u[i]![j] = i === j ? Math.sqrt(sum) : sum / u[i]![i]!;
    }
  }
  return u;
}
