import assert from 'node:assert';
import { type Format, perTensor, plain } from '../../src/graph/tensor.js';
import { composeTables } from '../../src/passes/compose-tables.js';
import { makeTables } from '../../src/passes/make-tables.js';
import { ALL_BYTES, BYTES, lines, Sketch } from '../support/sketch.js';
import { assertSame, EVERY_BYTE, run } from './helpers.js';

const HALF = perTensor('int8', 0.01, 100);
const SIGMOID = perTensor('int8', 1 / 256, -128);

describe('make tables', () => {
  const unary = {
    LOGISTIC: (s: Sketch, x: number) => s.node('LOGISTIC', {}, [x], ['y', [256], SIGMOID]),
    TANH: (s: Sketch, x: number) => s.node('TANH', {}, [x], ['y', [256], perTensor('int8', 1 / 128, 0)]),
    HARD_SWISH: (s: Sketch, x: number) => s.node('HARD_SWISH', {}, [x], ['y', [256], HALF]),
    GELU: (s: Sketch, x: number) => s.node('GELU', { approximate: true }, [x], ['y', [256], HALF]),
    LEAKY_RELU: (s: Sketch, x: number) => s.node('LEAKY_RELU', { alpha: 0.5 }, [x], ['y', [256], HALF]),
    RELU: (s: Sketch, x: number) => s.node('RELU', {}, [x], ['y', [256], HALF]),
    QUANTIZE: (s: Sketch, x: number) => s.node('QUANTIZE', {}, [x], ['y', [256], HALF]),
    'PRELU with a single alpha': (s: Sketch, x: number) =>
      s.node('PRELU', {}, [x, s.constant([1], Int8Array.of(-20))], ['y', [256], HALF]),
    'ADD of a constant': (s: Sketch, x: number) =>
      s.node(
        'ADD',
        { clamp: { min: -60, max: 90 } },
        [s.constant([1], Int8Array.of(7)), x],
        ['y', [256], HALF],
      ),
    'SUB from a constant that is uniform': (s: Sketch, x: number) =>
      s.node(
        'SUB',
        { clamp: ALL_BYTES },
        [s.constant([256], new Int8Array(256).fill(9)), x],
        ['y', [256], HALF],
      ),
    'MUL of a value with itself': (s: Sketch, x: number) =>
      s.node('MUL', { clamp: ALL_BYTES }, [x, x], ['y', [256], HALF]),
  };

  for (const [name, apply] of Object.entries(unary)) {
    it(`turns ${name} into a TABLE`, () => {
      const sketch = new Sketch();
      const graph = sketch.graph(apply(sketch, sketch.input('x', [256])));
      const after = run(makeTables, graph);
      assert.deepStrictEqual(lines(after), ['TABLE(x) -> y']);
      assertSame(graph, after, [EVERY_BYTE]);
    });
  }

  it('takes a detour through another type as one TABLE', () => {
    const sketch = new Sketch();
    const wide: Format = perTensor('int16', 0.001, 0);
    const a = sketch.node('QUANTIZE', {}, [sketch.input('x', [256])], ['wide', [256], wide]);
    const b = sketch.node('TANH', {}, [a], ['tanh', [256], perTensor('int16', 1 / 32768, 0)]);
    const c = sketch.node('DEQUANTIZE', {}, [b], ['real', [256], plain('float32')]);
    const graph = sketch.graph(sketch.node('QUANTIZE', {}, [c], ['y', [256]]));
    const after = run(makeTables, graph);
    assert.strictEqual(lines(after).at(-1), 'TABLE(x) -> y');
    assertSame(graph, after, [EVERY_BYTE]);
  });

  it('leaves what is not a function of one int8 code', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [2, 2]);
    const perChannel = sketch.constant([2], Int8Array.of(1, 2));
    const sum = sketch.node('ADD', { clamp: ALL_BYTES }, [x, perChannel], ['sum', [2, 2]]);
    const spread = sketch.constant([3, 2, 2], new Int8Array(12));
    const broadcast = sketch.node('ADD', { clamp: ALL_BYTES }, [sum, spread], ['broadcast', [3, 2, 2]]);
    const unsigned = sketch.input('unsigned', [2], perTensor('uint8', 0.05, 125));
    const boundary = sketch.node('QUANTIZE', {}, [unsigned], ['boundary', [2]]);
    const graph = sketch.graph(broadcast, boundary);
    assert.strictEqual(run(makeTables, graph), graph);
  });
});

describe('compose tables', () => {
  const negate = { table: EVERY_BYTE.map((code) => Math.min(127, -code)) };
  const halve = { table: EVERY_BYTE.map((code) => code >> 1) };

  it('makes one of a chain', () => {
    const sketch = new Sketch();
    const a = sketch.node('TABLE', negate, [sketch.input('x', [256])], ['a', [256]]);
    const b = sketch.node('TABLE', halve, [a], ['b', [256]]);
    const graph = sketch.graph(sketch.node('TABLE', negate, [b], ['y', [256], HALF]));
    const after = run(composeTables, graph);
    assert.deepStrictEqual(lines(after), ['TABLE(x) -> y']);
    assertSame(graph, after, [EVERY_BYTE]);
  });

  it('keeps a TABLE that something else reads, or the caller', () => {
    const sketch = new Sketch();
    const a = sketch.node('TABLE', negate, [sketch.input('x', [256])], ['a', [256]]);
    const b = sketch.node('TABLE', halve, [a], ['b', [256]]);
    const c = sketch.node('TABLE', negate, [b], ['c', [256]]);
    const sum = sketch.node('ADD', { clamp: ALL_BYTES }, [a, c], ['sum', [256], BYTES]);
    const graph = sketch.graph(b, sum);
    assert.strictEqual(run(composeTables, graph), graph);
  });
});
