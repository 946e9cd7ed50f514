import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '../../src/graph/graph.js';
import type { Plan } from '../../src/plan/plan.js';
import { selfTestOf } from '../../src/verify/cases.js';
import { checkTools, type InputVector } from '../../src/verify/index.js';
import type { Observation } from '../../src/verify/job.js';
import { runInQemu } from '../../src/verify/qemu.js';
import { imageNetwork } from '../support/image-networks.js';
import { planBy, SCHEDULES } from '../support/schedules.js';
import { planStaged } from '../support/staged.js';

const BOARD = 'mps2-an386';
const NETWORKS = 5;

const missing = new Set(checkTools().flatMap(({ tool, found }) => (found ? [] : [tool])));

async function observe(graph: Graph, plan: Plan, inputs: readonly InputVector[]): Promise<Observation> {
  const folder = mkdtempSync(join(tmpdir(), 'bitloom-arena-'));
  try {
    const selfTest = selfTestOf(graph, plan, inputs);
    return await runInQemu({ plan, selfTest, trace: true, compiler: {}, folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the arena in Cortex-M4 firmware', () => {
  before(function () {
    if (!missing.has('arm-none-eabi-gcc') && !missing.has('qemu-system-arm')) return;
    console.log('      skipped: arenas on Cortex-M4 need arm-none-eabi-gcc and qemu-system-arm');
    this.skip();
  });

  for (const schedule of SCHEDULES) {
    it(`is written up to its planned end, and memory beside it is not: ${schedule}`, async function () {
      this.timeout(300_000);
      let found = 0;
      for (let seed = 1; found < NETWORKS; seed++) {
        const { graph, inputs } = imageNetwork(seed);
        const plan = planBy(schedule, graph, BOARD, seed);
        if (!plan) continue;
        found++;
        const seen = await observe(graph, plan, inputs);
        assert.ok(
          seen.runs.every(({ equal }) => equal),
          `network ${seed}`,
        );
        const { touched, guarded } = seen.arena!;
        assert.ok(guarded, `network ${seed}`);
        // What lies last may end within its last word.
        assert.equal(Math.ceil(touched / 4) * 4, plan.arena.bytes, `network ${seed}`);
      }
    });
  }

  it('is told to be too small where a plan is wrong', async () => {
    const { graph, inputs } = imageNetwork(1);
    const plan = planStaged(graph, BOARD, 1);
    const small = { ...plan, arena: { ...plan.arena, bytes: plan.arena.bytes - 8 } };
    assert.equal((await observe(graph, small, inputs)).arena!.guarded, false);
  }).timeout(300_000);
});
