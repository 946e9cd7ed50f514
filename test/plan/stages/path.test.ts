import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fastestPath, leastLimit, type Piece } from '../../../src/plan/stages/path.js';

const LAYERS = 5;

const pieces = fc
  .array(
    fc.record({
      first: fc.integer({ min: 0, max: LAYERS - 1 }),
      length: fc.integer({ min: 1, max: 3 }),
      time: fc.integer({ min: 1, max: 9 }),
      room: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: 14 },
  )
  .map((drafts) =>
    drafts.map(
      ({ first, length, time, room }): Piece => ({
        first,
        last: Math.min(LAYERS, first + length) - 1,
        time,
        room,
      }),
    ),
  );

/** Every path, by trying them all. */
function paths(all: readonly Piece[], from = 0): Piece[][] {
  if (from === LAYERS) return [[]];
  return all
    .filter(({ first }) => first === from)
    .flatMap((piece) => paths(all, piece.last + 1).map((rest) => [piece, ...rest]));
}

const timeOf = (path: readonly Piece[]) => path.reduce((sum, { time }) => sum + time, 0);
const roomOf = (path: readonly Piece[]) => Math.max(...path.map(({ room }) => room));

describe('paths through layers', () => {
  it('the fastest within a limit is as fast as any', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 9 }), (all, limit) => {
        const times = paths(all)
          .filter((path) => roomOf(path) <= limit)
          .map(timeOf);
        const found = fastestPath(all, LAYERS, limit);
        assert.equal(found && timeOf(found), times.length === 0 ? null : Math.min(...times));
        if (found)
          assert.ok(
            roomOf(found) <= limit && found.every(({ first }, i) => first === (found[i - 1]?.last ?? -1) + 1),
          );
      }),
    );
  });

  it('the least limit within a time is as little as any', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 30 }), (all, time) => {
        const rooms = paths(all)
          .filter((path) => timeOf(path) <= time)
          .map(roomOf);
        assert.equal(leastLimit(all, LAYERS, time), rooms.length === 0 ? null : Math.min(...rooms));
      }),
    );
  });

  it('takes no stage where it gains nothing', () => {
    const single = { first: 0, last: 0, time: 1, room: 5 };
    const stage = { first: 0, last: 1, time: 2, room: 5 };
    assert.deepEqual(fastestPath([stage, single, { ...single, first: 1, last: 1 }], 2, 5)?.length, 2);
  });
});
