import assert from 'node:assert/strict';
import type { VectorFeatures } from '../../codegen/wasm/check.js';
import { checkGraph } from '../../src/graph/check.js';
import { tensorAt } from '../../src/graph/graph.js';
import type { OpKind } from '../../src/graph/ops.js';
import { byteLength, toBytes } from '../../src/graph/tensor.js';
import type { Plan } from '../../src/plan/plan.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders } from '../support/artifacts.js';
import { type HostJob, runOnHost } from '../support/host-batch.js';
import { type ImageNetwork, imageNetwork, outputBytes } from '../support/image-networks.js';
import { Random } from '../support/random/random.js';
import { passesOf, planBy, SCHEDULES, type ScheduleName } from '../support/schedules.js';
import { loadBatch, runsRelaxed } from '../support/wasm-batch.js';

const NETWORKS = 200;
const CHUNK = 20;
const BOARDS = ['pico', 'nucleo-f446re', 'host'] as const;
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Networks that have each schedule, of those below, at least. */
const LEAST: Readonly<Record<ScheduleName, number>> = {
  stages: 180,
  strips: 120,
  patches: 120,
  rows: 100,
  'rows by strips': 70,
};

/** What layers of stages are, at least. */
const KINDS: readonly OpKind[] = [
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'TRANSPOSE_CONV',
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
  'RESIZE_NEAREST_NEIGHBOR',
  'RESIZE_BILINEAR',
  'PAD',
  'STRIDED_SLICE',
  'CONCATENATION',
  'ADD',
  'SUB',
  'MUL',
  'MAXIMUM',
  'PRELU',
  'TABLE',
  'MEAN',
];

interface Scheduled extends ImageNetwork {
  readonly schedule: ScheduleName;
  readonly plan: Plan;
}

function scheduled(seeds: readonly number[], boardOf: (seed: number) => string): Scheduled[] {
  return seeds.map(imageNetwork).flatMap((network) =>
    SCHEDULES.flatMap((schedule) => {
      const plan = planBy(schedule, network.graph, boardOf(network.seed), network.seed);
      return plan ? [{ ...network, schedule, plan }] : [];
    }),
  );
}

function describeRun({ seed, schedule, plan }: Scheduled): string {
  const stages = plan.stages.map(({ first, last, rows }) => {
    return `${plan.steps[first]!.name} to ${plan.steps[last]!.name} by ${rows}`;
  });
  return `network ${seed} by ${schedule}: ${stages.join(', ')}`;
}

/** What memory beside an arena must show after runs. */
function assertGuarded(it: Scheduled, runs: readonly { readonly guarded: boolean }[]): void {
  const isWhole = runs.every(({ guarded }) => guarded);
  assert.ok(isWhole, `${describeRun(it)}: memory beside the arena`);
}

/** What an arena must show after runs over two patterns: what lies last may end within its last word. */
function assertFilled(it: Scheduled, runs: readonly { readonly touched: number }[]): void {
  const touched = Math.max(...runs.map((run) => run.touched));
  assert.equal(Math.ceil(touched / 4) * 4, it.plan.arena.bytes, `${describeRun(it)}: bytes of the arena`);
}

/** The first image but for its last row, which is given up, and all passes of the second one, in pieces of random height. */
function pushes({ seed, graph, inputs, plan }: Scheduled, image: number): Uint8Array {
  const random = new Random(seed);
  const input = tensorAt(graph, graph.inputs[0]);
  const height = input.shape[1]!;
  const rowBytes = byteLength(input) / height;
  const pieces = (bytes: Uint8Array, rows: number) => {
    const found: Uint8Array[] = [];
    for (let at = 0; at < rows; ) {
      const count = Math.min(rows - at, random.integer(1, 5));
      found.push(Uint8Array.of(count), bytes.subarray(at * rowBytes, (at + count) * rowBytes));
      at += count;
    }
    return found;
  };
  const [other, own] = [1 - image, image].map((i) => toBytes(inputs[i]![0]!));
  const complete = Array.from({ length: passesOf(plan) }, () => pieces(own!, height)).flat();
  return Buffer.concat([...pieces(other!, height - 1), Uint8Array.of(0), ...complete]);
}

async function assertRuns(all: readonly Scheduled[], vectors: VectorFeatures): Promise<void> {
  const models = await loadBatch(
    all.map(({ plan }) => plan),
    vectors,
  );
  for (const [i, it] of all.entries()) {
    const runs = it.inputs.map((input, run) =>
      it.plan.feed
        ? models[i]!.push(toBytes(it.inputs[1 - run]![0]!), toBytes(input[0]!))
        : models[i]!.run(input.map(toBytes)),
    );
    for (const [run, { output }] of runs.entries())
      assert.deepEqual(output, it.outputs[run], describeRun(it));
    // Scratch memory of vector kernels may end in what they only read.
    assertGuarded(it, runs);
  }
}

describe('every schedule of random branching networks gives the bytes of whole layers, and writes the arena as planned', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const seeds = Array.from({ length: NETWORKS }, (_, i) => i + 1);
  const chunks = Array.from({ length: NETWORKS / CHUNK }, (_, i) => seeds.slice(i * CHUNK, (i + 1) * CHUNK));
  const seen = new Map<ScheduleName, number>();
  const kinds = new Set<OpKind>();

  for (const [index, chunk] of chunks.entries()) {
    let all: readonly Scheduled[] = [];
    const which = `networks ${chunk[0]} to ${chunk.at(-1)}`;

    it(`${which}, in C${index === 0 ? ' under sanitizers' : ''}`, function () {
      if (findTool('gcc') === null) this.skip();
      this.timeout(600_000);
      all = scheduled(chunk, (seed) => BOARDS[seed % BOARDS.length]!);
      for (const { schedule, plan } of all) {
        seen.set(schedule, (seen.get(schedule) ?? 0) + 1);
        for (const { first, last } of plan.stages)
          for (const { node } of plan.steps.slice(first, last + 1)) kinds.add(node.kind);
      }
      const jobs = all.flatMap((it, model) =>
        ([0, 1] as const).map((paint): HostJob => {
          const input = it.plan.feed ? pushes(it, paint) : Buffer.concat(it.inputs[paint]!.map(toBytes));
          return { model, paint, input };
        }),
      );
      const plans = all.map(({ plan }) => plan);
      const runs = runOnHost(plans, jobs, folders, index === 0 ? SANITIZERS : []);
      for (const [model, it] of all.entries()) {
        const own = runs.slice(2 * model, 2 * model + 2);
        for (const [i, { output }] of own.entries()) assert.deepEqual(output, it.outputs[i], describeRun(it));
        assertGuarded(it, own);
        assertFilled(it, own);
      }
    });

    it(`${which}, in the oracle, where they are cut into tiles`, () => {
      for (const it of all.filter(({ plan }) => plan.tiles.length > 0)) {
        checkGraph(it.plan.graph);
        assert.deepEqual(outputBytes(it.plan.graph, it.inputs[0]!), it.outputs[0], describeRun(it));
      }
      all = [];
    });

    it(`${which}, in WASM`, async function () {
      this.timeout(600_000);
      const all = scheduled(chunk, () => 'web');
      const relaxed: Scheduled[] = [];
      for (const it of all) if (await runsRelaxed(it.plan)) relaxed.push(it);
      await assertRuns(all, 'simd');
      if (relaxed.length > 0) await assertRuns(relaxed, 'relaxed');
    });
  }

  it('one of every other chunk, in WASM without SIMD', async function () {
    this.timeout(600_000);
    const some = chunks.filter((_, i) => i % 2 === 0).map((chunk, i) => chunk[i]!);
    await assertRuns(
      scheduled(some, () => 'web-scalar'),
      'none',
    );
  });

  it('are enough of each schedule, and have each kind of operator in stages', function () {
    if (findTool('gcc') === null) this.skip();
    for (const schedule of SCHEDULES) assert.ok((seen.get(schedule) ?? 0) >= LEAST[schedule], schedule);
    assert.deepEqual(
      KINDS.filter((kind) => !kinds.has(kind)),
      [],
    );
  });
});
