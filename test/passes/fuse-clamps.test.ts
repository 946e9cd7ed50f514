import assert from 'node:assert';
import { perTensor, plain } from '../../src/graph/tensor.js';
import { fuseClamps } from '../../src/passes/fuse-clamps.js';
import { ALL_BYTES, BYTES, lines, Sketch } from '../support/sketch.js';
import { assertSame, EVERY_BYTE, run } from './helpers.js';

// Zero point -3 and scale 0.05: 0 is the code -3, 6 the code 117, 1 the code 17 and -1 the code -23.
const WORDS = perTensor('int16', 0.001, 0);

/** x + x, as an operator with a clamp. */
function doubled(sketch: Sketch, format = BYTES, clamp: { min: number; max: number } = ALL_BYTES): number {
  const x = sketch.input('x', [256], format);
  return sketch.node('ADD', { clamp }, [x, x], ['sum', [256], format]);
}

describe('fuse clamps', () => {
  for (const [kind, clamp] of [
    ['RELU', { min: -3, max: 127 }],
    ['RELU6', { min: -3, max: 117 }],
    ['RELU_N1_TO_1', { min: -23, max: 17 }],
  ] as const) {
    it(`moves ${kind} into the operator before it`, () => {
      const sketch = new Sketch();
      const graph = sketch.graph(sketch.node(kind, {}, [doubled(sketch)], ['y', [256]]));
      const after = run(fuseClamps, graph);
      assert.deepStrictEqual(lines(after), ['ADD(x, x) -> y']);
      assert.deepStrictEqual(after.nodes[0]!.attributes, { clamp });
      assertSame(graph, after, [EVERY_BYTE]);
    });
  }

  it('moves 16-bit activations as well', () => {
    const sketch = new Sketch();
    const sum = doubled(sketch, WORDS, { min: -32768, max: 32767 });
    const graph = sketch.graph(sketch.node('RELU6', {}, [sum], ['y', [256], WORDS]));
    const after = run(fuseClamps, graph);
    assert.deepStrictEqual(after.nodes[0]!.attributes, { clamp: { min: 0, max: 6000 } });
    assertSame(graph, after, [Int16Array.from({ length: 256 }, (_, i) => (i - 128) * 256)]);
  });

  it('takes a TABLE that is a clamp, and MAXIMUM and MINIMUM with a constant', () => {
    const sketch = new Sketch();
    const table = EVERY_BYTE.map((code) => Math.min(code, 90));
    const a = sketch.node('TABLE', { table }, [doubled(sketch)], ['a', [256]]);
    const b = sketch.node('MAXIMUM', {}, [a, sketch.constant([1], Int8Array.of(-70))], ['b', [256]]);
    const graph = sketch.graph(
      sketch.node('MINIMUM', {}, [b, sketch.constant([1], Int8Array.of(80))], ['y', [256]]),
    );
    const after = run(fuseClamps, graph);
    assert.deepStrictEqual(after.nodes[0]!.attributes, { clamp: { min: -70, max: 80 } });
    assertSame(graph, after, [EVERY_BYTE]);
  });

  it('clamps the bounds that are there already', () => {
    const sketch = new Sketch();
    const sum = doubled(sketch, BYTES, { min: -100, max: -50 });
    const graph = sketch.graph(sketch.node('RELU', {}, [sum], ['y', [256]]));
    const after = run(fuseClamps, graph);
    assert.deepStrictEqual(after.nodes[0]!.attributes, { clamp: { min: -3, max: -3 } });
    assertSame(graph, after, [EVERY_BYTE]);
  });

  it('leaves a RELU that requantizes', () => {
    const sketch = new Sketch();
    const finer = perTensor('int8', 0.025, -3);
    const graph = sketch.graph(sketch.node('RELU', {}, [doubled(sketch)], ['y', [256], finer]));
    assert.strictEqual(run(fuseClamps, graph), graph);
  });

  it('leaves an activation whose input is read elsewhere, or by the caller', () => {
    const sketch = new Sketch();
    const sum = doubled(sketch);
    const y = sketch.node('RELU', {}, [sum], ['y', [256]]);
    assert.strictEqual(run(fuseClamps, sketch.graph(sum, y)).nodes.length, 2);
    const z = sketch.node('ADD', { clamp: ALL_BYTES }, [sum, y], ['z', [256]]);
    assert.strictEqual(run(fuseClamps, sketch.graph(z)).nodes.length, 3);
  });

  it('leaves sums that end by thresholds, whose clamp says where codes begin', () => {
    const sketch = new Sketch();
    const filter = sketch.constant([1, 1], Int8Array.of(1), perTensor('int8', 1, 0));
    const thresholds = sketch.constant([1, 2], Int32Array.of(-10, 10), plain('int32'));
    const sum = sketch.node(
      'FULLY_CONNECTED',
      { clamp: { min: -4, max: -2 } },
      [sketch.input('x', [256, 1]), filter, null, thresholds],
      ['sum', [256, 1]],
    );
    const graph = sketch.graph(sketch.node('RELU', {}, [sum], ['y', [256, 1]]));
    assert.strictEqual(run(fuseClamps, graph), graph);
  });
});
