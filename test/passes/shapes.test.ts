import assert from 'node:assert';
import { perTensor } from '../../src/graph/tensor.js';
import { mergeReshapes } from '../../src/passes/merge-reshapes.js';
import { removeIdentities } from '../../src/passes/remove-identities.js';
import { ALL_BYTES, BYTES, lines, Sketch } from '../support/sketch.js';
import { assertSame, EVERY_BYTE, run } from './helpers.js';

const SIX = Int8Array.of(1, 2, 3, 4, 5, 6);

describe('merge reshapes', () => {
  it('lets a RESHAPE of RESHAPEs read the first input', () => {
    const sketch = new Sketch();
    const a = sketch.node('RESHAPE', {}, [sketch.input('x', [2, 3])], ['a', [6]]);
    const b = sketch.node('RESHAPE', {}, [a], ['b', [3, 2]]);
    const graph = sketch.graph(sketch.node('RESHAPE', {}, [b], ['y', [1, 6]]));
    const after = run(mergeReshapes, graph);
    assert.strictEqual(lines(after).at(-1), 'RESHAPE(x) -> y');
    assertSame(graph, after, [SIX]);
  });

  it('makes a RESHAPE of a TRANSPOSE that only moves dimensions of size 1', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 2, 1, 3]);
    const graph = sketch.graph(sketch.node('TRANSPOSE', { perm: [1, 0, 3, 2] }, [x], ['y', [2, 1, 3, 1]]));
    const after = run(mergeReshapes, graph);
    assert.deepStrictEqual(lines(after), ['RESHAPE(x) -> y']);
    assertSame(graph, after, [SIX]);
  });

  it('keeps a TRANSPOSE that moves elements', () => {
    const sketch = new Sketch();
    const graph = sketch.graph(
      sketch.node('TRANSPOSE', { perm: [1, 0] }, [sketch.input('x', [2, 3])], ['y', [3, 2]]),
    );
    assert.strictEqual(run(mergeReshapes, graph), graph);
  });
});

describe('remove identities', () => {
  const identities = {
    'RESHAPE to the same shape': (s: Sketch, x: number) => s.node('RESHAPE', {}, [x], ['same', [2, 3]]),
    'CONCATENATION of one': (s: Sketch, x: number) =>
      s.node('CONCATENATION', { axis: 0 }, [x], ['same', [2, 3]]),
    'PAD by nothing': (s: Sketch, x: number) =>
      s.node('PAD', { before: [0, 0], after: [0, 0], value: 0 }, [x], ['same', [2, 3]]),
    'STRIDED_SLICE of everything': (s: Sketch, x: number) =>
      s.node('STRIDED_SLICE', { begin: [0, 0], stride: [1, 1] }, [x], ['same', [2, 3]]),
    'QUANTIZE to the same format': (s: Sketch, x: number) => s.node('QUANTIZE', {}, [x], ['same', [2, 3]]),
    'TABLE of every code itself': (s: Sketch, x: number) =>
      s.node('TABLE', { table: EVERY_BYTE }, [x], ['same', [2, 3]]),
  };
  const add = (s: Sketch, a: number, name: string) =>
    s.node('ADD', { clamp: ALL_BYTES }, [a, a], [name, [2, 3]]);

  for (const [name, apply] of Object.entries(identities)) {
    it(`takes away a ${name}`, () => {
      const sketch = new Sketch();
      const graph = sketch.graph(add(sketch, apply(sketch, sketch.input('x', [2, 3])), 'y'));
      const after = run(removeIdentities, graph);
      assert.deepStrictEqual(lines(after), ['ADD(x, x) -> y']);
      assertSame(graph, after, [SIX]);
    });
  }

  it('lets the operator before it write the output', () => {
    const sketch = new Sketch();
    const sum = add(sketch, sketch.input('x', [2, 3]), 'sum');
    const y = sketch.node('QUANTIZE', {}, [sum], ['y', [2, 3]]);
    const graph = sketch.graph(y, add(sketch, sum, 'z'));
    const after = run(removeIdentities, graph);
    assert.deepStrictEqual(lines(after), ['ADD(x, x) -> y', 'ADD(y, y) -> z']);
    assertSame(graph, after, [SIX]);
  });

  it('leaves a RESHAPE between an input or another output and an output', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [2, 3]);
    const a = sketch.node('QUANTIZE', {}, [x], ['a', [2, 3]]);
    const sum = add(sketch, x, 'sum');
    const graph = sketch.graph(a, sum, sketch.node('CONCATENATION', { axis: 1 }, [sum], ['b', [2, 3]]));
    const after = run(removeIdentities, graph);
    assert.deepStrictEqual(lines(after), ['RESHAPE(x) -> a', 'ADD(x, x) -> sum', 'RESHAPE(sum) -> b']);
    assertSame(graph, after, [SIX]);
  });

  it('keeps what changes the format, reverses or cuts', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [2, 3]);
    const coarse = sketch.node('QUANTIZE', {}, [x], ['coarse', [2, 3], perTensor('int8', 0.1, -3)]);
    const named = sketch.node(
      'TABLE',
      { table: EVERY_BYTE },
      [x],
      ['named', [2, 3], perTensor('int8', 0.1, -3)],
    );
    const reversed = sketch.node(
      'STRIDED_SLICE',
      { begin: [0, 2], stride: [1, -1] },
      [x],
      ['reversed', [2, 3]],
    );
    const cut = sketch.node('STRIDED_SLICE', { begin: [0, 0], stride: [1, 1] }, [x], ['cut', [2, 2], BYTES]);
    const graph = sketch.graph(coarse, named, reversed, cut);
    assert.strictEqual(run(removeIdentities, graph), graph);
  });
});
