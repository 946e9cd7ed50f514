import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RowWindow } from '../../../src/plan/stages/row-window.js';
import { tileOf } from '../../../src/plan/tiles/tile-graph.js';
import { tiled } from '../../../src/plan/tiles/tiling.js';
import { hull, lengthOf, partOf, readFor } from '../../../src/plan/tiles/window.js';
import { Sketch } from '../../support/sketch.js';

const ALL = { min: -128, max: 127 };

/** Two convolutions of 3x3 over an image of 12x12, SAME, and the sum of the first one's output and the second's. */
function residual() {
  const sketch = new Sketch();
  const image = sketch.input('image', [1, 12, 12, 2]);
  const convolve = (from: number, name: string) =>
    sketch.node(
      'CONV_2D',
      {
        stride: { height: 1, width: 1 },
        dilation: { height: 1, width: 1 },
        padding: { top: 1, bottom: 1, left: 1, right: 1 },
        clamp: ALL,
      },
      [from, sketch.constant([2, 3, 3, 2], new Int8Array(36).fill(1)), null],
      [name, [1, 12, 12, 2]],
    );
  const first = convolve(image, 'first');
  const second = convolve(first, 'second');
  return sketch.graph(sketch.node('ADD', { clamp: ALL }, [first, second], ['sum', [1, 12, 12, 2]]));
}

describe('what a tile reads', () => {
  const windows = fc.record({
    stride: fc.integer({ min: 1, max: 3 }),
    before: fc.integer({ min: 0, max: 4 }),
    extent: fc.integer({ min: 1, max: 5 }),
  });

  it('is what the windows of its outputs meet, and its padding what they miss', () => {
    const outputs = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(
        windows,
        outputs,
        fc.integer({ min: 12, max: 40 }),
        (window: RowWindow, [first, more], size) => {
          const last = first + more;
          const taps = new Set<number>();
          for (let at = first; at <= last; at++)
            for (let k = 0; k < window.extent; k++) taps.add(at * window.stride - window.before + k);
          const inside = [...taps].filter((tap) => tap >= 0 && tap < size);
          // Windows without gaps between them.
          fc.pre(inside.length > 0 && window.extent >= window.stride);
          const { interval, before, after } = readFor(window, { first, last }, size);
          assert.deepEqual(interval, { first: Math.min(...inside), last: Math.max(...inside) });
          assert.equal(interval.first - before, Math.min(...taps));
          assert.equal(interval.last + after, Math.max(...taps));
        },
      ),
    );
  });

  it('parts of an axis follow each other and differ by one element at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (size, count) => {
        fc.pre(count <= size);
        const parts = Array.from({ length: count }, (_, i) => partOf(size, count, i));
        const sizes = parts.map(lengthOf);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
        assert.deepEqual(
          parts.map(({ first }) => first),
          [0, ...parts.slice(0, -1).map(({ last }) => last + 1)],
        );
        assert.equal(parts.at(-1)!.last, size - 1);
      }),
    );
  });

  it('of several readers is all that any of them needs', () => {
    assert.deepEqual(hull({ first: 3, last: 5 }, { first: 1, last: 4 }), { first: 1, last: 5 });
  });
});

describe('a tile of a residual', () => {
  const graph = residual();
  const shapes = (columns: { first: number; last: number }) => {
    const tile = tileOf(graph, graph.nodes, { rows: null, columns }, 'tile')!;
    return tile.nodes.map(({ kind, outputs }) => `${kind} ${tile.tensors[outputs[0]!]!.shape[2]}`);
  };

  it('computes the halo of the branch, and cuts it off for the sum', () => {
    assert.deepEqual(shapes({ first: 4, last: 7 }), [
      'STRIDED_SLICE 8',
      'CONV_2D 6',
      'CONV_2D 4',
      'STRIDED_SLICE 4',
      'ADD 4',
    ]);
  });

  it('has no halo outside of the image, but the padding of each layer there', () => {
    assert.deepEqual(shapes({ first: 0, last: 3 }), [
      'STRIDED_SLICE 6',
      'CONV_2D 5',
      'CONV_2D 4',
      'STRIDED_SLICE 4',
      'ADD 4',
    ]);
    const tile = tileOf(graph, graph.nodes, { rows: null, columns: { first: 0, last: 3 } }, 'tile')!;
    const paddings = tile.nodes.flatMap(({ attributes }) =>
      'padding' in attributes ? attributes.padding : [],
    );
    assert.deepEqual(paddings, Array(2).fill({ top: 1, bottom: 1, left: 1, right: 0 }));
  });

  it('copies nothing where it has all of an image', () => {
    assert.deepEqual(shapes({ first: 0, last: 11 }), ['CONV_2D 12', 'CONV_2D 12', 'ADD 12']);
  });
});

describe('a tiled graph', () => {
  it('is none of more tiles than columns, or of an image that is flattened on the way', () => {
    const graph = residual();
    assert.equal(tiled(graph, graph.nodes, { rows: 1, columns: 13 }), null);
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 4, 4, 2]);
    const flat = sketch.node('RESHAPE', {}, [image], ['flat', [1, 32]]);
    const other = sketch.graph(flat);
    assert.equal(tiled(other, other.nodes, { rows: 1, columns: 2 }), null);
  });
});
