import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadBoard } from '../../boards/index.js';
import type { OpKind } from '../../src/graph/ops.js';
import { type ElementType, type Format, perTensor, plain, type TypedArray } from '../../src/graph/tensor.js';
import { selectKernel } from '../../src/kernels/index.js';
import { Folders } from '../support/artifacts.js';
import {
  assertCases,
  CASE_BACKENDS,
  graphOfCases,
  type NodeCase,
  nodeCase,
  noise,
} from '../support/node-cases.js';

const RANGE = { int8: [-128, 127], int16: [-32768, 32767], uint8: [0, 255] } as const;
const scales = fc.double({ min: 0.002, max: 0.2, noNaN: true });
const types = fc.constantFrom<'int8' | 'int16'>('int8', 'int16');
const seeds = fc.integer({ min: 0, max: 9999 });

/** int16 is symmetric; int8 has zero points at its ends as often as inside. */
const format = (type: 'int8' | 'int16') =>
  fc
    .tuple(scales, type === 'int8' ? fc.constantFrom(-128, -77, 0, 5, 127) : fc.constant(0))
    .map(([scale, zeroPoint]) => perTensor(type, scale, zeroPoint));

const clampOf = (type: 'int8' | 'int16', fused: boolean) => ({
  min: fused ? -20 : RANGE[type][0],
  max: fused ? 90 : RANGE[type][1],
});

/** Two shapes that broadcast, and what they broadcast to. */
const broadcasting = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 3, 5, 9, 17), fc.constantFrom('both', 'both', 'a', 'b')), {
    minLength: 1,
    maxLength: 5,
  })
  .filter((dims) => dims.reduce((n, [size]) => n * size, 1) <= 2000)
  .chain((dims) =>
    fc.nat({ max: dims.length - 1 }).map((dropped) => ({
      a: dims.map(([size, of]) => (of === 'b' ? 1 : size)),
      // A shorter shape is as good as leading ones.
      b: dims.map(([size, of], d) => (of === 'a' || d < dropped ? 1 : size)).slice(dropped),
      output: dims.map(([size]) => size),
    })),
  );

const binary = fc
  .tuple(
    fc.constantFrom<OpKind>('ADD', 'SUB', 'MUL', 'MAXIMUM', 'MINIMUM', 'PRELU'),
    types,
    broadcasting,
    seeds,
    fc.boolean(),
    fc.boolean(),
  )
  .chain(([kind, type, shapes, seed, fused, constant]) =>
    fc
      .tuple(format(type), format(kind === 'PRELU' ? 'int8' : type), format(type))
      .map(([a, b, y]): NodeCase => {
        const same = kind === 'MAXIMUM' || kind === 'MINIMUM';
        // TFLM's product of int16 codes overflows where its scale is not below the output's, which is rounded to float32.
        const product = perTensor('int16', Math.max(y.scales[0]!, 1.001 * a.scales[0]! * b.scales[0]!), 0);
        const formats = same ? [a, a, a] : [a, b, kind === 'MUL' && type === 'int16' ? product : y];
        const second = noise(formats[1]!, shapes.b, seed + 1);
        return {
          kind,
          attributes: ['ADD', 'SUB', 'MUL'].includes(kind) ? { clamp: clampOf(type, fused) } : {},
          operands: [
            { shape: shapes.a, format: formats[0]! },
            { shape: shapes.b, format: formats[1]!, ...(constant && { data: second }) },
          ],
          output: { shape: shapes.output, format: formats[2]! },
          contents: [noise(formats[0]!, shapes.a, seed), ...(constant ? [] : [second])],
        };
      }),
  );

const UNARY: readonly OpKind[] = [
  'LOGISTIC',
  'TANH',
  'LEAKY_RELU',
  'RELU',
  'RELU6',
  'RELU_N1_TO_1',
  'HARD_SWISH',
  'GELU',
];

const OUTPUTS: Partial<Record<OpKind, { int8: Format; int16: Format }>> = {
  LOGISTIC: { int8: perTensor('int8', 1 / 256, -128), int16: perTensor('int16', 2 ** -15, 0) },
  TANH: { int8: perTensor('int8', 1 / 128, 0), int16: perTensor('int16', 2 ** -15, 0) },
};

const unary = fc
  .tuple(fc.constantFrom(...UNARY), types, fc.integer({ min: 1, max: 40 }), seeds)
  .filter(([kind, type]) => type === 'int8' || (kind !== 'HARD_SWISH' && kind !== 'GELU'))
  .chain(([kind, type, size, seed]) =>
    fc
      .tuple(
        format(type),
        format(type),
        fc.constantFrom(0.1, -0.4, 1.5),
        fc.constantFrom(2 ** -12, 2 ** -11, 0),
      )
      .map(([x, y, alpha, exact]): NodeCase => {
        const input = type === 'int16' && exact ? perTensor('int16', exact, 0) : x;
        return nodeCase({
          kind,
          attributes:
            kind === 'LEAKY_RELU' ? { alpha } : kind === 'GELU' ? { approximate: seed % 2 === 0 } : {},
          operands: [{ shape: [size], format: input }],
          output: { shape: [size], format: OUTPUTS[kind]?.[type] ?? (kind === 'RELU6' ? input : y) },
          contents: [noise(input, [size], seed)],
        });
      }),
  );

const anyFormat = (type: ElementType): fc.Arbitrary<Format> =>
  type === 'float32'
    ? fc.constant(plain('float32'))
    : fc
        .tuple(scales, fc.integer({ min: 0, max: 100 }))
        .map(([scale, zeroPoint]) =>
          perTensor(type, scale, type === 'int8' || type === 'uint8' ? zeroPoint : 0),
        );

const INTEGERS: readonly ElementType[] = ['int8', 'uint8', 'int16', 'int32'];
const CONVERSIONS: readonly (readonly [ElementType, ElementType])[] = [
  ...INTEGERS.flatMap((from) => INTEGERS.map((to) => [from, to] as const)),
  ...(['int8', 'uint8', 'int16'] as const).flatMap((type) => [
    ['float32', type] as const,
    [type, 'float32'] as const,
  ]),
];

/** Every conversion once. */
const conversions = fc.tuple(seeds, fc.integer({ min: 1, max: 30 })).chain(([seed, size]) =>
  fc.tuple(
    ...CONVERSIONS.map(([from, to], i) =>
      fc.tuple(anyFormat(from), anyFormat(to)).map(
        ([x, y]): NodeCase => ({
          kind: to === 'float32' ? 'DEQUANTIZE' : 'QUANTIZE',
          attributes: {},
          operands: [{ shape: [size], format: x }],
          output: { shape: [size], format: y },
          contents: [noise(x, [size], seed + i)],
        }),
      ),
    ),
  ),
);

/** Ties, neighbours of ties, infinities and what no int32 holds. */
const AWKWARD_FLOATS = Float32Array.of(
  ...[0.5, 1.5, 2.5, 0.49999997, 126.5, 127.5, 128.5, 1e9, 1e20, 1e-40, 0, Infinity].flatMap((x) => [x, -x]),
  Number.NaN,
);

/** A SUB of int8 for which the short form does not exist. */
const SCALED_SUB: NodeCase = {
  kind: 'SUB',
  attributes: { clamp: { min: -128, max: 127 } },
  operands: [
    { shape: [16, 256], format: perTensor('int8', 0.01740879751741886, 22) },
    { shape: [16, 256], format: perTensor('int8', 0.05602654069662094, 93) },
  ],
  output: { shape: [16, 256], format: perTensor('int8', 0.03481759503483772, -125) },
  contents: [1, 2].map((seed) => noise(plain('int8'), [16, 256], seed)),
};

describe('element-wise kernels', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const backend of CASE_BACKENDS) {
    const holds = (arbitrary: fc.Arbitrary<readonly NodeCase[]>) =>
      fc.assert(
        fc.asyncProperty(arbitrary, (cases) => assertCases(backend, cases, folders)),
        { numRuns: 2, endOnFailure: true },
      );

    it(`broadcast two operands like the oracle, in ${backend}`, () =>
      holds(fc.array(binary, { minLength: 25, maxLength: 30 })));

    it(`map codes like the oracle, in ${backend}`, () =>
      holds(fc.array(unary, { minLength: 25, maxLength: 30 })));

    it(`convert between formats like the oracle, in ${backend}`, () => holds(conversions));

    it(`dequantize accumulators by a scale a channel like the oracle, in ${backend}`, () => {
      const shape = [3, 5];
      const steps = Float32Array.of(1, 0.1, 3e-7, 2 ** -20, 7.3);
      const x = perTensor('int32', 1, 0);
      const codes = noise(x, shape, 5) as Int32Array;
      codes.set([2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, 0, -1]);
      const scales = { shape: [5], format: plain('float32'), data: steps };
      const operands = [{ shape, format: x }, scales];
      const output = { shape, format: plain('float32') };
      return assertCases(
        backend,
        [{ kind: 'DEQUANTIZE', attributes: {}, operands, output, contents: [codes] }],
        folders,
      );
    });

    it(`quantize awkward floats like the oracle, in ${backend}`, () =>
      assertCases(
        backend,
        (['int8', 'uint8', 'int16'] as const).map((type) => ({
          kind: 'QUANTIZE',
          attributes: {},
          operands: [{ shape: [AWKWARD_FLOATS.length], format: plain('float32') }],
          output: { shape: [AWKWARD_FLOATS.length], format: perTensor(type, 1, type === 'uint8' ? 128 : 0) },
          contents: [AWKWARD_FLOATS],
        })),
        folders,
      ));

    it(`fall back to the reference's pipeline for int8 sums, in ${backend}`, () => {
      const graph = graphOfCases([SCALED_SUB]);
      const kernel = selectKernel(graph, graph.nodes[0]!, loadBoard('host').target);
      assert.equal(kernel.id, 'add_scaled_s8');
      return assertCases(backend, [SCALED_SUB], folders);
    });

    it(`change between uint8 and int8 of one scale like the oracle, in ${backend}`, () => {
      const bytes = Uint8Array.from({ length: 277 }, (_, i) => i);
      const [unsigned, signed] = [perTensor('uint8', 0.5, 128), perTensor('int8', 0.5, 0)];
      const change = (from: Format, to: Format, contents: TypedArray): NodeCase => ({
        kind: 'QUANTIZE',
        attributes: {},
        operands: [{ shape: [contents.length], format: from }],
        output: { shape: [contents.length], format: to },
        contents: [contents],
      });
      const cases = [
        change(unsigned, signed, bytes),
        change(signed, unsigned, Int8Array.from(bytes)),
        // Of another zero point, codes are saturated.
        change(perTensor('uint8', 0.5, 127), signed, bytes),
        change(unsigned, signed, bytes.subarray(0, 15)),
      ];
      const graph = graphOfCases(cases);
      const rows = graph.nodes.map((node) => selectKernel(graph, node, loadBoard('web').target).id);
      assert.deepEqual(rows, ['flip_bits', 'flip_bits', 'look_up_u8_s8', 'flip_bits']);
      return assertCases(backend, cases, folders);
    });

    it(`map every code by a table, in ${backend}`, () => {
      const codes = Int8Array.from({ length: 256 }, (_, i) => i - 128);
      const format8 = perTensor('int8', 1, 0);
      return assertCases(
        backend,
        [
          {
            kind: 'TABLE',
            attributes: { table: codes.map((code) => code ^ 0x35) },
            operands: [{ shape: [256], format: format8 }],
            output: { shape: [256], format: format8 },
            contents: [codes],
          },
        ],
        folders,
      );
    });
  }
});
