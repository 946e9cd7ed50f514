import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadBoard } from '../../boards/index.js';
import type { TfliteModel } from '../../src/export/tflite/model.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { withInputSize } from '../../src/graph/with-input-size.js';
import { changesToFit, load, type Model, plan } from '../../src/index.js';
import { checkFit } from '../../src/plan/fit.js';
import { roomShort } from '../../src/plan/stages/plan-staged.js';
import type { Change } from '../../src/plan/what-if/changes.js';
import { withWeights } from '../../src/plan/what-if/coarser-weights.js';
import { misfitError } from '../../src/report/changes-text.js';
import { bitloom, DIGITS, Workspace } from '../support/cli.js';
import { activation, singleOperator, weights } from '../support/tflite.js';

const BOARD = 'nucleo-f446re';
const codes = (count: number) => Int8Array.from({ length: count }, (_, i) => ((37 * i) % 255) - 127);

/** An image of 320,000 bytes between input and output: more than the board's RAM. */
const IMAGE = singleOperator(
  'CONV_2D',
  [activation([1, 200, 200, 3]), weights([8, 3, 3, 3], { data: codes(216) })],
  [activation([1, 200, 200, 8])],
  { stride_w: 1, stride_h: 1, dilation_w_factor: 1, dilation_h_factor: 1 },
);
/** An input of 480,000 bytes, of which a small output is made. */
const CAMERA = singleOperator(
  'CONV_2D',
  [activation([1, 400, 400, 3]), weights([8, 3, 3, 3], { data: codes(216) })],
  [activation([1, 50, 50, 8])],
  { stride_w: 8, stride_h: 8, dilation_w_factor: 1, dilation_h_factor: 1 },
);
/** A megabyte of weights: twice the board's flash. */
const DENSE = singleOperator(
  'FULLY_CONNECTED',
  [activation([1, 1024]), weights([1024, 1024], { data: codes(1 << 20) })],
  [activation([1, 1024])],
);

const modelOf = (model: TfliteModel): Model => load(writeTflite(model), 'model.tflite');

/** Whether a change does what it says, planned anew. */
function isTrue(model: Model, board: string, change: Change): boolean {
  const { bytes: has, name } = loadBoard(board).regions.find(({ kind }) => kind === 'flash')!;
  switch (change.kind) {
    case 'board':
      return checkFit(plan(model, change.board)).fits;
    case 'feed': {
      const fed = plan(model, board, { feed: 'rows' });
      return roomShort(fed) === 0 && fed.arena.bytes === change.bytes;
    }
    case 'input': {
      const [, height = 0, width = 0] = change.shape;
      const graph = withInputSize(model.graph, height, width);
      return graph !== null && roomShort(plan({ ...model, graph }, board)) === 0;
    }
    case 'weights': {
      const coarser = plan({ ...model, graph: withWeights(model.graph, change.format) }, board);
      const used = checkFit(coarser).uses.find(({ region }) => region.name === name)!.bytes;
      return used === change.bytes && used <= has === change.fits;
    }
  }
}

describe('what would make a model fit', function () {
  this.timeout(60_000);

  it('is nothing where it fits', () => {
    const digits = load(readFileSync(DIGITS), 'digits.tflite');
    assert.deepEqual(changesToFit(digits, plan(digits, BOARD)), []);
  });

  it('is a board with more RAM, or a smaller image: the largest that fits', () => {
    const model = modelOf(IMAGE);
    const changes = changesToFit(model, plan(model, BOARD));
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['board', 'board', 'input'],
    );
    for (const change of changes) assert.ok(isTrue(model, BOARD, change), JSON.stringify(change));
    const [, , input] = changes as [Change, Change, Change & { kind: 'input' }];
    const [, rows = 0, columns = 0] = input.shape;
    const larger = { ...input, shape: [1, rows + 16, columns + 16, 3] };
    assert.ok(!isTrue(model, BOARD, larger));
  });

  it('is the input by rows, where all of it is what RAM has no room for', () => {
    const model = modelOf(CAMERA);
    const changes = changesToFit(model, plan(model, BOARD));
    const [fed, ...others] = changes.filter(({ kind }) => kind === 'feed');
    assert.deepEqual(others, []);
    assert.ok(isTrue(model, BOARD, fed!), JSON.stringify(fed));
    const error = misfitError(plan(model, BOARD), checkFit(plan(model, BOARD)), [fed!]);
    assert.match(error.message, /Nearest changes: with --feed rows its arena has [\d,]+ bytes, which fit$/);
  });

  it('is narrower weights, where flash is short', () => {
    const model = modelOf(DENSE);
    const changes = changesToFit(model, plan(model, BOARD));
    const narrower = changes.filter(({ kind }) => kind === 'weights') as (Change & { kind: 'weights' })[];
    assert.deepEqual(
      narrower.map(({ format, fits }) => [format, fits]),
      [
        ['int4', false],
        ['ternary', true],
      ],
    );
    for (const change of changes) assert.ok(isTrue(model, BOARD, change), JSON.stringify(change));
  });

  it('says so where a size is an estimate, as shapes are tied to the one that the input has', () => {
    const digits = load(readFileSync(DIGITS), 'digits.tflite');
    assert.equal(withInputSize(digits.graph, 20, 20), null);
    const board = loadBoard(BOARD);
    const regions = board.regions.map((r) => (r.kind === 'ram' ? { ...r, bytes: 3000 } : r));
    const small = { ...board, regions };
    const input = changesToFit(digits, plan(digits, small)).find(({ kind }) => kind === 'input');
    assert.equal((input as Change & { kind: 'input' }).estimated, true);
  });
});

describe('a model that does not fit', function () {
  this.timeout(60_000);
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('is an error of plan and build, which says by how much and what would', async () => {
    const path = workspace.model('image.tflite', IMAGE);
    const folder = workspace.path('out');
    const asked = [['plan'], ['build', '-o', folder]];
    for (const [command = '', ...more] of asked) {
      const { exitCode, stderr } = await bitloom(command, path, '--board', BOARD, ...more);
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /^error BL302 does not fit the board: image .* bytes short of RAM .*\. Nearest changes: it fits \S+; it fits \S+; with an input of 1x\d+x\d+x3 its arena fits\n$/,
      );
      const json = await bitloom(command, path, '--board', BOARD, ...more, '--json');
      const { changes } = JSON.parse(json.stdout);
      assert.deepEqual(
        changes.map(({ kind }: Change) => kind),
        ['board', 'board', 'input'],
      );
    }
  });
});
