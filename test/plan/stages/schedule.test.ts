import assert from 'node:assert/strict';
import fc from 'fast-check';
import { writeTflite } from '../../../src/export/tflite/writer.js';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import type { Node } from '../../../src/graph/ops.js';
import type { TensorId } from '../../../src/graph/tensor.js';
import { importTflite } from '../../../src/import/tflite/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { optimize } from '../../../src/passes/index.js';
import type { ImageRing } from '../../../src/plan/stages/rings.js';
import {
  firstRow,
  type RowWindow,
  rowsMade,
  rowWindows,
  SAME_ROW,
  startOf,
} from '../../../src/plan/stages/row-window.js';
import { type StageSchedule, scheduleStage } from '../../../src/plan/stages/schedule.js';
import { randomImageModel } from '../../support/random-model.js';
import { BYTES, Sketch } from '../../support/sketch.js';

const ALL = { min: -128, max: 127 };

/** A convolution of 3x3, or as told, over `from`. */
function convolve(
  sketch: Sketch,
  from: TensorId,
  shape: readonly number[],
  height: number,
  stride = 1,
  before = 1,
) {
  const filter = sketch.constant([2, 3, 1, 2], new Int8Array(12).fill(1));
  return sketch.node(
    'CONV_2D',
    {
      stride: { height: stride, width: 1 },
      dilation: { height: 1, width: 1 },
      padding: { top: before, bottom: 1, left: 0, right: 0 },
      clamp: ALL,
    },
    [from, filter, null],
    [`conv_${height}`, [1, height, shape[2]!, 2]],
  );
}

/** The rows that are read of each tensor of a stage for row `y` of a node's output. */
function rowsRead(graph: Graph, node: Node, y: number): [TensorId, number][] {
  return rowWindows(graph, node)!.flatMap((window: RowWindow | null, i) => {
    const id = node.inputs[i]!;
    if (!window) return [];
    const rows = Array.from({ length: window.extent }, (_, k) => startOf(window, y) + k);
    return rows
      .filter((row) => row >= 0 && row < tensorAt(graph, id).shape[1]!)
      .map((row): [TensorId, number] => [id, row]);
  });
}

/** Runs a schedule on rings and windows that know which row lies where; the first row that is read and not there, or finds no place, or null. */
function missingRow(graph: Graph, { input, rows, layers, rings }: StageSchedule): string | null {
  const height = tensorAt(graph, input).shape[1]!;
  const held = new Map<TensorId, Map<number, number>>();
  const made = layers.map(() => 0);
  /** Where a row lies in what is there of its image. */
  const places = new Map<TensorId, (row: number) => number>();
  const placeOf = (id: TensorId, row: number) => places.get(id)!(row);
  for (let given = rows; made.at(-1)! < layers.at(-1)!.height; given += rows) {
    for (const [id, ring] of rings) {
      const maker = layers.findIndex(({ node }) => node.outputs[0] === id);
      if (ring.kept === null) places.set(id, (row) => row % ring.rows);
      else {
        const first = made[maker]! - ring.kept;
        const kept = [...(held.get(id)?.values() ?? [])].filter((row) => row >= first);
        held.set(id, new Map(kept.map((row) => [row - first, row])));
        places.set(id, (row) => row - first);
      }
    }
    for (const [layer, { node, height: own, sources, most }] of layers.entries()) {
      const end = Math.min(
        made[layer]! + most,
        ...sources.map(({ layer: source, window, height: from }) => {
          const there = source === null ? Math.min(given, height) : made[source]!;
          if (there >= from) return own;
          let ready = 0;
          while (ready < own && startOf(window, ready) + window.extent <= there) ready++;
          return ready;
        }),
      );
      const output = node.outputs[0]!;
      const ring = held.get(output) ?? new Map<number, number>();
      held.set(output, ring);
      for (let y = made[layer]!; y < end; y++) {
        for (const [id, row] of rowsRead(graph, node, y)) {
          const from = held.get(id);
          if (from && from.get(placeOf(id, row)) !== row)
            return `row ${row} of tensor ${id} for ${node.kind}`;
        }
      }
      // A band is written when all of it was computed: its rows must fit the ring together.
      for (let y = made[layer]!; y < end && rings.has(output); y++) {
        if (placeOf(output, y) >= rings.get(output)!.rows) return `no place for row ${y} of ${node.kind}`;
        ring.set(placeOf(output, y), y);
      }
      made[layer] = end;
    }
  }
  return null;
}

function randomStage(
  seed: number,
  rows: number,
  sliding: boolean,
): { graph: Graph; nodes: readonly Node[]; stage: StageSchedule } | null {
  const model = randomImageModel(seed, 3 + (seed % 8));
  const graph = optimize(importTflite(writeTflite(model), 'images.tflite'), evaluate);
  for (let length = graph.nodes.length; length > 1; length--) {
    for (let first = 0; first + length <= graph.nodes.length; first++) {
      const nodes = graph.nodes.slice(first, first + length);
      const stage = scheduleStage(graph, nodes, rows, false, sliding);
      if (stage) return { graph, nodes, stage };
    }
  }
  return null;
}

/** The rings between the layers of a random stage. */
function innerRings(seed: number, rows: number, sliding: boolean) {
  const found = randomStage(seed, rows, sliding);
  if (!found) return [];
  const { graph, stage } = found;
  return stage.layers.slice(0, -1).map(({ node }) => {
    const id = node.outputs[0]!;
    return { graph, stage, id, ring: stage.rings.get(id)! };
  });
}

function withRing(stage: StageSchedule, id: TensorId, ring: ImageRing): StageSchedule {
  return { ...stage, rings: new Map([...stage.rings, [id, ring]]) };
}

describe('the schedule of a stage', () => {
  const seeds = fc.record({
    seed: fc.integer({ min: 1, max: 10_000 }),
    rows: fc.integer({ min: 1, max: 6 }),
    sliding: fc.boolean(),
  });

  it('has every row in its ring when it is read', () => {
    fc.assert(
      fc.property(seeds, ({ seed, rows, sliding }) => {
        const found = randomStage(seed, rows, sliding);
        if (found) assert.equal(missingRow(found.graph, found.stage), null);
      }),
      { numRuns: 150 },
    );
  });

  it('has no ring with a row to spare', () => {
    fc.assert(
      fc.property(seeds, ({ seed, rows, sliding }) => {
        for (const { graph, stage, id, ring } of innerRings(seed, rows, sliding)) {
          const smaller = withRing(stage, id, { ...ring, rows: ring.rows - 1 });
          if (ring.rows > 1)
            assert.notEqual(missingRow(graph, smaller), null, `ring ${id} of ${ring.rows} rows`);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps no row for the next round that need not be', () => {
    fc.assert(
      fc.property(seeds, ({ seed, rows, sliding }) => {
        for (const { graph, stage, id, ring } of innerRings(seed, rows, sliding)) {
          const { rows: most, kept } = ring;
          const less = kept === null ? { rows: most, kept: 0 } : { rows: most - 1, kept: kept - 1 };
          if (kept !== 0) assert.notEqual(missingRow(graph, withRing(stage, id, less)), null, `ring ${id}`);
        }
      }),
      // One round, at whose end layers lack rows that the last one never reads.
      { numRuns: 100, examples: [[{ seed: 29, rows: 6, sliding: false }]] },
    );
  });

  it('keeps three rows for a window of three, one for a window of one', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 12, 5, 2]);
    const first = convolve(sketch, image, [1, 12, 5, 2], 12);
    const second = convolve(sketch, first, [1, 12, 5, 2], 12);
    const sum = sketch.node('RELU', {}, [second], ['positive', [1, 12, 5, 2], BYTES]);
    const last = convolve(sketch, sum, [1, 12, 5, 2], 6, 2);
    const graph = sketch.graph(last);
    const { rings } = scheduleStage(graph, graph.nodes, 1)!;
    assert.deepEqual(
      [first, second, sum, last].map((id) => rings.get(id)!.rows),
      [3, 1, 3, 6],
    );
  });

  it('keeps between rounds, of windows, the rows that are read again', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 24, 5, 2]);
    const first = convolve(sketch, image, [1, 24, 5, 2], 24);
    const second = convolve(sketch, first, [1, 24, 5, 2], 24);
    const third = convolve(sketch, second, [1, 24, 5, 2], 24);
    const graph = sketch.graph(third);
    const { rings, moves } = scheduleStage(graph, graph.nodes, 2, false, true)!;
    assert.deepEqual(
      [first, second].map((id) => rings.get(id)!),
      [
        { rows: 2 + 2, kept: 2 },
        { rows: 2 + 2, kept: 2 },
      ],
    );
    // The last layer makes its last rows in a round of its own.
    assert.deepEqual(
      moves.map(({ readers: _, ...move }) => move),
      [
        { image: first, bytes: 2 * 5 * 2, maker: 0, last: 1, until: 1, rounds: 13 },
        { image: second, bytes: 2 * 5 * 2, maker: 1, last: 2, until: 2, rounds: 13 },
      ],
    );
  });

  it('keeps the branch of a residual for as long as the other one takes', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 12, 5, 2]);
    const first = convolve(sketch, image, [1, 12, 5, 2], 12);
    const second = convolve(sketch, first, [1, 12, 5, 2], 12);
    const third = convolve(sketch, second, [1, 12, 5, 2], 12);
    const sum = sketch.node('ADD', { clamp: ALL }, [first, third], ['sum', [1, 12, 5, 2]]);
    const graph = sketch.graph(sum);
    const { rings } = scheduleStage(graph, graph.nodes, 1)!;
    assert.equal(rings.get(first)!.rows, 4 - 1);
    assert.equal(rings.get(second)!.rows, 3);
  });

  it('is none where an image in between is read elsewhere or a layer has no rows', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 12, 5, 2]);
    const first = convolve(sketch, image, [1, 12, 5, 2], 12);
    const second = convolve(sketch, first, [1, 12, 5, 2], 12);
    const flat = sketch.node('RESHAPE', {}, [second], ['flat', [1, 120]]);
    const graph = sketch.graph(first, flat);
    assert.equal(scheduleStage(graph, graph.nodes.slice(0, 2), 1), null);
    assert.equal(scheduleStage(graph, graph.nodes.slice(1), 1), null);
  });

  it('sums up rows as they come where the last layer makes one of them all', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 12, 5, 2]);
    const first = convolve(sketch, image, [1, 12, 5, 2], 12);
    const mean = sketch.node('MEAN', { axes: [1, 2] }, [first], ['mean', [1, 2], BYTES]);
    const next = sketch.node('RELU', {}, [mean], ['positive', [1, 2], BYTES]);
    const graph = sketch.graph(next);
    const { rings, layers } = scheduleStage(graph, graph.nodes.slice(0, 2), 1)!;
    assert.deepEqual(rings.get(first), { rows: 1, kept: 0 });
    assert.equal(layers.at(-1)!.height, 12);
    assert.equal(scheduleStage(graph, graph.nodes, 1), null);
  });

  it('ends with the image that a squeeze-and-excite weights, and begins with its weights', () => {
    const sketch = new Sketch();
    const input = sketch.input('image', [1, 12, 5, 2]);
    const image = convolve(sketch, convolve(sketch, input, [1, 12, 5, 2], 12), [1, 12, 5, 2], 12);
    const mean = sketch.node('MEAN', { axes: [1, 2] }, [image], ['mean', [1, 1, 1, 2], BYTES]);
    const weights = sketch.node('RELU', {}, [mean], ['weights', [1, 1, 1, 2], BYTES]);
    const weighted = sketch.node('MUL', { clamp: ALL }, [image, weights], ['weighted', [1, 12, 5, 2]]);
    const graph = sketch.graph(convolve(sketch, weighted, [1, 12, 5, 2], 6, 2));
    const isStage = (first: number, last: number) =>
      scheduleStage(graph, graph.nodes.slice(first, last + 1), 1) !== null;
    assert.ok(isStage(0, 1) && isStage(4, 5));
    assert.ok(!isStage(0, 2) && !isStage(2, 4) && !isStage(0, 5));
    const { layers } = scheduleStage(graph, graph.nodes.slice(4), 1)!;
    assert.deepEqual(layers[0]!.sources, [{ layer: null, window: SAME_ROW, height: 12 }]);
  });

  it('moves the windows of images that are resized, or convolved backwards, by fractions of a row', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 4, 5, 2]);
    const modes = { alignCorners: false, halfPixelCenters: false };
    const twice = sketch.node('RESIZE_BILINEAR', modes, [image], ['twice', [1, 8, 5, 2]]);
    const filter = sketch.constant([2, 3, 1, 2], new Int8Array(12).fill(1));
    const attributes = {
      stride: { height: 2, width: 1 },
      padding: { top: 1, bottom: 0, left: 0, right: 0 },
      clamp: ALL,
    };
    const back = sketch.node('TRANSPOSE_CONV', attributes, [twice, filter, null], ['back', [1, 16, 5, 2]]);
    const graph = sketch.graph(back);
    const windows = graph.nodes.map((node) => rowWindows(graph, node)![0]!);
    // Row 1 of the resized image lies between rows 0 and 1; row 1 of the other is made of rows 0 and 1, row 2 of row 1 alone.
    assert.deepEqual(windows, [
      { stride: 1, before: 0, extent: 2, per: 2 },
      { stride: 1, before: 1, extent: 2, per: 2 },
    ]);
    assert.deepEqual(
      windows.map((window) => [1, 2, 3].map((rows) => rowsMade(window, rows))),
      [
        [0, 2, 4],
        [1, 3, 5],
      ],
    );
  });

  it('lets the output take the rows that are done with', () => {
    const sketch = new Sketch();
    const image = sketch.input('image', [1, 12, 5, 2]);
    const first = convolve(sketch, image, [1, 12, 5, 2], 12);
    const second = convolve(sketch, first, [1, 12, 5, 2], 12);
    const graph = sketch.graph(second);
    const { overlap } = scheduleStage(graph, graph.nodes, 1)!;
    // When row r of the output is made, rows up to r + 2 of the image were read, and r + 1 is the first that is read again.
    assert.equal(overlap, 0);
    assert.equal(firstRow({ stride: 2, before: 1, extent: 3 }, 3), 5);
  });
});
