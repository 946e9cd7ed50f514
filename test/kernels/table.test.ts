import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boardIds, loadBoard } from '../../boards/index.js';
import { KERNELS } from '../../src/kernels/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { PACKAGE_ROOT } from '../../src/package/root.js';
import { optimize } from '../../src/passes/index.js';
import { planModel } from '../../src/plan/index.js';
import { activationTypes, RANDOM_OPERATORS, singleOperatorModel } from '../support/random-model.js';
import { imported } from '../support/tflite.js';

/** Whether a row's source is there in a back end's language. */
function hasSource(backend: 'c' | 'wasm', source: string): boolean {
  const path = backend === 'c' ? `codegen/c/kernels/${source}.h` : `assembly/${source}.ts`;
  return existsSync(join(PACKAGE_ROOT, path));
}

describe('kernel table', () => {
  it('has a source for every row', () => {
    const missing = KERNELS.filter(({ source }) => !hasSource('c', source) && !hasSource('wasm', source));
    assert.deepEqual(missing, []);
  });

  it('names each row once', () => {
    const ids = KERNELS.map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted());
  });

  const graphs = RANDOM_OPERATORS.flatMap((operator) =>
    activationTypes(operator).flatMap((type) =>
      [1, 2].map((seed) => imported(singleOperatorModel(operator, { seed, type }))),
    ),
  );

  for (const board of boardIds().map(loadBoard))
    it(`has a row with a source in the right language for every operator on ${board.id}`, () => {
      for (const graph of graphs)
        for (const candidate of [graph, optimize(graph, evaluate)])
          for (const { call, source } of planModel(candidate, board, { prefix: 'm', modelHash: '' })
            .functions)
            assert.ok(hasSource(board.target.backend, source), `${call.kernel} has no ${source}`);
    });
});
