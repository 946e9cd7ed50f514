import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { layersOf } from '../../src/plan/candidates.js';
import { planChoice } from '../../src/plan/index.js';
import { stepsOf } from '../../src/plan/lower.js';
import type { Plan } from '../../src/plan/plan.js';
import { checkTools, verify } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import {
  type LayerOptions,
  type Linear,
  linearInputs,
  linearLayers,
  nodeOfByte,
  outputBytes,
} from '../support/linear-layers.js';

/** Grids with and without zero, off centre and with wide steps: of 1, 2, 3 and 4 bits. */
const WEIGHTS = [
  [-1, 1],
  [-128, 127],
  [-1, 0, 1],
  [-2, -1, 0, 1],
  [-3, -1, 1, 3],
  [-120, -40, 40, 120],
  [0, 1, 2],
  [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7],
  [-15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 13, 15],
  [-4, -3, -2, -1, 0, 1, 2, 3],
  [-128, -111, -94, -77, -60, -43, -26, -9, 8, 25, 42, 59, 76, 93, 110, 127],
] as const;

/** One, around the blocks of kernels, and sums longer than parts of an accumulator have room for. */
const LAYERS: LayerOptions = { types: ['s8'], channels: [1, 3, 4, 5, 8, 12, 17, 64], inputs: 600 };
const KINDS: readonly Linear[] = ['CONV_2D', 'FULLY_CONNECTED'];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const RUNS = [0, 1, 2];

const MUL = ['w1_lanes_mul', 'w2_lanes_mul', 'w4_lanes_mul'];

/** Boards, and kernels for narrow weights that random layers must reach on them. */
const BOARDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  pico: { CONV_2D: MUL, FULLY_CONNECTED: MUL },
  'mps2-an385': { CONV_2D: MUL, FULLY_CONNECTED: MUL },
  'mps2-an386': {
    CONV_2D: ['w1_lanes_simd32', 'w2_lanes_simd32', 'w4_lanes_simd32'],
    FULLY_CONNECTED: ['s8_w1_lanes', 'point_s8_w2', 'point_s8_w4'],
  },
  'mps3-an547': {
    CONV_2D: ['w2_lanes_mve_gathered', 'w4_lanes_mve_gathered'],
    FULLY_CONNECTED: ['w2_lanes_mve_pixels', 'w4_lanes_mve_pixels'],
  },
};
/** Whose kernels have a form in portable C. */
const PORTABLE: readonly string[] = ['pico', 'mps2-an386'];

const missing = checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool));

/** Kernels for narrow weights wherever they compute the layer. */
function planFor(graph: Graph, board: string): Plan {
  const layers = layersOf(graph, loadBoard(board));
  const choice = layers.map(
    ({ candidates }) => candidates.find(({ kernel }) => kernel.id.includes('_lanes_')) ?? candidates[0]!,
  );
  const options = { prefix: 'lanes', modelHash: '', optimize: 'speed' } as const;
  return planChoice(graph, loadBoard(board), stepsOf(layers, choice), options);
}

function assertReached(plan: Plan, techniques: readonly string[]): void {
  const kernels = plan.functions.map(({ call }) => call.kernel);
  assert.deepEqual(
    techniques.filter((technique) => !kernels.some((id) => id.includes(technique))),
    [],
  );
}

describe('sums of products with narrow weights equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  function assertHostC(graph: Graph, plan: Plan): void {
    const inputs = RUNS.map((run) => linearInputs(graph, run));
    const program = buildHostProgram(plan, folders, SANITIZERS);
    const bytes = inputs.map((tensors) => Buffer.concat(tensors.map(toBytes)));
    runHostProgram(program, plan, bytes).forEach((actual, run) => {
      const expected = outputBytes(graph, evaluate(graph, inputs[run]!));
      const at = expected.findIndex((byte, i) => byte !== actual[i]);
      assert.equal(at, -1, `${at < 0 ? '' : nodeOfByte(graph, at)} differs`);
    });
  }

  for (const [board, techniques] of Object.entries(BOARDS)) {
    for (const kind of KINDS) {
      if (PORTABLE.includes(board))
        it(`${kind} in C as planned for ${board}`, function () {
          if (findTool('gcc') === null) this.skip();
          this.timeout(120_000);
          const graph = linearLayers(kind, 41, 10, { ...LAYERS, weights: WEIGHTS });
          assertHostC(graph, planFor(graph, board));
        });

      it(`${kind} in firmware of ${board}`, async function () {
        if (missing) this.skip();
        this.timeout(120_000);
        const graph = linearLayers(kind, 44, 40, { ...LAYERS, weights: WEIGHTS });
        const plan = planFor(graph, board);
        assertReached(plan, techniques[kind]!);
        const verdict = await verify(graph, plan, { vectors: RUNS.map((run) => linearInputs(graph, run)) });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      });
    }
  }
});
