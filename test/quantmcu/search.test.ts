import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor } from '../../src/graph/tensor.js';
import { bitOps, featureMaps } from '../../src/quantmcu/feature-maps.js';
import { search, valued } from '../../src/quantmcu/search.js';
import { Histogram } from '../../src/quantmcu/values.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const FREE = { lambda: 0.6, memory: Number.POSITIVE_INFINITY, factor: 1 };

/** Layers of 1x1 one after the other, between images of these channels, 4x4. */
function chain(channels: readonly number[]): Graph {
  const sketch = new Sketch();
  const window = {
    stride: { height: 1, width: 1 },
    dilation: { height: 1, width: 1 },
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    clamp: ALL_BYTES,
  };
  const last = channels.slice(1).reduce(
    (x, out, i) => {
      const inputs = channels[i]!;
      const data = new Int8Array(out * inputs).fill(1);
      const filter = sketch.constant([out, 1, 1, inputs], data, perTensor('int8', 0.01, 0));
      return sketch.node('CONV_2D', window, [x, filter], [`map ${i}`, [1, 4, 4, out]]);
    },
    sketch.input('x', [1, 4, 4, channels[0]!]),
  );
  return sketch.graph(last);
}

/** Maps on whose codes so many values were seen, equally often. */
function seen(graph: Graph, values: readonly number[]) {
  return featureMaps(graph).map((map, i) => {
    const histogram = new Histogram(map.tensor);
    const count = 256 * map.tensor.shape[3]!;
    histogram.add(
      Array.from({ length: count }, (_, at) => -3 + (Math.floor(at / map.tensor.shape[3]!) % values[i]!)),
    );
    return valued(map, histogram);
  });
}

const taken = (steps: ReturnType<typeof search>) =>
  steps.map(({ map, bits }) => `${map.tensor.name}: ${bits}`);

describe('the value-driven search', () => {
  it('leaves the network alone where nothing is asked for and entropy would be lost', () => {
    const graph = chain([8, 8, 8, 8]);
    assert.deepEqual(search(graph, seen(graph, [64, 64]), { ...FREE, lambda: 0.9 }), []);
  });

  it('narrows maps whose values lose nothing by it', () => {
    const graph = chain([8, 8, 8, 8]);
    assert.deepEqual(taken(search(graph, seen(graph, [4, 64]), { ...FREE, lambda: 0.95 })), ['map 0: 2']);
  });

  it('narrows what a layer that exceeds the memory reads or writes, and no more than it must', () => {
    // The second layer reads and writes 128 and 1024 bytes, all others fewer.
    const graph = chain([8, 8, 64, 8, 8]);
    const steps = search(graph, seen(graph, [64, 16, 64]), { ...FREE, lambda: 1, memory: 800 });
    assert.deepEqual(taken(steps), ['map 1: 4']);
  });

  it('goes on until BitOPs have fallen as asked', () => {
    const graph = chain([8, 8, 8, 8, 8]);
    const maps = seen(graph, [16, 8, 12]);
    for (const factor of [1.1, 1.3, 1.6, 2]) {
      const steps = search(graph, maps, { ...FREE, lambda: 1, factor });
      const bits = new Map(steps.map((step) => [step.map.id, step.bits]));
      const left = maps.reduce(
        (sum, { id, macs }) => sum - macs * 8 * (8 - (bits.get(id) ?? 8)),
        bitOps(graph),
      );
      assert.ok(bitOps(graph) / left >= factor, `${factor}: ${taken(steps)}`);
    }
  });

  it('ends where no map is left', () => {
    const graph = chain([8, 8, 8]);
    assert.deepEqual(
      taken(search(graph, seen(graph, [16]), { ...FREE, lambda: 1, factor: 16 })).at(-1),
      'map 0: 2',
    );
  });
});
