import assert from 'node:assert/strict';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor } from '../support/artifacts.js';
import { COMPILED_BY_ALL, goldenModels, inputsFrom, sharedGraph } from '../support/golden.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { loadAll, runWasm } from '../support/node-wasm.js';
import { needsShared } from '../support/shared.js';

/** Commands and levels of optimisation. */
const COMPILERS = ['gcc', 'clang'].flatMap((cc) => ['-O2', '-Os'].map((level) => [cc, level] as const));

describe('generated code gives the bytes of TFLite Micro', () => {
  if (!needsShared('recorded runs', 'models/golden/manifest.json')) return;
  const folders = new Folders();
  after(() => folders.remove());

  for (const { name, cases } of goldenModels()) {
    const graph = () => optimize(sharedGraph(name), evaluate);

    for (const [cc, level] of COMPILED_BY_ALL.includes(name) ? COMPILERS : COMPILERS.slice(0, 1))
      it(`${name} in C by ${cc} ${level}: ${cases.length} recorded runs`, function () {
        if (findTool(cc) === null) {
          console.log(`      skipped: recorded runs of ${name} by ${cc}, which is missing`);
          this.skip();
        }
        const plan = planFor(graph(), 'host', 'model');
        const program = buildHostProgram(plan, folders, [level], cc);
        const outputs = runHostProgram(
          program,
          plan,
          cases.map(({ input }) => input),
        );
        cases.forEach(({ source, output }, i) => {
          assert.deepEqual(outputs[i], Buffer.from(output), source);
        });
      });

    it(`${name} in WASM: ${cases.length} recorded runs`, async () => {
      const plan = planFor(graph(), 'web', 'model');
      for (const model of await loadAll(plan, folders)) {
        for (const { source, input, output } of cases) {
          const inputs = inputsFrom(plan.graph, input).map(toBytes);
          assert.deepEqual(runWasm(model, inputs), Buffer.from(output), source);
        }
      }
    });
  }
});
