import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { checkTools, verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import {
  type LayerOptions,
  type Linear,
  linearInputs,
  linearLayers,
  nodeOfByte,
  outputBytes,
} from '../support/linear-layers.js';

/** Grids with and without zero, off centre, with wide steps, and codebooks, by the bits that a code takes. */
const WEIGHTS = {
  1: [
    [-1, 1],
    [0, 1],
    [-128, 127],
    [5, 7],
  ],
  2: [
    [-1, 0, 1],
    [-2, -1, 0, 1],
    [-3, -1, 1, 3],
    [-120, -40, 40, 120],
    [0, 1, 2],
  ],
  4: [
    [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7],
    [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7],
    [-15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 13, 15],
    [-4, -3, -2, -1, 0, 1, 2, 3],
    [-128, -111, -94, -77, -60, -43, -26, -9, 8, 25, 42, 59, 76, 93, 110, 127],
  ],
} as const;

/** One, around the blocks of kernels, and sums longer than parts of an accumulator have room for. */
const LAYERS: LayerOptions = { types: ['s8'], channels: [1, 3, 4, 5, 8, 12, 17, 64], inputs: 600 };
const KINDS: readonly Linear[] = ['CONV_2D', 'FULLY_CONNECTED'];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const RUNS = [0, 1, 2];

/** Boards, and what their kernels for narrow weights are named after. */
const BOARDS = [{ board: 'mps2-an386', technique: 'lanes_simd32' }] as const;

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

function assertReached(plan: ReturnType<typeof planFor>, technique: string): void {
  const kernels = plan.functions.map(({ call }) => call.kernel);
  assert.ok(
    kernels.some((id) => id.includes(technique)),
    `${kernels} has ${technique}`,
  );
}

describe('sums of products with narrow weights equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  function assertHostC(graph: Graph, plan: ReturnType<typeof planFor>): void {
    const inputs = RUNS.map((run) => linearInputs(graph, run));
    const program = buildHostProgram(plan, folders, SANITIZERS);
    const bytes = inputs.map((tensors) => Buffer.concat(tensors.map(toBytes)));
    runHostProgram(program, plan, bytes).forEach((actual, run) => {
      const expected = outputBytes(graph, evaluate(graph, inputs[run]!));
      const at = expected.findIndex((byte, i) => byte !== actual[i]);
      assert.equal(at, -1, `${at < 0 ? '' : nodeOfByte(graph, at)} differs`);
    });
  }

  for (const { board, technique } of BOARDS) {
    for (const [bits, weights] of Object.entries(WEIGHTS)) {
      for (const kind of KINDS) {
        const graph = () => linearLayers(kind, 40 + Number(bits), 24, { ...LAYERS, weights });
        it(`${kind} with ${bits} bits a weight in C as planned for ${board}`, function () {
          if (findTool('gcc') === null) this.skip();
          this.timeout(60_000);
          const layers = graph();
          const plan = planFor(layers, board, 'lanes');
          assertReached(plan, technique);
          assertHostC(layers, plan);
        });

        it(`${kind} with ${bits} bits a weight in firmware of ${board}`, async function () {
          if (missing) this.skip();
          this.timeout(120_000);
          const layers = graph();
          const verdict = await verify(layers, planFor(layers, board, 'lanes'), {
            vectors: RUNS.map((run) => linearInputs(layers, run)),
          });
          assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
        });
      }
    }
  }
});
