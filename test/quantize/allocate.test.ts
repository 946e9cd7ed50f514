import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Allocation, Allocator, type Candidate } from '../../src/quantize/allocate/allocate.js';

const candidate = fc.record({
  loss: fc.integer({ min: 0, max: 1000 }).map((loss) => loss / 1000),
  bytes: fc.integer({ min: 1, max: 50 }),
  time: fc.integer({ min: 1, max: 50 }),
});
const network = fc.array(fc.array(candidate, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

/** The least loss of all choices within a budget. */
function bruteForce(layers: readonly (readonly Candidate[])[], bytes: number, time: number): number | null {
  let choices: Candidate[] = [{ loss: 0, bytes: 0, time: 0 }];
  for (const candidates of layers) {
    choices = choices.flatMap((sum) =>
      candidates.map((one) => ({
        loss: sum.loss + one.loss,
        bytes: sum.bytes + one.bytes,
        time: sum.time + one.time,
      })),
    );
  }
  const within = choices.filter((choice) => choice.bytes <= bytes && choice.time <= time);
  return within.length === 0 ? null : Math.min(...within.map(({ loss }) => loss));
}

describe('allocation of formats', () => {
  let allocator: Allocator;
  before(async () => {
    allocator = await Allocator.create();
  });

  it('is that of brute force, to a thousandth', () => {
    fc.assert(
      fc.property(
        network,
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 150 }),
        (layers, bytes, time) => {
          const best = bruteForce(layers, bytes, time);
          const found = allocator.allocate(layers, { bytes, time });
          if (best === null) return assert.equal(found, null);
          assert.ok(found !== null && found.bytes <= bytes && found.time <= time);
          assert.ok(found.loss <= best * 1.001 + 1e-6, `${found.loss} for ${best}`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has a front whose loss falls as bytes rise, from the smallest choice on', () => {
    fc.assert(
      fc.property(network, (layers) => {
        const front = allocator.front(layers, {}, 6);
        const rises = (of: (point: Allocation) => number) =>
          front.every((point, i) => i === 0 || of(point) > of(front[i - 1]!));
        assert.ok(rises(({ bytes }) => bytes) && rises(({ loss }) => -loss));
        assert.equal(front[0]!.bytes, allocator.smallest(layers).bytes);
      }),
      { numRuns: 20 },
    );
  });
});
