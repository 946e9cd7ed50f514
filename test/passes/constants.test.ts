import assert from 'node:assert';
import { perTensor } from '../../src/graph/tensor.js';
import { foldConstants } from '../../src/passes/fold-constants.js';
import { removeDead } from '../../src/passes/remove-dead.js';
import { ALL_BYTES, lines, Sketch } from '../support/sketch.js';
import { assertSame, run } from './helpers.js';

describe('fold constants', () => {
  it('computes what depends on no input', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [3, 2]);
    const table = sketch.constant([2, 3], Int8Array.of(1, 2, 3, 4, 5, 6));
    const turned = sketch.node('TRANSPOSE', { perm: [1, 0] }, [table], ['turned', [3, 2]]);
    const doubled = sketch.node('ADD', { clamp: ALL_BYTES }, [turned, turned], ['doubled', [3, 2]]);
    const graph = sketch.graph(sketch.node('ADD', { clamp: ALL_BYTES }, [x, doubled], ['y', [3, 2]]));
    const after = run(foldConstants, graph);
    assert.deepStrictEqual(lines(after), ['ADD(x, doubled) -> y']);
    assert.deepStrictEqual(after.tensors[3]!.data, Int8Array.of(5, 11, 7, 13, 9, 15));
    assertSame(graph, after, [Int8Array.of(-9, 0, 9, 100, -100, 50)]);
  });

  it('leaves the node that makes packed elements, of which there are no constants', () => {
    const sketch = new Sketch();
    const codes = perTensor('uint4', 1, 0);
    const table = sketch.constant([4], Int8Array.of(1, 2, 3, 4));
    const packed = sketch.node('QUANTIZE', {}, [table], ['packed', [4], codes]);
    const x = sketch.input('x', [4], codes);
    const graph = sketch.graph(sketch.node('CONCATENATION', { axis: 0 }, [x, packed], ['y', [8], codes]));
    assert.strictEqual(run(foldConstants, graph), graph);
  });

  it('leaves the node that makes an output of the graph', () => {
    const sketch = new Sketch();
    const table = sketch.constant([4], Int8Array.of(1, 2, 3, 4));
    const graph = sketch.graph(sketch.node('RESHAPE', {}, [table], ['y', [2, 2]]));
    assert.strictEqual(run(foldConstants, graph), graph);
  });
});

describe('remove dead', () => {
  it('drops nodes that no output needs and tensors that nothing names, but no input', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [4]);
    sketch.input('unused', [4]);
    const lost = sketch.node('RELU', {}, [x], ['lost', [4]]);
    sketch.node(
      'ADD',
      { clamp: ALL_BYTES },
      [lost, sketch.constant([4], new Int8Array(4))],
      ['alsoLost', [4]],
    );
    const graph = sketch.graph(sketch.node('RELU6', {}, [x], ['y', [4]]));
    const after = run(removeDead, graph);
    assert.deepStrictEqual(lines(after), ['RELU6(x) -> y']);
    assert.deepStrictEqual(
      after.tensors.map((t) => t.name),
      ['x', 'unused', 'y'],
    );
    assertSame(graph, after, [Int8Array.of(-128, -3, 50, 127), new Int8Array(4)]);
    assert.strictEqual(run(removeDead, after), after);
  });
});
