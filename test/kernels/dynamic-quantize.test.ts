import fc from 'fast-check';
import { perTensor, plain, type TypedArray } from '../../src/graph/tensor.js';
import { Folders } from '../support/artifacts.js';
import { assertCases, CASE_BACKENDS, type NodeCase, nodeCase, noise } from '../support/node-cases.js';

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

const SCALES = [1, 0.5, 0.0123, 1e-40, 1e30, Number.POSITIVE_INFINITY];
const ZEROS = [0, 7, 128, 255];
const NO_PADDING = { top: 0, bottom: 0, left: 0, right: 0 };
const CODES = perTensor('int8', 1, -128);

const ofNumbers = fc
  .record({
    kind: fc.constantFrom('DYNAMIC_SCALE' as const, 'DYNAMIC_ZERO_POINT' as const),
    x: numbers,
    scale: fc.constantFrom(...SCALES),
  })
  .map(({ kind, x, scale }) => {
    const count = kind === 'DYNAMIC_SCALE' ? 1 : 2;
    return nodeCase({
      kind,
      attributes: {},
      operands: [
        { shape: [x.length], format: FLOAT },
        { shape: [], format: FLOAT },
      ].slice(0, count),
      output: { shape: [], format: kind === 'DYNAMIC_SCALE' ? FLOAT : BYTE },
      contents: [x, Float32Array.of(scale)].slice(0, count),
    });
  });

const size = fc.integer({ min: 1, max: 5 });
const side = fc.integer({ min: 0, max: 2 });

/** Lists, and images with and without padding. */
const codes = fc
  .record({
    x: numbers,
    scale: fc.constantFrom(...SCALES),
    zero: fc.constantFrom(...ZEROS),
    format: fc.constantFrom(BYTE, CODES),
    image: fc.option(fc.tuple(fc.integer({ min: 1, max: 2 }), size, size, size)),
    padding: fc.record({ top: side, bottom: side, left: side, right: side }),
  })
  .map(({ x, scale, zero, format, image, padding }) => {
    const [n = 0, h = 0, w = 0, c = 0] = image ?? [];
    const { top, bottom, left, right } = padding;
    const shape = image ? [n, h, w, c] : [x.length];
    const data = image ? Float32Array.from({ length: n * h * w * c }, (_, i) => x[i % x.length]!) : x;
    return nodeCase({
      kind: 'DYNAMIC_QUANTIZE',
      attributes: { padding: image ? padding : NO_PADDING },
      operands: [
        { shape, format: FLOAT },
        { shape: [], format: FLOAT },
        { shape: [], format: BYTE },
      ],
      output: { shape: image ? [n, top + h + bottom, left + w + right, c] : shape, format },
      contents: [data, Float32Array.of(scale), Uint8Array.of(zero)],
    });
  });

/** Sums of all magnitudes, which may wrap around. */
const reals = fc
  .record({
    rows: size,
    channels: fc.integer({ min: 1, max: 9 }),
    perChannel: fc.boolean(),
    biased: fc.boolean(),
    scale: fc.constantFrom(1, 0.5, 0.0123, 1e-40),
    zero: fc.constantFrom(...ZEROS),
    bounds: fc.constantFrom([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], [0, 6], [-1e4, 1e5]),
    seed: fc.integer({ min: 0, max: 999 }),
  })
  .map(({ rows, channels, perChannel, biased, scale, zero, bounds, seed }) => {
    const [low, high] = bounds as [number, number];
    const sums = noise(plain('int32'), [rows, channels], seed) as Int32Array;
    const constant = (type: 'int32' | 'float32', count: number, data: TypedArray) => ({
      shape: [count],
      format: plain(type),
      data,
    });
    const totals = noise(plain('int32'), [channels], seed + 1) as Int32Array;
    const scales = noise(FLOAT, [perChannel ? channels : 1], seed + 2);
    return nodeCase({
      kind: 'DYNAMIC_DEQUANTIZE',
      attributes: { low, high },
      operands: [
        { shape: [rows, channels], format: perTensor('int32', 1, 0) },
        { shape: [], format: FLOAT },
        { shape: [], format: BYTE },
        constant(
          'int32',
          channels,
          totals.map((total, c) => total >> ((c * 5 + seed) % 24)),
        ),
        constant('float32', scales.length, scales),
        ...(biased ? [constant('float32', channels, noise(FLOAT, [channels], seed + 3))] : []),
      ],
      output: { shape: [rows, channels], format: FLOAT },
      contents: [sums.map((sum, i) => sum >> ((i * 7) % 31)), Float32Array.of(scale), Uint8Array.of(zero)],
    });
  });

const cases: fc.Arbitrary<NodeCase> = fc.oneof(ofNumbers, codes, reals);

describe('kernels of DynamicQuantizeLinear', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const backend of CASE_BACKENDS) {
    it(`find scale, zero point, codes and what sums of them stand for like the oracle, in ${backend}`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(cases, { minLength: 30, maxLength: 40 }), (some: readonly NodeCase[]) =>
          assertCases(backend, some, folders),
        ),
        { numRuns: 2, endOnFailure: true },
      ));
  }
});
