import assert from 'node:assert/strict';
import { loadBoard } from '../../../boards/index.js';
import { planModel } from '../../../src/plan/index.js';
import type { Plan } from '../../../src/plan/plan.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders } from '../../support/artifacts.js';
import { goldenModels, sharedGraph } from '../../support/golden.js';
import { buildHostProgram, runHostProgram } from '../../support/host-c.js';
import { loadAll, runWasm } from '../../support/node-wasm.js';
import { needsShared } from '../../support/shared.js';

/** Least arenas for so much more time: a spread of the schedules that a search can take. */
const OVERHEADS = [0.01, 0.03, 0.1, 0.3, 1];

/** Of the largest, whose search takes seconds. */
const FEW = [0.03, 0.3];
const LARGE = 'mobilenet_v2_1.0_224';

/** No two layers of theirs run by rows. */
const UNSTAGED = ['ad', 'sww', 'micro_speech_quantized', 'hello_world_int8'];

describe('schedules of real models give the recorded bytes', () => {
  const folders = new Folders();
  after(() => folders.remove());
  if (!needsShared('schedules of real models')) return;

  /** Those plans that differ: arenas shrink with what they may cost. */
  function schedulesOf(name: string, board: string): Plan[] {
    const graph = sharedGraph(name);
    const names = { prefix: 'staged', modelHash: '0'.repeat(64) };
    const plans = (name === LARGE ? FEW : OVERHEADS).map((minRam) =>
      planModel(graph, loadBoard(board), { ...names, minRam }),
    );
    const isNew = (plan: Plan, i: number) => plan.arena.bytes !== plans[i - 1]?.arena.bytes;
    return plans.filter((plan, i) => plan.stages.length > 0 && isNew(plan, i));
  }

  for (const { name, cases } of goldenModels().filter(({ name }) => !UNSTAGED.includes(name))) {
    for (const board of ['pico', 'nucleo-f446re']) {
      it(`${name} by the kernels of ${board}, in C`, function () {
        if (findTool('gcc') === null) this.skip();
        this.timeout(600_000);
        for (const plan of schedulesOf(name, board)) {
          const program = buildHostProgram(plan, folders);
          const some = cases.slice(0, 2);
          const outputs = runHostProgram(
            program,
            plan,
            some.map(({ input }) => input),
          );
          for (const [i, output] of outputs.entries())
            assert.deepEqual(output, Buffer.from(some[i]!.output), `arena of ${plan.arena.bytes} bytes`);
        }
      });
    }

    it(`${name} in WASM`, async function () {
      this.timeout(600_000);
      for (const plan of schedulesOf(name, 'web')) {
        for (const model of await loadAll(plan, folders))
          assert.deepEqual(
            Buffer.from(runWasm(model, [cases[0]!.input])),
            Buffer.from(cases[0]!.output),
            `arena of ${plan.arena.bytes} bytes`,
          );
      }
    });
  }
});
