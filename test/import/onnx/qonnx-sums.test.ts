import assert from 'node:assert/strict';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import type { NodeSketch } from '../../support/onnx.js';
import {
  agrees,
  fileOf,
  formatOf,
  kindsOf,
  LAYER,
  node,
  one,
  type Quantizer,
  quant,
  rejects,
} from '../../support/qonnx.js';

/** `sum` in two branches, of which the second has a scale of its own; `s` is their sum. */
const branches = (first: Quantizer, second: Quantizer, op: 'Add' | 'Sub' = 'Add'): readonly NodeSketch[] => [
  ...LAYER,
  quant('sum', 'a', first),
  node('Neg', ['sum'], 'negative'),
  quant('negative', 'b', second),
  node(op, ['a', 'b'], 's'),
];
const addOf = (graph: Graph) => {
  const { inputs } = graph.nodes.find(({ kind }) => kind === 'ADD')!;
  return inputs.slice(2).map((id) => [...tensorAt(graph, id).data!].map(Number));
};

describe('the sum of two activations', () => {
  const four: Quantizer = { bits: 'four' };

  it('of one scale is the sum of their codes, compared with thresholds', () => {
    const graph = agrees(
      fileOf([...branches(four, { bits: 'four', attributes: { narrow: 0 } }), quant('s', 'y', four)]),
    );
    const [weights, thresholds] = addOf(graph);
    assert.deepEqual(weights, [1, 1]);
    // Codes from -7 to 7: sums of halves in halves.
    assert.deepEqual(thresholds, [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('of scales in proportion weighs their codes by small integers', () => {
    const scaled = { ...four, scale: 'third' };
    const nodes = [...branches({ ...four, scale: 'one' }, scaled), quant('s', 'y', { bits: 'two' })];
    const graph = agrees(fileOf(nodes, 'y', { third: one(0.75) }));
    assert.deepEqual(addOf(graph)[0], [4, 3]);
  });

  it('of scales without a common step weighs them by larger ones, for the same codes', () => {
    const odd = { bits: 'four', scale: 'odd' };
    const nodes = [
      ...branches(four, odd),
      node('Relu', ['s'], 'r'),
      quant('r', 'y', { ...odd, bits: 'two' }),
    ];
    const graph = agrees(fileOf(nodes, 'y', { odd: one(0.37281) }));
    assert.equal(graph.notes, undefined);
  });

  it('falls in some channels by weights of these channels', () => {
    const graph = agrees(
      fileOf([...branches(four, four, 'Sub'), node('Mul', ['s', 'each'], 'm'), quant('m', 'y')]),
    );
    assert.deepEqual(addOf(graph)[0], [1, -1, -1, 1, 1, -1]);
  });

  it('of 8 bits is the ADD of TensorFlow Lite, where that rounds as float32 does', () => {
    const eight: Quantizer = { bits: 'eight' };
    const nodes = [...branches(eight, eight), quant('s', 'y', { ...eight, scale: 'odd' })];
    const graph = agrees(fileOf(nodes, 'y', { odd: one(0.37281) }));
    assert.equal(graph.nodes.find(({ kind }) => kind === 'ADD')!.inputs.length, 2);
  });

  it('has codes of its own where a layer or nothing follows', () => {
    const graph = agrees(fileOf(branches(four, { ...four, scale: 'one' }), 's'));
    assert.deepEqual(formatOf(graph, 'ADD').scales, [0.5]);
    const layer = [node('Relu', ['s'], 'r'), node('Transpose', ['signs'], 'u', { perm: [0, 1] })];
    const weights = node('MatMul', ['r', 'u'], 'y');
    const model = fileOf([...branches(four, four), ...layer, weights], 'y');
    assert.ok(kindsOf(importOnnx(model, 'model')).includes('ADD'));
  });

  it('of a float ends in a message', () => {
    rejects(
      [...LAYER, quant('sum', 'a'), node('Add', ['a', 'sum'], 's'), quant('s', 'y')],
      'BL107',
      /Add #5 .*adds what MatMul #3 .* computes in float\. Put a Quant behind each/,
    );
  });

  it('ends in a message where no quantizer follows and 8 bits do not hold it', () => {
    rejects(
      [...branches({ bits: 'eight' }, { bits: 'eight', scale: 'tenth' }), node('Relu', ['s'], 'y')],
      'BL107',
      /Relu #8 .*8 bits do not hold the sums/,
    );
  });
});
