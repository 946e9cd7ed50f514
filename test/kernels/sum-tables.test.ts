import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor, toBytes } from '../../src/graph/tensor.js';
import type { FilterRows } from '../../src/kernels/weights/linear.js';
import { fewValues, flushInterval, packTableBytes } from '../../src/kernels/weights/sum-tables.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { verify } from '../../src/verify/index.js';
import { checkTools, findTool } from '../../src/verify/tools.js';
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
import { planBy } from '../support/plan-by.js';

const RUNS = [0, 1, 2];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Grids of two and three values: with and without zero, scaled, and one-sided. */
const WEIGHTS = [[-1, 0, 1], [-1, 1], [-7, 0, 7], [-127, 127], [0, 1], [-3, 4], [2, 3, 4], [-128, 0], [5]];

/** Enough inputs that sums of all ones leave 16 bits. */
const MANY = 700;

interface Case {
  readonly kind: Linear;
  readonly seed: number;
  readonly layers: number;
  readonly options: LayerOptions;
}

const CASES: readonly Case[] = [
  { kind: 'CONV_2D', seed: 1, layers: 18, options: {} },
  { kind: 'CONV_2D', seed: 2, layers: 6, options: { channels: [40, 67, 72] } },
  { kind: 'DEPTHWISE_CONV_2D', seed: 3, layers: 12, options: { channels: [1] } },
  { kind: 'FULLY_CONNECTED', seed: 4, layers: 18, options: { inputs: MANY } },
];

const graphOf = ({ kind, seed, layers, options }: Case): Graph =>
  linearLayers(kind, seed, layers, { types: ['s8'], weights: WEIGHTS, ...options });

/** All layers whose values the rows take, in turn by all of them. */
function planOf(graph: Graph, board: string): Plan {
  const plan = planBy(graph, board, /_tables/);
  const reached = plan.steps.filter(({ call }) => /_tables/.test(call.kernel));
  assert.ok(reached.length > 0);
  return plan;
}

describe('tables of sums of activations equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const one of CASES) {
    const name = `${one.kind} ${one.seed}`;
    for (const board of ['pico', 'mps2-an386']) {
      it(`${name} in C as planned for ${board}`, function () {
        if (findTool('gcc') === null) this.skip();
        const graph = graphOf(one);
        const plan = planOf(graph, board);
        const inputs = RUNS.map((run) => linearInputs(graph, run));
        const program = buildHostProgram(plan, folders, SANITIZERS);
        const bytes = inputs.map((tensors) => Buffer.concat(tensors.map(toBytes)));
        const runs = runHostProgram(program, plan, bytes);
        for (const run of RUNS) {
          const expected = outputBytes(graph, evaluate(graph, inputs[run]!));
          const at = expected.findIndex((byte, i) => byte !== runs[run]![i]);
          assert.equal(at, -1, `${nodeOfByte(graph, at)} differs`);
        }
      });
    }
  }

  for (const one of [CASES[0]!, CASES[3]!]) {
    for (const board of ['pico', 'mps2-an385', 'mps2-an386']) {
      it(`${one.kind} ${one.seed} in assembly on ${board}`, async function () {
        if (checkTools().some(({ tool, found }) => !found && /arm-none-eabi-gcc|qemu|make/.test(tool)))
          this.skip();
        this.timeout(120_000);
        const graph = graphOf(one);
        const vectors = RUNS.slice(0, 2).map((run) => linearInputs(graph, run));
        const verdict = await verify(graph, planOf(graph, board), { vectors });
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      });
    }
  }
});

describe('bytes that select sums', () => {
  const filterOf = (data: Int8Array, zero = 0) => ({
    name: 'w',
    shape: [1, data.length],
    format: perTensor('int8', 1, zero),
    data,
    state: false,
  });
  const rowsOf = (channels: number, count: number): FilterRows => ({
    channels,
    count,
    step: 1,
    start: (c) => c * count,
  });

  it('reads values in units, seen from the zero point', () => {
    const values = (...data: number[]) => fewValues(filterOf(Int8Array.from(data)));
    assert.deepEqual(values(0, -7, 7), { levels: 3, unit: 7, first: -1, step: 1 });
    assert.deepEqual(values(127, -127), { levels: 2, unit: 127, first: -1, step: 2 });
    assert.deepEqual(values(-3, 4), { levels: 2, unit: 1, first: -3, step: 7 });
    assert.deepEqual(values(5, 5), { levels: 2, unit: 1, first: 5, step: 1 });
    assert.deepEqual(fewValues(filterOf(Int8Array.of(5, 7), 6)), { levels: 2, unit: 1, first: -1, step: 2 });
    assert.equal(values(0, 1, 3), null);
    assert.equal(values(0, 1, 2, 3), null);
  });

  it('packs five trits a byte, the first lowest, and blocks of groups channel by channel', () => {
    const data = Int8Array.of(-1, 0, 1, 1, 1, 1, 1, /* next channel */ 0, 0, 0, 0, 0, -1, 0);
    const filter = filterOf(data);
    const bytes = (...blocks: number[]) => [
      ...packTableBytes(filter, 0, rowsOf(2, 7), fewValues(filter)!, { levels: 3, group: 5 }, blocks),
    ];
    const [a, b, c, d] = [0 + 3 + 2 * 9 + 2 * 27 + 2 * 81, 2 + 2 * 3, 1 + 3 + 9 + 27 + 81, 0 + 3];
    assert.deepEqual(bytes(2), [a, b, c, d]);
    assert.deepEqual(bytes(1, 1), [a, c, b, d]);
  });

  it('leaves 16 bits where some inputs could exceed them, and no sooner', () => {
    const interval = (count: number, value = 1) => {
      const filter = filterOf(new Int8Array(count).fill(value));
      return flushInterval(filter, rowsOf(1, count), { levels: 2, unit: 1, first: value, step: 1 }, 8);
    };
    // 256 weights of 1 reach -32768, 256 of -1 reach 32768.
    assert.equal(interval(256), 0);
    assert.equal(interval(257), 32);
    assert.equal(interval(256, -1), 31);
    assert.equal(interval(8, 100), null);
  });
});
