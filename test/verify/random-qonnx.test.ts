import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { elementCount } from '../../src/graph/tensor.js';
import { importOnnx } from '../../src/import/onnx/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { checkTools, verify } from '../../src/verify/index.js';
import { planFor } from '../support/artifacts.js';
import { dynamicNetwork } from '../support/dynamic-networks.js';
import { writeOnnx } from '../support/onnx.js';
import { Random } from '../support/random/random.js';
import { randomQonnx } from '../support/random-qonnx.js';

const missing = new Set(checkTools().flatMap(({ tool, found }) => (found ? [] : [tool])));

/** Boards, what runs them, how many networks each runs, and the seed of these. */
const TARGETS = {
  web: { networks: 4, seed: 2000, tools: [] },
  'web-scalar': { networks: 2, seed: 2000, tools: [] },
  host: { networks: 4, seed: 2100, tools: ['cc', 'make'] },
  pico: { networks: 10, seed: 2200, tools: ['arm-none-eabi-gcc'] },
  'mps2-an386': { networks: 10, seed: 2300, tools: ['arm-none-eabi-gcc', 'qemu-system-arm'] },
} as const;

/** Networks of dynamic quantization on every target: rows and images. */
const DYNAMIC = 4;

function dynamic(random: Random, i: number): Graph {
  const options = { weights: random.pick(['int8', 'uint8'] as const), perChannel: random.chance(0.5) };
  return importOnnx(dynamicNetwork({ seed: i, image: i % 2 === 0, ...options }), `dynamic network ${i}`);
}

function network(random: Random, i: number): Graph {
  const sketch = randomQonnx(random, { exact: i % 2 === 0, bits: i % 3 === 0 ? 8 : 4 });
  return importOnnx(writeOnnx(sketch), `network ${i}`);
}

/** All graphs as one, so that one compilation tries them all. */
function sideBySide(graphs: readonly Graph[]): Graph {
  let first = 0;
  const parts = graphs.map(({ tensors, nodes, inputs, outputs }) => {
    const start = first;
    first += tensors.length;
    const at = (id: number) => start + id;
    const moved = nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((id) => (id === null ? null : at(id))),
      outputs: node.outputs.map(at),
    }));
    return { tensors, nodes: moved, inputs: inputs.map(at), outputs: outputs.map(at) };
  });
  return {
    name: 'networks',
    tensors: parts.flatMap(({ tensors }) => tensors),
    nodes: parts.flatMap(({ nodes }) => nodes),
    inputs: parts.flatMap(({ inputs }) => inputs),
    outputs: parts.flatMap(({ outputs }) => outputs),
  };
}

describe('random networks of QONNX, and some of dynamic quantization, have the bytes of the oracle', () => {
  for (const [board, { networks, seed, tools }] of Object.entries(TARGETS)) {
    it(`${networks} on ${board}`, async function () {
      if (tools.some((tool) => missing.has(tool))) this.skip();
      this.timeout(0);
      const random = new Random(seed);
      const graphs = [
        ...Array.from({ length: networks }, (_, i) => network(random, i)),
        ...Array.from({ length: DYNAMIC }, (_, i) => dynamic(random, seed + i)),
      ];
      const graph = optimize(sideBySide(graphs), evaluate);
      const vectors = [1.2, 0.3].map((reach) =>
        graph.inputs.map((id) =>
          Float32Array.from(
            { length: elementCount(graph.tensors[id]!.shape) },
            () => reach * (2 * random.real() - 0.6),
          ),
        ),
      );
      const verdict = await verify(graph, planFor(graph, board, 'qonnx'), { vectors });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }
});
