import assert from 'node:assert/strict';
import { loadBoard } from '../../../boards/index.js';
import { emitC } from '../../../codegen/c/index.js';
import { emitKit, KITS, kitFor } from '../../../codegen/c/kits/index.js';
import { selfTestOf, testVector } from '../../../src/verify/index.js';
import { planFor, text } from '../../support/artifacts.js';
import { twoLayers } from '../../support/small-models.js';

const BOARDS = ['nucleo-f446re', 'pico', 'microbit-v2', 'android-arm64-v8a', 'host'];

function project(id: string, board: string) {
  const graph = twoLayers();
  const plan = planFor(graph, board, 'two');
  const selfTest = selfTestOf(graph, plan, [testVector(graph, 0)]);
  return emitKit(kitFor(plan.board, id), plan, emitC(plan), selfTest);
}

describe('kits', () => {
  it('are bare for a board unless another is asked for', () => {
    assert.equal(kitFor(loadBoard('pico')).id, 'bare');
  });

  it('of a board are named where one is asked for that is not', () => {
    assert.throws(
      () => kitFor(loadBoard('web'), 'bare'),
      /BL308 .*kit 'bare' is not for web\. web has one form only/,
    );
    assert.throws(() => kitFor(loadBoard('pico'), 'none'), /BL308 .*no kit 'none'\. Kits for pico: bare/);
  });

  for (const { id, fits } of KITS) {
    for (const board of BOARDS.filter((one) => fits(loadBoard(one)))) {
      it(`${id} for ${board} has a licence in each file that can have comments, and no path of this machine`, () => {
        const artifact = project(id, board);
        for (const path of artifact.keys()) {
          const content = text(artifact, path);
          if (
            !/\.(md|json|json\.in|bin|properties|txt|xml|pdsc|h\.in)$/.test(path) ||
            path.endsWith('CMakeLists.txt')
          )
            assert.match(content, /SPDX-License-Identifier: Apache-2\.0/, path);
          assert.doesNotMatch(content, /\/work\/|\/tmp\//, path);
        }
      });

      it(`${id} for ${board} has self-test, example and README`, () => {
        const paths = [...project(id, board).keys()].join('\n');
        // Of apps both are written in the app's language.
        const programs =
          id === 'react-native'
            ? [/\bselftest\.ts$/m, /\bApp\.tsx$/m]
            : [/\bselftest_vectors\.c$/m, /\bexample\.c$/m, /\binput\.bin$/m];
        for (const name of [...programs, /^README\.md$/m]) assert.match(paths, name);
      });
    }
  }
});
