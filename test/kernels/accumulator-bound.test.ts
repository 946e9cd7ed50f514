import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor, plain } from '../../src/graph/tensor.js';
import { selectKernel } from '../../src/kernels/index.js';
import { accumulatorBound, inputRange } from '../../src/kernels/weights/accumulator-bound.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const CORTEX_M4 = { backend: 'c', isa: 'armv7e-m' } as const;

/** FULLY_CONNECTED of one output with weights of 127, whose input has the zero point 0. */
function layer(inputs: number, bias: number, ratio: number): Graph {
  const sketch = new Sketch();
  return sketch.graph(
    sketch.node(
      'FULLY_CONNECTED',
      { clamp: ALL_BYTES },
      [
        sketch.input('x', [1, inputs], perTensor('int8', 1, 0)),
        sketch.constant([1, inputs], new Int8Array(inputs).fill(127), perTensor('int8', ratio, 0)),
        sketch.constant([1], Int32Array.of(bias), plain('int32')),
      ],
      ['y', [1, 1], perTensor('int8', 1, 0)],
    ),
  );
}

function lower(graph: Graph): void {
  const node = graph.nodes[0]!;
  selectKernel(graph, node, CORTEX_M4).lower(graph, node);
}

describe('the accumulator proof', () => {
  it('finds the largest magnitude that any input can give', () => {
    const code = fc.integer({ min: -128, max: 127 });
    fc.assert(
      fc.property(
        fc.array(code, { minLength: 1, maxLength: 4 }),
        code,
        code,
        fc.integer({ min: -1000, max: 1000 }),
        (weights, zeroPoint, inputZero, bias) => {
          const range = inputRange('int8', inputZero);
          const ends = [range.low, range.high];
          let sums = [bias];
          for (const w of weights) sums = sums.flatMap((sum) => ends.map((x) => sum + x * (w - zeroPoint)));
          const bound = accumulatorBound(
            Int8Array.from(weights),
            0,
            weights.length,
            1,
            zeroPoint,
            range,
            bias,
          );
          assert.equal(bound, Math.max(...sums.map(Math.abs)));
        },
      ),
    );
  });

  it('accepts sums that just fit, and names node and channel where they do not', () => {
    const most = 2 ** 31 - 256 - 1;
    lower(layer(4, -(most - 4 * 127 * 128), 1e-7));
    assert.throws(
      () => lower(layer(4, -(most + 1 - 4 * 127 * 128), 1e-7)),
      (error: unknown) =>
        error instanceof BitloomError &&
        error.code === 'BL202' &&
        error.problem.includes("FULLY_CONNECTED #0 ('y')") &&
        error.problem.includes('output channel 0'),
    );
  });

  it('counts the left shift of the multiplier', () => {
    lower(layer(8, 0, 2 ** 12));
    assert.throws(() => lower(layer(8, 0, 2 ** 14)), /BL202.*shifts left by 15/);
  });
});
