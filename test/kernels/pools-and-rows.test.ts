import fc from 'fast-check';
import { elementCount, perTensor, plain } from '../../src/graph/tensor.js';
import { Folders } from '../support/artifacts.js';
import { assertCases, CASE_BACKENDS, type NodeCase, nodeCase, noise } from '../support/node-cases.js';

const types = fc.constantFrom<'int8' | 'int16'>('int8', 'int16');
const seeds = fc.integer({ min: 0, max: 9999 });
const int = (min: number, max: number) => fc.integer({ min, max });

/** Windows that reach beyond the image on any side, but never miss it. */
const axis = fc.record({ size: int(1, 9), filter: int(1, 5), stride: int(1, 4) }).chain((a) =>
  fc.record({ before: int(0, a.filter - 1), after: int(0, a.filter - 1) }).map(({ before, after }) => ({
    ...a,
    before,
    after,
    output: Math.floor((a.size + before + after - a.filter) / a.stride) + 1,
  })),
);
const pool = fc
  .record({
    kind: fc.constantFrom('AVERAGE_POOL_2D' as const, 'MAX_POOL_2D' as const),
    type: types,
    y: axis.filter(({ output }) => output > 0),
    x: axis.filter(({ output }) => output > 0),
    batches: int(1, 2),
    channels: fc.constantFrom(1, 3, 8, 11, 16, 20),
    fused: fc.boolean(),
    seed: seeds,
  })
  .filter(({ y, x }) => [y, x].every((a) => (a.output - 1) * a.stride - a.before < a.size))
  .map(({ kind, type, y, x, batches, channels, fused, seed }) => {
    const format = perTensor(type, 0.05, type === 'int8' ? -7 : 0);
    const input = [batches, y.size, x.size, channels];
    const whole = type === 'int8' ? { min: -128, max: 127 } : { min: -32768, max: 32767 };
    return nodeCase({
      kind,
      attributes: {
        filter: { height: y.filter, width: x.filter },
        stride: { height: y.stride, width: x.stride },
        padding: { top: y.before, bottom: y.after, left: x.before, right: x.after },
        clamp: fused ? { min: -7, max: 100 } : whole,
      },
      operands: [{ shape: input, format }],
      output: { shape: [batches, y.output, x.output, channels], format },
      contents: [noise(format, input, seed)],
    });
  });

const reduction = fc
  .record({
    kind: fc.constantFrom('MEAN' as const, 'SUM' as const),
    type: types,
    shape: fc.array(fc.constantFrom(1, 2, 3, 7, 9, 17), { minLength: 1, maxLength: 5 }),
    reduced: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    keep: fc.boolean(),
    scale: fc.constantFrom(0.01, 0.5, 3),
    seed: seeds,
  })
  .filter(({ shape }) => elementCount(shape) <= 3000)
  .map(({ kind, type, shape, reduced, keep, scale, seed }) => {
    const axes = [...shape.keys()].filter((d) => reduced[d]);
    const kept = keep ? shape.map((size, d) => (reduced[d] ? 1 : size)) : shape.filter((_, d) => !reduced[d]);
    const format = perTensor(type, 0.05, type === 'int8' ? 11 : 0);
    const output = perTensor(type, kind === 'SUM' && type === 'int16' ? 1 : 0.05 * scale, 0);
    return nodeCase({
      kind,
      attributes: { axes },
      operands: [{ shape, format }],
      output: { shape: kept, format: output },
      contents: [noise(format, shape, seed)],
    });
  });

const rows = fc
  .record({
    kind: fc.constantFrom('SOFTMAX' as const, 'L2_NORMALIZATION' as const, 'ARG_MAX' as const),
    type: types,
    wide: fc.boolean(),
    shape: fc.tuple(int(1, 4), fc.constantFrom(1, 2, 10, 33)),
    axis: int(0, 1),
    scale: fc.constantFrom(0.001, 0.05, 0.4, 2),
    zeroPoint: fc.constantFrom(-128, 0, 30),
    seed: seeds,
  })
  .map(({ kind, type, wide, shape, axis: along, scale, zeroPoint, seed }) => {
    const short = kind === 'L2_NORMALIZATION' ? 'int8' : type;
    const format = perTensor(short, scale, short === 'int8' ? zeroPoint : 0);
    const outputs = {
      SOFTMAX:
        short === 'int16'
          ? perTensor('int16', 2 ** -15, 0)
          : wide
            ? perTensor('int16', 2 ** -16, -32768)
            : perTensor('int8', 2 ** -8, -128),
      L2_NORMALIZATION: perTensor('int8', 2 ** -7, 0),
      ARG_MAX: plain('int32'),
    };
    return nodeCase({
      kind,
      attributes: kind === 'SOFTMAX' ? { beta: 1 } : kind === 'ARG_MAX' ? { axis: along } : {},
      operands: [{ shape, format }],
      output: { shape: kind === 'ARG_MAX' ? [shape[1 - along]!] : shape, format: outputs[kind] },
      contents: [noise(format, shape, seed)],
    });
  });

/** Rows that are hard on SOFTMAX: all equal and many, one far above the rest, a vanishing and a huge scale. */
const HARD_SOFTMAX: readonly NodeCase[] = [
  { scale: 0.1, row: new Int8Array(2000).fill(5) },
  { scale: 1e-6, row: Int8Array.of(-128, 127, 0) },
  { scale: 8, row: Int8Array.of(-128, 127, 126, 0) },
  { scale: 0.1, row: Int8Array.of(127, ...new Int8Array(999).fill(-128)) },
].map(({ scale, row }) => ({
  kind: 'SOFTMAX',
  attributes: { beta: 1 },
  operands: [{ shape: [row.length], format: perTensor('int8', scale, 3) }],
  output: { shape: [row.length], format: perTensor('int8', 2 ** -8, -128) },
  contents: [row],
}));

describe('kernels of pools, reductions and rows', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const backend of CASE_BACKENDS) {
    const holds = (arbitrary: fc.Arbitrary<NodeCase>) =>
      fc.assert(
        fc.asyncProperty(fc.array(arbitrary, { minLength: 20, maxLength: 25 }), (cases) =>
          assertCases(backend, cases, folders),
        ),
        { numRuns: 2, endOnFailure: true },
      );

    it(`pool like the oracle, in ${backend}`, () => holds(pool));
    it(`reduce along any axes like the oracle, in ${backend}`, () => holds(reduction));
    it(`treat rows like the oracle, in ${backend}`, () => holds(rows));
    it(`survive hard rows of SOFTMAX, in ${backend}`, () => assertCases(backend, HARD_SOFTMAX, folders));
  }
});
