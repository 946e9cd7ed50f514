import fc from 'fast-check';
import { plain } from '../../src/graph/tensor.js';
import { Folders } from '../support/artifacts.js';
import { assertCases, CASE_BACKENDS, type NodeCase, nodeCase } from '../support/node-cases.js';

const FLOAT = plain('float32');
const BYTE = plain('uint8');

/** Numbers of all magnitudes, halves of steps and what is no number among them. */
const numbers = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.float({ noNaN: true }),
        fc.integer({ min: -600, max: 600 }).map((n) => n / 2),
      ),
      {
        minLength: 1,
        maxLength: 40,
      },
    ),
    fc.constantFrom<readonly number[]>([], [], [Number.NaN], [Number.POSITIVE_INFINITY], [-3e38, 3e38], [-0]),
  )
  .map(([all, more]) => Float32Array.from([...all, ...more]));

const cases = fc
  .record({
    kind: fc.constantFrom(
      'DYNAMIC_SCALE' as const,
      'DYNAMIC_ZERO_POINT' as const,
      'DYNAMIC_QUANTIZE' as const,
    ),
    x: numbers,
    scale: fc.constantFrom(1, 0.5, 0.0123, 1e-40, 1e30, Number.POSITIVE_INFINITY),
    zero: fc.constantFrom(0, 7, 128, 255),
  })
  .map(({ kind, x, scale, zero }) => {
    const operands = [
      { shape: [x.length], format: FLOAT },
      { shape: [], format: FLOAT },
      { shape: [], format: BYTE },
    ];
    const count = { DYNAMIC_SCALE: 1, DYNAMIC_ZERO_POINT: 2, DYNAMIC_QUANTIZE: 3 }[kind];
    return nodeCase({
      kind,
      attributes: {},
      operands: operands.slice(0, count),
      output: {
        shape: kind === 'DYNAMIC_QUANTIZE' ? [x.length] : [],
        format: kind === 'DYNAMIC_SCALE' ? FLOAT : BYTE,
      },
      contents: [x, Float32Array.of(scale), Uint8Array.of(zero)].slice(0, count),
    });
  });

describe('kernels of DynamicQuantizeLinear', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const backend of CASE_BACKENDS) {
    it(`find scale, zero point and codes like the oracle, in ${backend}`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(cases, { minLength: 30, maxLength: 40 }), (some: readonly NodeCase[]) =>
          assertCases(backend, some, folders),
        ),
        { numRuns: 2, endOnFailure: true },
      ));
  }
});
