import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import { importOnnx } from '../../src/import/onnx/index.js';
import { foldAffine } from '../../src/quantize/fold-affine.js';
import { bothOutputs, difference, modelOf, numbers, type Row, weights } from '../support/float-models.js';
import { writeOnnx } from '../support/onnx.js';

type Nodes = Row['nodes'];

const C = 3;

/** BatchNormalization of `count` channels. */
const normalized = (count: number): Nodes => [
  {
    op: 'BatchNormalization',
    inputs: [
      'x',
      weights([count], 11),
      weights([count], 12),
      weights([count], 13),
      { ...weights([count], 14), data: [...numbers([count], 14)].map((value) => value ** 2 + 0.5) },
    ],
  },
];

const conv = (attributes = {}, inputs = C, outputs = 4): Nodes => [
  { op: 'Conv', attributes, inputs: ['x', weights([outputs, inputs, 3, 3], 1), weights([outputs], 2)] },
];

const onImage = (...nodes: Nodes[]): Row => ({ shape: [1, C, 6, 5], nodes: nodes.flat() });

const kindsOf = ({ nodes }: Graph) => nodes.map(({ kind }) => kind);

/** Folds, keeps the contract of graphs, and agrees with onnxruntime-web's run of the file. */
async function folded(row: Row, kinds: readonly string[]): Promise<Graph> {
  const graph = foldAffine(importOnnx(writeOnnx(modelOf(row)), 'test'));
  checkGraph(graph);
  assert.deepEqual(kindsOf(graph), kinds);
  for (const output of await bothOutputs(modelOf(row), 7, foldAffine)) assert.ok(difference(output) <= 1e-5);
  return graph;
}

describe('foldAffine', () => {
  it('brings BatchNormalization and Relu into the convolution before them', async () => {
    const graph = await folded(onImage(conv({ pads: [1, 1, 1, 1] }), normalized(4), [{ op: 'Relu' }]), [
      'CONV_2D',
    ]);
    assert.deepEqual(graph.nodes[0]!.attributes, {
      stride: { height: 1, width: 1 },
      dilation: { height: 1, width: 1 },
      padding: { top: 1, bottom: 1, left: 1, right: 1 },
      clamp: { min: 0, max: Number.POSITIVE_INFINITY },
    });
  });

  it('into depthwise, transposed and fully connected layers too', async () => {
    const depthwise: Nodes = [
      { op: 'Conv', attributes: { group: C }, inputs: ['x', weights([2 * C, 1, 3, 3], 1)] },
    ];
    await folded(onImage(depthwise, normalized(2 * C)), ['DEPTHWISE_CONV_2D']);
    const transposed: Nodes = [{ op: 'ConvTranspose', inputs: ['x', weights([C, 2, 3, 3], 1)] }];
    await folded(onImage(transposed, normalized(2)), ['TRANSPOSE_CONV']);
    const dense: Nodes = [{ op: 'MatMul', inputs: ['x', weights([5, 4], 1)] }];
    const bias: Nodes = [{ op: 'Add', inputs: ['x', weights([4], 2)] }];
    await folded({ shape: [2, 5], nodes: [dense, bias, normalized(4)].flat() }, ['FULLY_CONNECTED']);
  });

  it('into the layer behind, where nothing is padded', async () => {
    await folded(onImage(normalized(C), conv()), ['CONV_2D']);
    await folded(onImage(normalized(C), conv({ pads: [0, 0, 1, 0] })), ['MUL', 'ADD', 'CONV_2D']);
    const depthwise: Nodes = [
      { op: 'Conv', attributes: { group: C }, inputs: ['x', weights([C, 1, 3, 3], 1)] },
    ];
    await folded(onImage(normalized(C), depthwise), ['DEPTHWISE_CONV_2D']);
    const grouped: Nodes = [
      { op: 'Conv', attributes: { group: 2 }, inputs: ['x', weights([4, 2, 3, 3], 1)] },
    ];
    await folded(onImage(conv(), [{ op: 'Relu' }], normalized(4), grouped), ['CONV_2D', 'CONV_2D']);
  });

  it('factors alone pass padding', async () => {
    const halved: Nodes = [{ op: 'Mul', inputs: ['x', weights([C, 1, 1], 5)] }];
    await folded(onImage(halved, conv({ pads: [1, 1, 1, 1] })), ['CONV_2D']);
  });

  it('leaves alone what something else reads, and what differs by more than the channel', async () => {
    const shared = onImage(
      conv({}, C, C),
      [{ op: 'Mul', inputs: ['x', weights([C, 1, 1], 5)] }],
      [{ op: 'Relu' }],
    );
    await folded(shared, ['CONV_2D']);
    const wide = onImage(conv({}, C, C), [{ op: 'Mul', inputs: ['x', weights([C, 4, 3], 5)] }]);
    await folded(wide, ['CONV_2D', 'MUL']);
  });

  it('agrees on random chains', async () => {
    const step = fc.constantFrom<Nodes>(
      conv({ pads: [1, 1, 1, 1] }, C, C),
      conv({ group: C, pads: [0, 1, 1, 0] }, 1, C),
      normalized(C),
      [{ op: 'Relu' }],
      [{ op: 'Sub', inputs: [weights([C, 1, 1], 6), 'x'] }],
      [
        {
          op: 'Clip',
          inputs: ['x', { type: 'float', shape: [], data: [-1] }, { type: 'float', shape: [], data: [2] }],
        },
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.nat(99), async (steps, seed) => {
        const model = modelOf(onImage(...steps));
        const outputs = await bothOutputs(model, seed, (graph) => {
          const made = foldAffine(graph);
          checkGraph(made);
          return made;
        });
        for (const output of outputs) assert.ok(difference(output) <= 1e-5, `off by ${difference(output)}`);
      }),
      { numRuns: 12 },
    );
  });
});
