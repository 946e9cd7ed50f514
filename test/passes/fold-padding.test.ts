import assert from 'node:assert';
import fc from 'fast-check';
import type { Graph } from '../../src/graph/graph.js';
import type { NodeOf } from '../../src/graph/ops.js';
import { perTensor } from '../../src/graph/tensor.js';
import { foldPadding } from '../../src/passes/fold-padding.js';
import { ALL_BYTES, BYTES, lines, Sketch } from '../support/sketch.js';
import { assertSame, run } from './helpers.js';

const ZERO = BYTES.zeroPoints[0]!;
const ONE = { height: 1, width: 1 };
const NONE = { top: 0, bottom: 0, left: 0, right: 0 };

/** PAD of rows (top, bottom) and columns (left, right). */
function spatial(top: number, bottom: number, left: number, right: number, value = ZERO) {
  return { before: [0, top, left, 0], after: [0, bottom, right, 0], value };
}

const pooling = { filter: { height: 2, width: 2 }, stride: ONE, padding: NONE, clamp: ALL_BYTES };

/** A 4 x 4 image, padded to 6 x 6 with `value`, and a 2 x 2 pool of it. */
function padAndPool(
  kind: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D',
  value: number,
  clamp: { min: number; max: number } = ALL_BYTES,
): Graph {
  const sketch = new Sketch();
  const padded = sketch.node(
    'PAD',
    spatial(1, 1, 1, 1, value),
    [sketch.input('x', [1, 4, 4, 1])],
    ['padded', [1, 6, 6, 1]],
  );
  return sketch.graph(sketch.node(kind, { ...pooling, clamp }, [padded], ['y', [1, 5, 5, 1]]));
}

describe('fold padding', () => {
  it('adds a PAD with the zero point to the padding of a convolution', () => {
    const sketch = new Sketch();
    const padded = sketch.node(
      'PAD',
      spatial(1, 2, 0, 1),
      [sketch.input('x', [1, 4, 4, 1])],
      ['padded', [1, 7, 5, 1]],
    );
    const filter = sketch.constant(
      [1, 3, 3, 1],
      Int8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]),
      perTensor('int8', 0.1, 0),
    );
    const window = {
      stride: ONE,
      dilation: ONE,
      padding: { top: 1, bottom: 0, left: 1, right: 1 },
      clamp: ALL_BYTES,
    };
    const graph = sketch.graph(sketch.node('CONV_2D', window, [padded, filter], ['y', [1, 6, 5, 1]]));
    const after = run(foldPadding, graph);
    assert.deepStrictEqual(lines(after), ['CONV_2D(x, constant_2) -> y']);
    const { padding } = (after.nodes[0] as NodeOf<'CONV_2D'>).attributes;
    assert.deepStrictEqual(padding, { top: 2, bottom: 2, left: 1, right: 2 });
    assertSame(graph, after, [Int8Array.from({ length: 16 }, (_, i) => i * 16 - 128)]);
  });

  it('keeps a PAD with another value, in channels, or with other readers', () => {
    const variants = [
      { pad: spatial(1, 1, 1, 1, 5), channels: 1 },
      { pad: { before: [0, 1, 1, 1], after: [0, 1, 1, 0], value: ZERO }, channels: 2 },
      { pad: spatial(1, 1, 1, 1), channels: 1, read: true },
    ];
    for (const { pad, channels, read } of variants) {
      const sketch = new Sketch();
      const padded = sketch.node(
        'PAD',
        pad,
        [sketch.input('x', [1, 4, 4, 1])],
        ['padded', [1, 6, 6, channels]],
      );
      const filter = sketch.constant(
        [1, 1, 1, channels],
        new Int8Array(channels).fill(3),
        perTensor('int8', 0.1, 0),
      );
      const window = { stride: ONE, dilation: ONE, padding: NONE, clamp: ALL_BYTES };
      const y = sketch.node('CONV_2D', window, [padded, filter], ['y', [1, 6, 6, 1]]);
      const graph = read ? sketch.graph(padded, y) : sketch.graph(y);
      assert.strictEqual(run(foldPadding, graph), graph);
    }
  });

  it('keeps a PAD that would leave windows wholly outside of the image', () => {
    const sketch = new Sketch();
    const padded = sketch.node(
      'PAD',
      spatial(1, 0, 0, 0),
      [sketch.input('x', [1, 2, 2, 1])],
      ['padded', [1, 3, 2, 1]],
    );
    const filter = sketch.constant([1, 1, 1, 1], Int8Array.of(3), perTensor('int8', 0.1, 0));
    const window = { stride: ONE, dilation: ONE, padding: NONE, clamp: ALL_BYTES };
    const graph = sketch.graph(sketch.node('CONV_2D', window, [padded, filter], ['y', [1, 3, 2, 1]]));
    assert.strictEqual(run(foldPadding, graph), graph);
  });

  it('folds into a maximum pool where the value can never win', () => {
    const inputs = [Int8Array.from({ length: 16 }, (_, i) => i - 128)];
    for (const graph of [
      padAndPool('MAX_POOL_2D', -128),
      padAndPool('MAX_POOL_2D', 5, { min: 5, max: 127 }),
    ]) {
      const after = run(foldPadding, graph);
      assert.deepStrictEqual(lines(after), ['MAX_POOL_2D(x) -> y']);
      assertSame(graph, after, inputs);
    }
    const visible = padAndPool('MAX_POOL_2D', -127);
    assert.strictEqual(run(foldPadding, visible), visible);
  });

  it('folds into a maximum pool after an operator that never goes below the value', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 4, 4, 1]);
    const relu = sketch.node('ADD', { clamp: { min: ZERO, max: 127 } }, [x, x], ['relu', [1, 4, 4, 1]]);
    const padded = sketch.node('PAD', spatial(0, 1, 1, 0), [relu], ['padded', [1, 5, 5, 1]]);
    const graph = sketch.graph(sketch.node('MAX_POOL_2D', pooling, [padded], ['y', [1, 4, 4, 1]]));
    const after = run(foldPadding, graph);
    assert.deepStrictEqual(lines(after), ['ADD(x, x) -> relu', 'MAX_POOL_2D(relu) -> y']);
    assertSame(graph, after, [Int8Array.from({ length: 16 }, (_, i) => i * 3 - 24)]);
  });

  it('never folds into an average pool, which divides by the taps inside the image', () => {
    const graph = padAndPool('AVERAGE_POOL_2D', ZERO);
    assert.strictEqual(run(foldPadding, graph), graph);
  });

  it('keeps every byte for any window', () => {
    const size = fc.record({ height: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 4 }) });
    const amount = fc.integer({ min: 0, max: 2 });
    const pads = fc.tuple(amount, amount, amount, amount);
    const dilations = fc.record({
      height: fc.integer({ min: 1, max: 2 }),
      width: fc.integer({ min: 1, max: 2 }),
    });
    let folded = 0;
    fc.assert(
      fc.property(pads, size, size, dilations, (amounts, kernel, stride, dilation) => {
        const sketch = new Sketch();
        const [height, width] = [5 + amounts[0] + amounts[1], 5 + amounts[2] + amounts[3]];
        const reach = [
          (kernel.height - 1) * dilation.height + 1,
          (kernel.width - 1) * dilation.width + 1,
        ] as const;
        fc.pre(reach[0] <= height && reach[1] <= width);
        const x = sketch.input('x', [1, 5, 5, 2]);
        const padded = sketch.node('PAD', spatial(...amounts), [x], ['padded', [1, height, width, 2]]);
        const codes = Int8Array.from({ length: kernel.height * kernel.width * 2 }, (_, i) => i * 7 - 50);
        const filter = sketch.constant(
          [1, kernel.height, kernel.width, 2],
          codes,
          perTensor('int8', 0.01, 0),
        );
        const out = [
          Math.floor((height - reach[0]) / stride.height) + 1,
          Math.floor((width - reach[1]) / stride.width) + 1,
        ];
        const window = { stride, dilation, padding: NONE, clamp: ALL_BYTES, depthMultiplier: 1 };
        const graph = sketch.graph(
          sketch.node('DEPTHWISE_CONV_2D', window, [padded, filter], ['y', [1, ...out, 2]]),
        );
        const after = run(foldPadding, graph);
        folded += graph.nodes.length - after.nodes.length;
        assertSame(graph, after, [Int8Array.from({ length: 50 }, (_, i) => ((i * 37) % 256) - 128)]);
      }),
      { numRuns: 100 },
    );
    assert.ok(folded > 20);
  });
});
