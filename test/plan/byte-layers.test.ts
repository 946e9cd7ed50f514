import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import { INTEGER_RANGE, perTensor, type Tensor } from '../../src/graph/tensor.js';
import { withByteLayers } from '../../src/plan/byte-layers.js';
import { checkTools, verify } from '../../src/verify/index.js';
import { planFor } from '../support/artifacts.js';
import { linearLayers } from '../support/linear-layers.js';
import { Random } from '../support/random/random.js';

/** Weights of no fewer bits. */
const BYTES = Array.from({ length: 255 }, (_, i) => i - 127);

/** Separate layers with packed inputs, packed outputs or both. */
function packedLayers(kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D', seed: number, count: number): Graph {
  const random = new Random(seed);
  const windows = kind === 'CONV_2D' ? '1x1' : 'squares';
  const options = { types: ['s8'], channels: [4, 5, 8, 12, 36], windows, weights: [BYTES] } as const;
  const wide = linearLayers(kind, seed, count, options);
  const tensors: Tensor[] = wide.tensors.map((tensor) => {
    if (tensor.data === null) return tensor;
    return { ...tensor, format: { ...tensor.format, zeroPoints: tensor.format.zeroPoints.map(() => 0) } };
  });
  const narrow = (id: number) => {
    const type = random.pick(['uint4', 'uint2'] as const);
    const { max } = INTEGER_RANGE[type];
    const format = perTensor(type, tensors[id]!.format.scales[0]!, random.pick([0, random.integer(0, max)]));
    tensors[id] = { ...tensors[id]!, format };
    return max;
  };
  const nodes = wide.nodes.map((node) => {
    const sides = random.pick(['input', 'output', 'both'] as const);
    if (sides !== 'output') narrow(node.inputs[0]!);
    if (sides === 'input') return node;
    const max = narrow(node.outputs[0]!);
    const clamp = random.chance(0.7) ? { min: 0, max } : { min: 1, max: max - 1 };
    return { ...node, attributes: { ...node.attributes, clamp } } as typeof node;
  });
  const graph = { ...wide, tensors, nodes };
  checkGraph(graph);
  return graph;
}

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

describe('layers of packed activations by kernels of bytes', () => {
  const kernelsOf = (graph: Graph, board: string) =>
    new Set(planFor(graph, board, 'bytes').steps.map(({ call }) => call.kernel));

  for (const board of ['nucleo-f446re', 'pico', 'mps3-an547', 'web']) {
    it(`equal the oracle on ${board}`, async function () {
      if (missing && board !== 'web') this.skip();
      this.timeout(240_000);
      for (const kind of ['CONV_2D', 'DEPTHWISE_CONV_2D'] as const) {
        const graph = packedLayers(kind, 5, 12);
        const verdict = await verify(graph, planFor(graph, board, 'bytes'), { count: 2 });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      }
    });
  }

  it('have nothing of the general kernel', () => {
    for (const board of ['nucleo-f446re', 'pico', 'web'])
      assert.ok(!kernelsOf(packedLayers('CONV_2D', 5, 12), board).has('conv_2d_unpacked'), board);
  });

  it('read packed codes where a kernel does, and bytes elsewhere', () => {
    const graph = packedLayers('DEPTHWISE_CONV_2D', 5, 12);
    const [m4, m0] = ['nucleo-f446re', 'pico'].map((board) => kernelsOf(graph, board));
    for (const bits of [4, 2]) assert.ok(m4!.has(`depthwise_conv_2d_u${bits}_simd32`));
    assert.ok(m0!.has('unpack_codes') && m0!.has('pack_codes'));
  });

  it('are new nodes beside the graph, whose tensors stay where they are', () => {
    const graph = packedLayers('CONV_2D', 6, 6);
    const made = withByteLayers(graph, loadBoard('pico'));
    checkGraph(made);
    assert.deepEqual(made.tensors.slice(0, graph.tensors.length), graph.tensors);
    const byBytes = made.nodes.filter(({ kind }) => kind === 'QUANTIZE').length;
    assert.ok(byBytes >= graph.nodes.length);
    assert.equal(made.nodes.length, graph.nodes.length + byBytes);
  });
});
