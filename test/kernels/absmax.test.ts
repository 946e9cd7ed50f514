import fc from 'fast-check';
import { elementCount, type Format, INTEGER_RANGE, perTensor, plain } from '../../src/graph/tensor.js';
import { Folders } from '../support/artifacts.js';
import { assertCases, CASE_BACKENDS, type NodeCase, nodeCase, noise } from '../support/node-cases.js';

const SHARES = [127, 128].map((steps) => perTensor('int8', 1 / steps, 0));

const rows = fc
  .record({
    kind: fc.constantFrom('ABSMAX' as const, 'ABSMAX_NORMALIZATION' as const),
    type: fc.constantFrom('int8' as const, 'int16' as const),
    shape: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 3, 8, 11, 16, 40)),
    /** Codes are divided by this power of two: rows of all magnitudes. */
    shift: fc.integer({ min: 0, max: 15 }),
    zeroPoint: fc.constantFrom(-128, 0, 30, 127),
    shares: fc.constantFrom(...SHARES),
    seed: fc.nat(9999),
  })
  .map(({ kind, type, shape, shift, zeroPoint, shares, seed }) => {
    const format = perTensor(type, 0.05, type === 'int8' ? zeroPoint : 0);
    const [count, depth] = shape;
    return nodeCase({
      kind,
      attributes: {},
      operands: [{ shape, format }],
      output:
        kind === 'ABSMAX'
          ? { shape: [count, 1], format: perTensor('int16', 0.05, 0) }
          : { shape: [count, depth], format: shares },
      contents: [(noise(format, shape, seed) as Int16Array).map((code) => code >> shift)],
    });
  });

/** Every distance in rows of every absmax that int8 can have, and int16 rows around powers of two with all that rounds to a half. */
const ALL_SHARES: readonly NodeCase[] = SHARES.flatMap((shares) => [
  divided(
    shares,
    'int8',
    -128,
    Array.from({ length: 256 }, (_, most) => most),
    (most) => Array.from({ length: 256 }, (_, d) => Math.min(d, most)),
  ),
  divided(
    shares,
    'int16',
    0,
    Array.from({ length: 15 }, (_, e) => [2 ** e, 2 ** e + 1, 2 ** (e + 1) - 1]).flat(),
    (most) => [
      ...halves(shares, most).map(Math.ceil),
      ...halves(shares, most).map((half) => -Math.floor(half)),
      most,
      -most,
    ],
  ),
  divided(shares, 'int16', 0, [32768], () => [-32768, 32767, 0, 129, 128, -129]),
]);

/** Distances whose shares are halves of a step. */
function halves({ scales }: Format, most: number): number[] {
  const steps = Math.round(1 / scales[0]!);
  return Array.from({ length: steps }, (_, q) => ((2 * q + 1) * most) / (2 * steps));
}

function divided(
  shares: Format,
  type: 'int8' | 'int16',
  zeroPoint: number,
  maxima: readonly number[],
  distances: (most: number) => readonly number[],
): NodeCase {
  const codes = maxima.map((most) => distances(most).map((d) => d + zeroPoint));
  const shape = [codes.length, codes[0]!.length];
  const data = type === 'int8' ? Int8Array.from(codes.flat()) : Int16Array.from(codes.flat());
  return {
    kind: 'ABSMAX_NORMALIZATION',
    attributes: {},
    operands: [{ shape, format: perTensor(type, 0.05, zeroPoint) }],
    output: { shape, format: shares },
    contents: [data],
  };
}

const rescaled = fc
  .record({
    type: fc.constantFrom('int8' as const, 'int16' as const),
    shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(1, 2, 7, 16)),
    perChannel: fc.boolean(),
    bias: fc.constantFrom(null, 'int32' as const, 'int64' as const),
    factorScale: fc.constantFrom(2 ** -20, 0.001, 0.4),
    zeroPoint: fc.constantFrom(-128, 0, 9),
    fused: fc.boolean(),
    seed: fc.nat(9999),
  })
  .map(({ type, shape, perChannel, bias, factorScale, zeroPoint, fused, seed }) => {
    const [count, outputs] = shape;
    const sums = { shape, format: perTensor('int32', 1 / 127, 0) };
    const factors = { shape: [count, 1], format: perTensor('int16', factorScale, 0) };
    const scales = { shape: [perChannel ? outputs : 1], format: plain('float32') };
    const range = INTEGER_RANGE[type];
    const data = Float32Array.from({ length: elementCount(scales.shape) }, (_, c) => 0.003 * 1.7 ** (c % 5));
    const biases = { shape: [outputs], format: plain(bias ?? 'int32') };
    const biasCodes = noise(biases.format, biases.shape, seed + 1);
    return nodeCase({
      kind: 'RESCALE',
      attributes: { clamp: fused ? { min: -7, max: 100 } : { min: range.min, max: range.max } },
      operands: [
        sums,
        factors,
        { ...scales, data },
        ...(bias
          ? [
              {
                ...biases,
                data: biasCodes instanceof BigInt64Array ? biasCodes.map((b) => b >> 20n) : biasCodes,
              },
            ]
          : []),
      ],
      output: { shape, format: perTensor(type, 40, type === 'int8' ? zeroPoint : 0) },
      contents: [
        (noise(sums.format, shape, seed) as Int32Array).map((sum) => sum >> (seed % 13)),
        noise(factors.format, factors.shape, seed + 2),
      ],
    });
  });

describe('kernels of rows divided by their absmax', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const backend of CASE_BACKENDS) {
    const holds = (arbitrary: fc.Arbitrary<NodeCase>) =>
      fc.assert(
        fc.asyncProperty(fc.array(arbitrary, { minLength: 30, maxLength: 40 }), (cases) =>
          assertCases(backend, cases, folders),
        ),
        { numRuns: 2, endOnFailure: true },
      );

    it(`find it and divide by it like the oracle, in ${backend}`, () => holds(rows));
    it(`divide every distance by every absmax exactly, in ${backend}`, () =>
      assertCases(backend, ALL_SHARES, folders));
    it(`multiply sums by it like the oracle, in ${backend}`, () => holds(rescaled));
  }
});
