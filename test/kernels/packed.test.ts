import assert from 'node:assert/strict';
import type { OpAttributes, OpKind } from '../../src/graph/ops.js';
import {
  type ElementType,
  type Format,
  INTEGER_RANGE,
  type PackedType,
  perTensor,
  plain,
} from '../../src/graph/tensor.js';
import { isAlias } from '../../src/plan/memory/buffers.js';
import { Folders, planFor } from '../support/artifacts.js';
import { assertCases, CASE_BACKENDS, graphOfCases, type NodeCase, noise } from '../support/node-cases.js';
import { Random } from '../support/random/random.js';
import { Sketch } from '../support/sketch.js';

const PACKED: readonly PackedType[] = ['uint4', 'uint2', 'binary'];
/** Sizes of rows: whole words of some type or not. */
const DEPTHS = [1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 40, 64] as const;
const CASES = 10;

/** Makes cases of one operator with shapes, types and contents from a seed. */
class Maker {
  readonly random: Random;
  readonly type: PackedType;
  readonly format: Format;
  readonly depth: number;
  readonly image: readonly number[];

  constructor(readonly seed: number) {
    const random = new Random(seed * 77 + 5);
    this.random = random;
    this.type = random.pick(PACKED);
    this.format = this.packed(this.type);
    this.depth = random.pick(DEPTHS);
    this.image = [random.integer(1, 2), random.integer(1, 5), random.integer(1, 5), this.depth];
  }

  packed(type: PackedType): Format {
    const zero = type === 'binary' ? 0 : this.random.integer(0, INTEGER_RANGE[type].max);
    return perTensor(type, this.random.powerOfTwo(-3, 3), zero);
  }

  code(): number {
    const { min, max } = INTEGER_RANGE[this.type];
    return this.type === 'binary' ? this.random.pick([min, max]) : this.random.integer(min, max);
  }

  /** A case of inputs and output of given shapes, all of the maker's format unless others are given. */
  case<K extends OpKind>(
    kind: K,
    attributes: OpAttributes[K],
    inputs: readonly (readonly number[])[],
    output: readonly number[],
    from: Format = this.format,
    to: Format = this.format,
  ): NodeCase {
    return {
      kind,
      attributes,
      operands: inputs.map((shape) => ({ shape, format: from })),
      output: { shape: output, format: to },
      contents: inputs.map((shape, i) => noise(from, shape, this.seed + i)),
    };
  }
}

const MAKERS: Readonly<Record<string, (maker: Maker) => NodeCase>> = {
  MAX_POOL_2D(m) {
    const { random, type } = m;
    const axis = (size: number) => {
      const filter = random.integer(1, size);
      const before = random.integer(0, filter - 1);
      const stride = random.integer(1, 3);
      return { filter, stride, before, outputs: Math.floor((size + before - filter) / stride) + 1 };
    };
    const [n, height, width, depth] = m.image as [number, number, number, number];
    const [y, x] = [axis(height), axis(width)];
    const { min, max } = INTEGER_RANGE[type];
    const low = type === 'binary' ? min : random.integer(min, max);
    const clamp = { min: low, max: type === 'binary' ? max : random.integer(low, max) };
    return m.case(
      'MAX_POOL_2D',
      {
        filter: { height: y.filter, width: x.filter },
        stride: { height: y.stride, width: x.stride },
        padding: { top: y.before, bottom: 0, left: x.before, right: 0 },
        clamp,
      },
      [m.image],
      [n, y.outputs, x.outputs, depth],
    );
  },
  PAD(m) {
    const pads = (touch: boolean) => m.image.map((_, d) => (d < 3 || touch ? m.random.integer(0, 2) : 0));
    const touch = m.random.chance(0.5);
    const [before, after] = [pads(touch), pads(touch)];
    const output = m.image.map((size, d) => before[d]! + size + after[d]!);
    return m.case('PAD', { before, after, value: m.code() }, [m.image], output);
  },
  CONCATENATION(m) {
    const axis = m.random.integer(1, 3);
    const sizes = Array.from({ length: m.random.integer(1, 3) }, () =>
      axis === 3 ? m.random.pick(DEPTHS) : m.random.integer(1, 3),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const inputs = sizes.map((size) => m.image.with(axis, size));
    return m.case('CONCATENATION', { axis }, inputs, m.image.with(axis, total));
  },
  TRANSPOSE(m) {
    const perm = m.random.pick([
      [0, 2, 1, 3],
      [0, 3, 1, 2],
      [3, 2, 1, 0],
    ]);
    const output = perm.map((d) => m.image[d]!);
    return m.case('TRANSPOSE', { perm }, [m.image], output);
  },
  STRIDED_SLICE(m) {
    const dims = m.image.map((size, d) => {
      if (d === 3 && m.random.chance(0.4)) return { begin: 0, stride: 1, count: size };
      const begin = m.random.integer(0, size - 1);
      const stride = m.random.pick([-2, -1, 1, 1, 2]);
      const room = Math.floor((stride > 0 ? size - 1 - begin : begin) / Math.abs(stride)) + 1;
      return { begin, stride, count: m.random.integer(1, room) };
    });
    const attributes = { begin: dims.map((d) => d.begin), stride: dims.map((d) => d.stride) };
    return m.case(
      'STRIDED_SLICE',
      attributes,
      [m.image],
      dims.map(({ count }) => count),
    );
  },
  RESHAPE(m) {
    const elements = m.image.reduce((product, size) => product * size, 1);
    const output = m.random.pick([[elements], [m.depth, elements / m.depth], [elements / m.depth, m.depth]]);
    return m.case('RESHAPE', {}, [m.image], output);
  },
  GATHER(m) {
    const indices = [m.random.integer(0, 1), 0, m.random.integer(0, 4)];
    const index = { shape: [3], format: plain('int32'), data: Int32Array.from(indices) };
    const [n, , width, depth] = m.image as [number, number, number, number];
    const made = m.case('GATHER', { axis: 1, batchDims: 0 }, [m.image], [n, 3, width, depth]);
    return { ...made, operands: [...made.operands, index] };
  },
  TABLE(m) {
    const table = Int8Array.from({ length: 256 }, () => m.code());
    return m.case('TABLE', { table }, [m.image], m.image, perTensor('int8', 0.1, 3));
  },
  QUANTIZE(m) {
    const { random } = m;
    const type = random.pick<ElementType>(['int8', 'uint8', 'int16', 'int32', 'float32']);
    const wide = { int8: 0.1, uint8: 0.1, int16: 0.0004, int32: 2 ** -25, float32: 0 }[type as 'int8'];
    const from = type === 'float32' ? plain(type) : perTensor(type, wide, type === 'int8' ? -3 : 0);
    const to = m.packed(random.pick(['uint4', 'uint2']));
    return m.case('QUANTIZE', {}, [m.image], m.image, from, to);
  },
  'QUANTIZE of packed codes'(m) {
    const type = m.random.pick(['int8', 'uint8', 'int16', 'int32', 'uint4', 'uint2'] as const);
    const packed = type === 'uint4' || type === 'uint2';
    const to = packed
      ? m.packed(type)
      : perTensor(type, m.random.powerOfTwo(-5, 2), type === 'int8' ? -7 : 0);
    return m.case('QUANTIZE', {}, [m.image], m.image, m.format, to);
  },
  'QUANTIZE of codes that become bytes, or bytes codes'(m) {
    const packed = m.packed(m.random.pick(['uint4', 'uint2']));
    const isPacking = m.random.chance(0.5);
    const bytes = perTensor('int8', packed.scales[0]!, packed.zeroPoints[0]! - (isPacking ? 128 : 0));
    return m.case(
      'QUANTIZE',
      {},
      [m.image],
      m.image,
      ...(isPacking ? ([bytes, packed] as const) : ([packed, bytes] as const)),
    );
  },
  'QUANTIZE by thresholds'(m) {
    const type = m.random.pick<PackedType | 'int8'>(['int8', ...PACKED]);
    const { min, max } = INTEGER_RANGE[type];
    const most = type === 'binary' ? 1 : max - min;
    const count = m.random.pick([1, most, m.random.integer(1, most)]);
    const values = Float32Array.from({ length: count }, () => m.random.real() * 8 - 4).sort();
    const thresholds = { shape: [count], format: plain('float32'), data: values };
    const made = m.case('QUANTIZE', {}, [m.image], m.image, plain('float32'), perTensor(type, 1, 0));
    made.contents[0]![0] = Number.NaN;
    return { ...made, operands: [...made.operands, thresholds] };
  },
  'ADD by thresholds'(m) {
    const { random, image, depth } = m;
    const types = random.chance(0.4) ? PACKED : (['int8', ...PACKED] as const);
    const [a, b, y] = [random.pick(types), random.pick(types), random.pick(['int8', ...PACKED] as const)];
    const formatOf = (type: PackedType | 'int8') =>
      type === 'int8' ? perTensor(type, 1, random.integer(-9, 9)) : m.packed(type);
    const from = [a, b].map(formatOf);
    const channels = random.pick([1, depth]);
    const weights = Int16Array.from({ length: 2 * channels }, () => random.integer(-300, 300));
    const { min, max } = INTEGER_RANGE[y];
    const count = y === 'binary' ? 1 : random.integer(1, max - min);
    const rows = Array.from({ length: channels }, () =>
      Array.from({ length: count }, () => random.integer(-5000, 5000)).sort((p, q) => p - q),
    );
    const clamp = y === 'binary' ? { min, max } : { min: max - count, max };
    return {
      kind: 'ADD',
      attributes: { clamp },
      operands: [
        ...from.map((format) => ({ shape: image, format })),
        { shape: [channels, 2], format: perTensor('int16', 1, 0), data: weights },
        { shape: [channels, count], format: plain('int32'), data: Int32Array.from(rows.flat()) },
      ],
      output: { shape: image, format: perTensor(y, 1, 0) },
      contents: from.map((format, i) => noise(format, image, m.seed + i)),
    };
  },
  DEQUANTIZE(m) {
    const from = m.random.chance(0.3) ? perTensor('int32', m.random.powerOfTwo(-9, 0), 0) : m.format;
    return m.case('DEQUANTIZE', {}, [m.image], m.image, from, plain('float32'));
  },
};

describe('operators on packed elements equal the oracle', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const cases = Object.values(MAKERS).flatMap((make, i) =>
    Array.from({ length: CASES }, (_, k) => make(new Maker(100 * i + k))),
  );
  for (const backend of CASE_BACKENDS) {
    it(`in ${backend}`, () => assertCases(backend, cases, folders));
  }

  it('and the plan takes the kernels of packed elements for them', () => {
    const used = new Set(
      planFor(graphOfCases(cases), 'host', 'cases').functions.map(({ call }) => call.kernel),
    );
    for (const kernel of [
      'packed_copy',
      'fill_packed',
      'packed_reshape',
      'max_pool_packed',
      'look_up_packed',
      'pack_codes',
      'unpack_codes',
      'add_pairs',
      'add_thresholds',
    ])
      assert.ok(used.has(kernel), kernel);
  });
});

describe('a RESHAPE of packed elements', () => {
  const aliased = (type: PackedType, from: readonly number[], to: readonly number[]) => {
    const format = perTensor(type, 1, 0);
    const sketch = new Sketch();
    const graph = sketch.graph(
      sketch.node('RESHAPE', {}, [sketch.input('x', from, format)], ['y', to, format]),
    );
    return isAlias(graph, graph.nodes[0]!);
  };

  it('shares memory where rows stay, or are whole words before and after', () => {
    assert.ok(aliased('uint4', [1, 1, 1, 10], [1, 10]));
    assert.ok(aliased('binary', [2, 2, 2, 64], [2, 256]));
  });

  it('is a copy where rows end elsewhere', () => {
    assert.ok(!aliased('uint4', [2, 3, 4], [2, 12]));
    assert.ok(!aliased('binary', [2, 2, 2, 32], [2, 64, 2]));
  });
});
